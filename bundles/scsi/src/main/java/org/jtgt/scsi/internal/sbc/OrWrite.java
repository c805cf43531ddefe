// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.sbc;

import java.nio.ByteBuffer;
import org.jtgt.backstore.StoreIo.Operation;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.device.Step;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.Task.Access;

/** ORWRITE(16) (SBC-3 5.6): reads, ORs, writes, alone on its range meanwhile. */
final class OrWrite {
  private static final int FUA = 0x08;

  private static final Step RESERVED = OrWrite::reserved;
  private static final Step RECEIVED = OrWrite::received;
  private static final Step LOCKED = OrWrite::read;
  private static final Step READ = OrWrite::or;
  private static final Step WRITTEN = OrWrite::written;

  private OrWrite() {}

  static void run(Task task) {
    Range.decode(task);
    if (Range.refused(task) || Range.tooLong(task)) {
      return;
    }
    int all = (int) Range.lengthBytes(task);
    int block = Range.blockBytes(task);
    long whole = Math.min(task.blocks(), task.expectedDataOut() / block);
    if (whole == 0) {
      task.end(ScsiStatus.GOOD, 0, all);
      return;
    }
    task.keepsake(all);
    task.range(task.lba(), whole);
    task.reserve((int) (2 * whole * block), RESERVED);
  }

  private static void reserved(Task task) {
    task.receive((int) Range.lengthBytes(task), RECEIVED);
  }

  private static void received(Task task) {
    task.allocateDataIn((int) Range.lengthBytes(task));
    task.lock(Access.EXCLUSIVE, LOCKED);
  }

  private static void read(Task task) {
    ByteBuffer[] buffers = task.dataIn();
    task.io(
        Operation.READ,
        Range.offsetBytes(task),
        Range.lengthBytes(task),
        buffers,
        buffers.length,
        false,
        READ);
  }

  private static void or(Task task) {
    int bytes = (int) Range.lengthBytes(task);
    byte[] sent = Bytes.copy(task.dataOut(), task.dataOutBuffers(), 0, bytes);
    int at = 0;
    ByteBuffer[] buffers = task.dataIn();
    for (ByteBuffer buffer : buffers) {
      buffer.rewind();
      for (int i = 0; i < buffer.limit(); i++) {
        buffer.put(i, (byte) (buffer.get(i) | sent[at++]));
      }
    }
    task.io(
        Operation.WRITE,
        Range.offsetBytes(task),
        bytes,
        buffers,
        buffers.length,
        Range.stable(task, (task.cdb(1) & FUA) != 0),
        WRITTEN);
  }

  private static void written(Task task) {
    task.end(ScsiStatus.GOOD, 0, task.keepsake(Integer.class));
  }
}
