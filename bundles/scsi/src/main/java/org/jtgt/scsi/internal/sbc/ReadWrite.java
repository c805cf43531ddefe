// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.sbc;

import java.nio.ByteBuffer;
import org.jtgt.backstore.StoreIo.Operation;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.device.Step;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.Task.Access;

/**
 * READ and WRITE (SBC-3 5.8, 5.32): the hot path. When the initiator expects less than the CDB asks
 * for, a read fetches what it expects and a write stores the whole blocks among it; the residual
 * tells the rest.
 */
final class ReadWrite {
  private static final int FUA = 0x08;

  private static final Step READ_RESERVED = ReadWrite::readReserved;
  private static final Step READ_LOCKED = ReadWrite::readLocked;
  private static final Step READ_STABLE = ReadWrite::readStable;
  private static final Step READ_DONE = ReadWrite::readDone;
  private static final Step WRITE_RESERVED = ReadWrite::writeReserved;
  private static final Step WRITE_RECEIVED = ReadWrite::writeReceived;
  private static final Step WRITE_LOCKED = ReadWrite::writeLocked;
  private static final Step WRITE_DONE = ReadWrite::writeDone;

  private ReadWrite() {}

  static void read(Task task) {
    Range.decode(task);
    if (Range.refused(task) || Range.tooLong(task)) {
      return;
    }
    int block = Range.blockBytes(task);
    // Whole blocks that cover what the initiator expects.
    long wanted = Math.min(task.blocks(), ((long) task.expectedDataIn() + block - 1) / block);
    if (wanted == 0) {
      task.end(ScsiStatus.GOOD, (int) Range.lengthBytes(task), 0);
      return;
    }
    task.progress(wanted * block);
    task.reserve((int) task.progress(), READ_RESERVED);
  }

  private static void readReserved(Task task) {
    task.allocateDataIn((int) task.progress());
    task.lock(Access.READ, READ_LOCKED);
  }

  /** FUA: what is read must be on stable storage (SBC-3 5.8), so what is newer goes there first. */
  private static void readLocked(Task task) {
    if (forcesUnitAccess(task) && task.unit().writeCache()) {
      task.io(Operation.FLUSH, 0, 0, false, false, READ_STABLE);
    } else {
      readStable(task);
    }
  }

  private static void readStable(Task task) {
    ByteBuffer[] buffers = task.dataIn();
    task.io(
        Operation.READ,
        Range.offsetBytes(task),
        task.progress(),
        buffers,
        buffers.length,
        false,
        READ_DONE);
  }

  private static void readDone(Task task) {
    for (ByteBuffer buffer : task.dataIn()) {
      buffer.rewind();
    }
    task.end(ScsiStatus.GOOD, (int) Range.lengthBytes(task), 0);
  }

  static void write(Task task) {
    Range.decode(task);
    if (Range.refused(task) || Range.tooLong(task)) {
      return;
    }
    int block = Range.blockBytes(task);
    long whole = Math.min(task.blocks(), task.expectedDataOut() / block);
    if (whole == 0) {
      task.end(ScsiStatus.GOOD, 0, (int) Range.lengthBytes(task));
      return;
    }
    task.progress(whole * block);
    task.reserve((int) task.progress(), WRITE_RESERVED);
  }

  private static void writeReserved(Task task) {
    task.receive((int) task.progress(), WRITE_RECEIVED);
  }

  private static void writeReceived(Task task) {
    task.lock(Access.WRITE, WRITE_LOCKED);
  }

  private static void writeLocked(Task task) {
    task.io(
        Operation.WRITE,
        Range.offsetBytes(task),
        task.progress(),
        task.dataOut(),
        task.dataOutBuffers(),
        Range.stable(task, forcesUnitAccess(task)),
        WRITE_DONE);
  }

  private static void writeDone(Task task) {
    task.end(ScsiStatus.GOOD, 0, (int) Range.lengthBytes(task));
  }

  private static boolean forcesUnitAccess(Task task) {
    return task.command().cdbBytes() != 6 && (Range.flags(task) & FUA) != 0;
  }
}
