// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.sbc;

import java.nio.ByteBuffer;
import org.jtgt.backstore.StoreIo.Operation;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.device.Limits;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Step;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.Task.Access;

/**
 * WRITE SAME(10), (16) and (32) (SBC-3 5.43, 5.44, 5.45). Zeros are left to the store, which may
 * unmap when UNMAP is set; any other block is written as often as asked, so that reading gives it
 * back.
 */
final class WriteSame {
  private static final int ANCHOR = 0x10;
  private static final int UNMAP = 0x08;
  private static final int NDOB = 0x01;

  /** What is written at a time. */
  private static final int PIECE_BYTES = 1 << 20;

  private static final Step RESERVED = WriteSame::reserved;
  private static final Step RECEIVED = WriteSame::received;
  private static final Step ZERO = WriteSame::zero;
  private static final Step ZERO_DONE = WriteSame::done;
  private static final Step NEXT = WriteSame::next;
  private static final Step WRITTEN = task -> Range.goOn(task, PIECE_BYTES, WriteSame.NEXT);

  private WriteSame() {}

  static void run(Task task) {
    Range.decode(task);
    int flags = Range.flags(task);
    if ((flags & UNMAP) != 0 && !task.unit().unmaps()) {
      task.check(Sense.invalidFieldInCdb(Range.flagsField(task), 3));
      return;
    }
    if ((flags & ANCHOR) != 0 && (flags & UNMAP) == 0) {
      // SBC-3 table 107: only an unmap can become an anchor operation.
      task.check(Sense.invalidFieldInCdb(Range.flagsField(task), 4));
      return;
    }
    if (Range.refused(task)) {
      return;
    }
    if (task.blocks() == 0) {
      // SBC-3 5.43: up to the last block of the medium.
      task.range(task.lba(), task.unit().attachedMedium().blocks() - task.lba());
    }
    if (task.blocks() == 0) {
      task.check(Sense.LBA_OUT_OF_RANGE);
    } else if (task.blocks() > Limits.WRITE_SAME_BLOCKS) {
      task.check(Sense.invalidFieldInCdb(Range.lengthField(task), 7));
    } else if (withoutData(task)) {
      task.lock(Access.WRITE, ZERO);
    } else if (task.expectedDataOut() != Range.blockBytes(task)) {
      // Not one block: what the initiator means is not what the CDB says, so nothing is written.
      task.check(Sense.invalidFieldInCdb(Range.lengthField(task), 7));
    } else {
      task.reserve(Range.blockBytes(task) + pieceBytes(task), RESERVED);
    }
  }

  private static boolean withoutData(Task task) {
    return task.command().cdbBytes() != 10 && (Range.flags(task) & NDOB) != 0;
  }

  private static int pieceBytes(Task task) {
    return (int) Math.min(PIECE_BYTES, Range.lengthBytes(task));
  }

  private static void reserved(Task task) {
    task.receive(Range.blockBytes(task), RECEIVED);
  }

  private static void received(Task task) {
    byte[] block = Bytes.copy(task.dataOut(), task.dataOutBuffers(), 0, Range.blockBytes(task));
    if (Bytes.zero(block)) {
      task.lock(Access.WRITE, ZERO);
      return;
    }
    ByteBuffer[] pieces = task.allocateDataIn(pieceBytes(task));
    Bytes.fill(pieces, block);
    task.lock(Access.WRITE, NEXT);
  }

  /** An anchored block holds its space and reads as zeros: what WRITE_ZEROES without unmap does. */
  private static void zero(Task task) {
    int flags = Range.flags(task);
    task.io(
        Operation.WRITE_ZEROES,
        Range.offsetBytes(task),
        Range.lengthBytes(task),
        Range.stable(task, false),
        (flags & UNMAP) != 0 && (flags & ANCHOR) == 0,
        ZERO_DONE);
  }

  private static void next(Task task) {
    long left = Range.lengthBytes(task) - task.progress();
    if (left == 0) {
      done(task);
      return;
    }
    long piece = Math.min(left, pieceBytes(task));
    long offset = Range.offsetBytes(task) + task.progress();
    int count = Range.window(task.dataIn(), piece);
    task.progress(task.progress() + piece);
    task.io(
        Operation.WRITE, offset, piece, task.dataIn(), count, Range.stable(task, false), WRITTEN);
  }

  private static void done(Task task) {
    task.end(ScsiStatus.GOOD, 0, withoutData(task) ? 0 : Range.blockBytes(task));
  }
}
