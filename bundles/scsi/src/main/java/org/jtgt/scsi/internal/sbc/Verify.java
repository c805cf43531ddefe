// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.sbc;

import java.nio.ByteBuffer;
import org.jtgt.backstore.StoreIo.Operation;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.device.Command.Trait;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Step;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.Task.Access;

/**
 * VERIFY and WRITE AND VERIFY (SBC-3 5.29, 5.36): reads the range back piece by piece, and compares
 * it with the Data-Out Buffer where BYTCHK asks for it.
 */
final class Verify {
  /** What is read back at a time. */
  private static final int PIECE_BYTES = 256 << 10;

  /** BYTCHK (SBC-3 table 89). */
  private static final int MEDIUM_ONLY = 0;

  private static final int COMPARE_ALL = 1;
  private static final int COMPARE_ONE = 3;

  private static final Step RESERVED = Verify::reserved;
  private static final Step RECEIVED = Verify::received;
  private static final Step LOCKED = Verify::next;
  private static final Step READ = Verify::read;
  private static final Step WRITE_RESERVED = Verify::writeReserved;
  private static final Step WRITE_RECEIVED = Verify::writeReceived;
  private static final Step WRITE_LOCKED = Verify::writeLocked;
  private static final Step WRITTEN = Verify::written;

  private Verify() {}

  private static int byteCheck(Task task) {
    return Range.flags(task) >> 1 & 0x03;
  }

  /** VERIFY(10), (12), (16), (32). */
  static void verify(Task task) {
    Range.decode(task);
    int byteCheck = byteCheck(task);
    if (byteCheck == 2) {
      task.check(Sense.invalidFieldInCdb(Range.flagsField(task), 2));
      return;
    }
    if (Range.refused(task) || (byteCheck == COMPARE_ALL && Range.tooLong(task))) {
      return;
    }
    if (task.blocks() == 0) {
      task.good();
      return;
    }
    int out = dataOutBytes(task);
    if (out > task.expectedDataOut()) {
      // Blocks that the initiator does not send cannot be compared.
      if (byteCheck == COMPARE_ONE || task.expectedDataOut() < Range.blockBytes(task)) {
        task.end(ScsiStatus.GOOD, 0, out);
        return;
      }
      long whole = task.expectedDataOut() / Range.blockBytes(task);
      task.keepsake(out);
      task.range(task.lba(), whole);
    }
    task.reserve(dataOutBytes(task) + pieceBytes(task), RESERVED);
  }

  private static int dataOutBytes(Task task) {
    return switch (byteCheck(task)) {
      case MEDIUM_ONLY -> 0;
      case COMPARE_ALL -> (int) Range.lengthBytes(task);
      default -> Range.blockBytes(task);
    };
  }

  private static int pieceBytes(Task task) {
    return (int) Math.min(PIECE_BYTES, Range.lengthBytes(task));
  }

  private static void reserved(Task task) {
    int out = dataOutBytes(task);
    if (out == 0) {
      received(task);
    } else {
      task.receive(out, RECEIVED);
    }
  }

  private static void received(Task task) {
    task.allocateDataIn(pieceBytes(task));
    task.lock(Access.READ, LOCKED);
  }

  private static void next(Task task) {
    long left = Range.lengthBytes(task) - task.progress();
    if (left == 0) {
      boolean compared = byteCheck(task) != MEDIUM_ONLY;
      int required = task.keepsake() instanceof Integer all ? all : dataOutBytes(task);
      task.end(ScsiStatus.GOOD, 0, compared || isWrite(task) ? required : 0);
      return;
    }
    long piece = Math.min(left, pieceBytes(task));
    ByteBuffer[] buffers = task.dataIn();
    int count = Range.window(buffers, piece);
    task.io(
        Operation.READ,
        Range.offsetBytes(task) + task.progress(),
        piece,
        buffers,
        count,
        false,
        READ);
  }

  private static void read(Task task) {
    long done = task.progress();
    long piece = Math.min(Range.lengthBytes(task) - done, pieceBytes(task));
    int block = Range.blockBytes(task);
    long wrong =
        switch (byteCheck(task)) {
          case MEDIUM_ONLY -> -1;
          case COMPARE_ALL -> Bytes.mismatch(task, done, task.dataIn(), piece);
          default -> mismatchOfOne(task, piece, block);
        };
    if (wrong >= 0) {
      // SBC-3 5.29: INFORMATION holds the offset of the first byte that differs.
      task.check(Sense.MISCOMPARE_DURING_VERIFY.withInformation(done + wrong));
      return;
    }
    task.progress(done + piece);
    Range.goOn(task, PIECE_BYTES, LOCKED);
  }

  /** Compares every block of a piece with the one that was sent. */
  private static long mismatchOfOne(Task task, long piece, int block) {
    byte[] one = Bytes.copy(task.dataOut(), task.dataOutBuffers(), 0, block);
    return Bytes.mismatchOfRepeated(one, task.dataIn(), piece);
  }

  // --- WRITE AND VERIFY ---

  static void writeAndVerify(Task task) {
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
    task.range(task.lba(), whole);
    task.keepsake(all);
    task.reserve((int) (whole * block) + pieceBytes(task), WRITE_RESERVED);
  }

  private static boolean isWrite(Task task) {
    return task.command().is(Trait.WRITES);
  }

  private static void writeReserved(Task task) {
    task.receive((int) Range.lengthBytes(task), WRITE_RECEIVED);
  }

  private static void writeReceived(Task task) {
    task.lock(Access.WRITE, WRITE_LOCKED);
  }

  private static void writeLocked(Task task) {
    // The verification is of the medium (SBC-3 5.36): the write goes there first.
    ByteBuffer[] data =
        Bytes.views(task.dataOut(), task.dataOutBuffers(), 0, Range.lengthBytes(task));
    task.io(
        Operation.WRITE,
        Range.offsetBytes(task),
        Range.lengthBytes(task),
        data,
        data.length,
        true,
        WRITTEN);
  }

  private static void written(Task task) {
    task.allocateDataIn(pieceBytes(task));
    next(task);
  }
}
