// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.spc;

import java.nio.ByteBuffer;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Step;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.UnitAttention;

/**
 * REPORT TIMESTAMP and SET TIMESTAMP (SPC-4 5.2, 6.37, 6.46): the machine's clock, or what was set.
 */
final class Timestamp {
  private static final int LIST_BYTES = 12;

  // TIMESTAMP ORIGIN (SPC-4 table 66).
  private static final int SET = 2;
  private static final int OTHER_METHOD = 3;

  private static final Step RESERVED = task -> task.receive(LIST_BYTES, Timestamp::received);

  private volatile long offsetMillis;
  private volatile int origin = OTHER_METHOD;

  private Timestamp() {}

  private static Timestamp of(Task task) {
    return task.unit().state(Timestamp.class, Timestamp::new);
  }

  static void report(Task task) {
    Timestamp clock = of(task);
    ByteBuffer out = ByteBuffer.allocate(LIST_BYTES);
    out.putShort(0, (short) (LIST_BYTES - 2)).put(2, (byte) clock.origin);
    // TIMESTAMP: six bytes, milliseconds since 1970-01-01
    out.putLong(4, System.currentTimeMillis() + clock.offsetMillis << 16);
    task.reply(out.array(), task.cdb32(6));
  }

  static void set(Task task) {
    long bytes = task.cdb32(6);
    if (bytes == 0) {
      task.good();
    } else if (bytes < LIST_BYTES || task.expectedDataOut() < LIST_BYTES) {
      task.check(Sense.PARAMETER_LIST_LENGTH_ERROR);
    } else {
      task.reserve(LIST_BYTES, RESERVED);
    }
  }

  private static void received(Task task) {
    Timestamp clock = of(task);
    long millis = ByteBuffer.wrap(task.parameterList()).getLong(4) >>> 16;
    clock.offsetMillis = millis - System.currentTimeMillis();
    clock.origin = SET;
    task.unit().establish(UnitAttention.TIMESTAMP_CHANGED, task);
    task.end(ScsiStatus.GOOD, 0, LIST_BYTES);
  }
}
