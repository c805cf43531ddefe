// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.spc;

import java.nio.ByteBuffer;
import org.jtgt.backstore.StoreIo.Operation;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Step;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.Unit;

/**
 * SEND DIAGNOSTIC and RECEIVE DIAGNOSTIC RESULTS (SPC-4 6.42, 6.21). A self-test reads the first
 * and the last block of the medium.
 */
final class Diagnostics {
  private static final int PAGE_FORMAT = 0x10;
  private static final int SELF_TEST = 0x04;

  // SELF-TEST CODE (SPC-4 table 301).
  private static final int BACKGROUND_SHORT = 1;
  private static final int BACKGROUND_EXTENDED = 2;
  private static final int ABORT_BACKGROUND = 4;
  private static final int FOREGROUND_SHORT = 5;
  private static final int FOREGROUND_EXTENDED = 6;

  private static final Step TEST = Diagnostics::test;
  private static final Step TESTED_FIRST = Diagnostics::testedFirst;
  private static final Step GOOD = Task::good;
  private static final Step RECEIVE = task -> task.receive(task.cdb16(3), Diagnostics::received);

  private Diagnostics() {}

  static void send(Task task) {
    int code = task.cdb(1) >> 5;
    boolean selfTest = (task.cdb(1) & SELF_TEST) != 0;
    int bytes = task.cdb16(3);
    if (selfTest && code != 0) {
      task.check(Sense.invalidFieldInCdb(1, 7));
    } else if ((selfTest || code != 0) && bytes != 0) {
      task.check(Sense.invalidFieldInCdb(3, 7));
    } else if (selfTest || code == FOREGROUND_SHORT || code == FOREGROUND_EXTENDED) {
      reserve(task);
    } else if (code == BACKGROUND_SHORT || code == BACKGROUND_EXTENDED) {
      // It is over so soon that it cannot be aborted; nothing reports its result but the log.
      task.unit().background(Diagnostics::reserve, sense -> {});
      task.good();
    } else if (code == ABORT_BACKGROUND) {
      task.good();
    } else if (code != 0) {
      task.check(Sense.invalidFieldInCdb(1, 7));
    } else if (bytes == 0) {
      task.good();
    } else if ((task.cdb(1) & PAGE_FORMAT) == 0) {
      task.check(Sense.invalidFieldInCdb(1, 4));
    } else if (bytes < 4 || task.expectedDataOut() < bytes) {
      task.check(Sense.PARAMETER_LIST_LENGTH_ERROR);
    } else {
      task.reserve(bytes, RECEIVE);
    }
  }

  /** Only the Supported Diagnostic Pages page, which has no content. */
  private static void received(Task task) {
    byte[] list = task.parameterList();
    if (list[0] != 0) {
      task.check(Sense.invalidFieldInParameterList(0, 7));
    } else if (list[2] != 0 || list[3] != 0) {
      task.check(Sense.invalidFieldInParameterList(2, 7));
    } else {
      task.good();
    }
  }

  private static void reserve(Task task) {
    if (task.unit().medium().isEmpty()) {
      task.good();
      return;
    }
    task.reserve(task.unit().attachedMedium().blockBytes(), TEST);
  }

  private static void test(Task task) {
    task.allocateDataIn(task.unit().attachedMedium().blockBytes());
    read(task, 0, TESTED_FIRST);
  }

  private static void testedFirst(Task task) {
    read(task, task.unit().attachedMedium().blocks() - 1, GOOD);
  }

  private static void read(Task task, long lba, Step next) {
    Unit.Medium medium = task.unit().attachedMedium();
    for (ByteBuffer buffer : task.dataIn()) {
      buffer.rewind();
    }
    task.io(
        Operation.READ,
        lba * medium.blockBytes(),
        medium.blockBytes(),
        task.dataIn(),
        task.dataIn().length,
        false,
        next);
  }

  /** Supported Diagnostic Pages (SPC-4 7.2.5): itself. */
  static void receiveResults(Task task) {
    boolean pageCodeValid = (task.cdb(1) & 0x01) != 0;
    if (pageCodeValid && task.cdb(2) != 0) {
      task.check(Sense.invalidFieldInCdb(2, 7));
    } else {
      task.reply(new byte[] {0, 0, 0, 1, 0}, task.cdb16(3));
    }
  }
}
