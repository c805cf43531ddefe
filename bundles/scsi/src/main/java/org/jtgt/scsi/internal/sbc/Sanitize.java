// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.sbc;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Step;
import org.jtgt.scsi.device.Task;

/**
 * SANITIZE (SBC-3 5.24): OVERWRITE and BLOCK ERASE write every block of the store, CRYPTOGRAPHIC
 * ERASE makes a store that encrypts forget its key, EXIT FAILURE MODE.
 */
final class Sanitize {
  private static final int IMMED = 0x80;
  private static final int AUSE = 0x20;
  private static final int LIST_HEADER_BYTES = 4;

  private static final Step RESERVED = Sanitize::reserved;
  private static final Step RECEIVED = Sanitize::received;
  private static final Step EXIT = Sanitize::exit;

  private Sanitize() {}

  static void overwrite(Task task) {
    int bytes = task.cdb16(7);
    int block = Range.blockBytes(task);
    // SBC-3 5.24.2.2: a header and a pattern of one byte to one block.
    if (bytes <= LIST_HEADER_BYTES || bytes > LIST_HEADER_BYTES + block) {
      task.check(Sense.invalidFieldInCdb(7, 7));
    } else if (task.expectedDataOut() < bytes) {
      task.check(Sense.PARAMETER_LIST_LENGTH_ERROR);
    } else {
      task.reserve(bytes, RESERVED);
    }
  }

  private static void reserved(Task task) {
    task.receive(task.cdb16(7), RECEIVED);
  }

  private static void received(Task task) {
    byte[] list = task.parameterList();
    int flags = list[0] & 0xFF;
    int pattern = ByteBuffer.wrap(list).getShort(2) & 0xFFFF;
    if ((flags & 0x1F) == 0) {
      task.check(Sense.invalidFieldInParameterList(0, 4)); // OVERWRITE COUNT
    } else if ((flags & 0x60) != 0) {
      task.check(Sense.invalidFieldInParameterList(0, 6)); // TEST
    } else if (list[1] != 0) {
      task.check(Sense.invalidFieldInParameterList(1, 7));
    } else if (pattern == 0
        || pattern > Range.blockBytes(task)
        || pattern != list.length - LIST_HEADER_BYTES) {
      task.check(Sense.invalidFieldInParameterList(2, 7));
    } else {
      WholeMedium.Order order =
          new WholeMedium.Order(
              WholeMedium.Kind.OVERWRITE,
              (task.cdb(1) & AUSE) != 0,
              flags & 0x1F,
              (flags & 0x80) != 0,
              Arrays.copyOfRange(list, LIST_HEADER_BYTES, list.length));
      begin(task, order, list.length);
    }
  }

  static void blockErase(Task task) {
    erase(task, WholeMedium.Kind.BLOCK_ERASE);
  }

  static void cryptographicErase(Task task) {
    erase(task, WholeMedium.Kind.CRYPTOGRAPHIC_ERASE);
  }

  private static void erase(Task task, WholeMedium.Kind kind) {
    boolean unrestricted = (task.cdb(1) & AUSE) != 0;
    begin(task, new WholeMedium.Order(kind, unrestricted, 1, false, new byte[] {0}), 0);
  }

  private static void begin(Task task, WholeMedium.Order order, int parameterBytes) {
    WholeMedium medium = BlockDevice.of(task).wholeMedium();
    new WholeMedium.Start(medium, order, (task.cdb(1) & IMMED) != 0, parameterBytes).run(task);
  }

  static void exitFailureMode(Task task) {
    task.mayWait(EXIT);
  }

  private static void exit(Task task) {
    try {
      if (BlockDevice.of(task).wholeMedium().exitFailureMode()) {
        task.good();
      } else {
        // SBC-3 5.24.5: only after a failed operation that allowed it.
        task.check(Sense.invalidFieldInCdb(1, 4));
      }
    } catch (IOException unkept) {
      task.check(Sense.INTERNAL_TARGET_FAILURE);
    }
  }
}
