// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.spc;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Step;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.UnitAttention;

/**
 * REPORT and SET IDENTIFYING INFORMATION (SPC-4 6.32, 6.44): what an initiator wants to remember of
 * a unit, kept over restarts.
 */
final class IdentifyingInformation {
  // INFORMATION TYPE (SPC-4 table 271).
  private static final int PERIPHERAL = 0x00;
  private static final int TEXT = 0x02;
  private static final int SUPPORTED = 0x7F;

  private static final int PERIPHERAL_BYTES = 512;
  private static final int TEXT_BYTES = 256;

  private static final Step REPORT = IdentifyingInformation::reportNow;
  private static final Step RESERVED =
      task -> task.receive((int) task.cdb32(6), IdentifyingInformation::received);
  private static final Step KEEP = IdentifyingInformation::keep;

  private IdentifyingInformation() {}

  private static int type(Task task) {
    return task.cdb(10) >> 1;
  }

  private static String key(Task task) {
    return type(task) == TEXT ? "text" : "identifier";
  }

  static void report(Task task) {
    switch (type(task)) {
      case PERIPHERAL, TEXT -> task.mayWait(REPORT);
      case SUPPORTED -> {
        ByteBuffer out = ByteBuffer.allocate(12);
        out.putShort(2, (short) 8);
        out.put(4, (byte) (PERIPHERAL << 1)).putShort(6, (short) PERIPHERAL_BYTES);
        out.put(8, (byte) (TEXT << 1)).putShort(10, (short) TEXT_BYTES);
        task.reply(out.array(), task.cdb32(6));
      }
      default -> task.check(Sense.invalidFieldInCdb(10, 7));
    }
  }

  private static void reportNow(Task task) {
    byte[] kept = task.unit().memory().load(key(task)).orElse(new byte[0]);
    task.reply(
        ByteBuffer.allocate(4 + kept.length).putInt(kept.length).put(kept).array(), task.cdb32(6));
  }

  static void set(Task task) {
    if (type(task) != PERIPHERAL && type(task) != TEXT) {
      task.check(Sense.invalidFieldInCdb(10, 7));
      return;
    }
    long bytes = task.cdb32(6);
    if (bytes > (type(task) == TEXT ? TEXT_BYTES : PERIPHERAL_BYTES)) {
      task.check(Sense.invalidFieldInCdb(6, 7));
    } else if (task.expectedDataOut() < bytes) {
      task.check(Sense.PARAMETER_LIST_LENGTH_ERROR);
    } else if (bytes == 0) {
      task.keepsake(new byte[0]);
      task.mayWait(KEEP);
    } else {
      task.reserve((int) bytes, RESERVED);
    }
  }

  private static void received(Task task) {
    byte[] list = task.parameterList();
    if (type(task) == TEXT && list[list.length - 1] != 0) {
      // SPC-4 6.44: text ends in a null.
      task.check(Sense.invalidFieldInParameterList(list.length - 1, 7));
      return;
    }
    task.keepsake(list);
    task.mayWait(KEEP);
  }

  private static void keep(Task task) {
    byte[] list = task.keepsake(byte[].class);
    try {
      if (list.length == 0) {
        task.unit().memory().forget(key(task));
      } else {
        task.unit().memory().keep(key(task), list);
      }
    } catch (IOException unkept) {
      task.check(Sense.INTERNAL_TARGET_FAILURE);
      return;
    }
    task.unit().establish(UnitAttention.DEVICE_IDENTIFIER_CHANGED, task);
    task.end(ScsiStatus.GOOD, 0, list.length);
  }
}
