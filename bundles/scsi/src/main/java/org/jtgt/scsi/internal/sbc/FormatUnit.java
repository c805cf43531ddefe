// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.sbc;

import java.nio.ByteBuffer;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Step;
import org.jtgt.scsi.device.Task;

/**
 * FORMAT UNIT (SBC-3 5.3): every block reads as zeros afterwards, and holds no space where the unit
 * is thin. There are no defects to map and there is no protection information.
 */
final class FormatUnit {
  private static final int LONGLIST = 0x20;
  private static final int FMTDATA = 0x10;
  private static final int IMMED = 0x02;
  private static final int INITIALIZATION_PATTERN = 0x08;
  private static final int FORMAT_OPTIONS_VALID = 0x80;
  private static final int OPTIONS = 0x70;

  private static final Step RESERVED = FormatUnit::reserved;
  private static final Step RECEIVED = FormatUnit::received;
  private static final WholeMedium.Order ORDER =
      new WholeMedium.Order(WholeMedium.Kind.FORMAT, false, 1, false, new byte[] {0});

  private FormatUnit() {}

  static void run(Task task) {
    if ((task.cdb(1) & FMTDATA) == 0) {
      if ((task.cdb(1) & 0x2F) != 0) {
        // SBC-3 table 38: without a list there is nothing that they could be about.
        task.check(Sense.invalidFieldInCdb(1, 3));
      } else {
        begin(task, false, 0);
      }
    } else if (task.expectedDataOut() < headerBytes(task)) {
      task.check(Sense.PARAMETER_LIST_LENGTH_ERROR);
    } else {
      task.reserve(headerBytes(task), RESERVED);
    }
  }

  private static int headerBytes(Task task) {
    return (task.cdb(1) & LONGLIST) != 0 ? 8 : 4;
  }

  private static void reserved(Task task) {
    task.receive(headerBytes(task), RECEIVED);
  }

  private static void received(Task task) {
    ByteBuffer list = ByteBuffer.wrap(task.parameterList());
    int flags = list.get(1) & 0xFF;
    boolean longList = headerBytes(task) == 8;
    long defects = longList ? list.getInt(4) & 0xFFFF_FFFFL : list.getShort(2) & 0xFFFF;
    if ((list.get(0) & 0x07) != 0) {
      task.check(Sense.invalidFieldInParameterList(0, 2)); // PROTECTION FIELD USAGE
    } else if ((flags & INITIALIZATION_PATTERN) != 0) {
      task.check(Sense.invalidFieldInParameterList(1, 3));
    } else if ((flags & FORMAT_OPTIONS_VALID) == 0 && (flags & OPTIONS) != 0) {
      task.check(Sense.invalidFieldInParameterList(1, 7));
    } else if (longList && list.get(3) != 0) {
      task.check(Sense.invalidFieldInParameterList(3, 7)); // P_I_INFORMATION, exponent
    } else if (defects != 0) {
      task.check(Sense.invalidFieldInParameterList(longList ? 4 : 2, 7)); // there are none
    } else {
      begin(task, (flags & IMMED) != 0, headerBytes(task));
    }
  }

  private static void begin(Task task, boolean immediate, int parameterBytes) {
    WholeMedium medium = BlockDevice.of(task).wholeMedium();
    new WholeMedium.Start(medium, ORDER, immediate, parameterBytes).run(task);
  }
}
