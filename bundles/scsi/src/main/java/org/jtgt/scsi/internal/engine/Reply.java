// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.nio.ByteBuffer;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.device.Step;
import org.jtgt.scsi.device.Task;

/** An answer with data that the unit made itself. */
final class Reply {
  /** Replies up to this length are outside the byte budget: the command window bounds them. */
  private static final int SMALL_BYTES = 4096;

  private static final Step SEND = Reply::send;

  private Reply() {}

  /** Ends a command with data, as far as its allocation length goes. */
  static void give(EngineTask task, byte[] data, long allocationLength) {
    int bytes = (int) Math.min(data.length, allocationLength);
    if (bytes == 0 || task.expectedDataIn() == 0) {
      task.end(ScsiStatus.GOOD, bytes, 0);
      return;
    }
    task.keepsake(data);
    task.progress(bytes);
    if (task.reservedBytes() > 0 || bytes <= SMALL_BYTES) {
      // What tells about the unit does not wait behind what its store holds up.
      send(task);
    } else {
      task.reserve(bytes, SEND);
    }
  }

  private static void send(Task task) {
    byte[] data = task.keepsake(byte[].class);
    int bytes = (int) task.progress();
    int at = 0;
    for (ByteBuffer target : task.allocateDataIn(bytes)) {
      int part = Math.min(target.remaining(), bytes - at);
      target.put(target.position(), data, at, part);
      at += part;
    }
    task.end(ScsiStatus.GOOD, bytes, 0);
  }
}
