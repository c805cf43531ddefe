// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.sbc;

import java.nio.ByteBuffer;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Step;
import org.jtgt.scsi.device.Task;

/** The LOGICAL BLOCK ADDRESS and length fields of block commands, and their limits. */
final class Range {
  /** Pieces that a thread does in a row. */
  private static final int PIECES = 16;

  private Range() {}

  /** Keeps the range of a CDB whose fields lie where READ of its length has them (SBC-3 5.8). */
  static void decode(Task task) {
    switch (task.command().cdbBytes()) {
      case 6 -> {
        int blocks = task.cdb(4);
        task.range((task.cdb(1) & 0x1FL) << 16 | task.cdb16(2), blocks == 0 ? 256 : blocks);
      }
      case 10 -> task.range(task.cdb32(2), task.cdb16(7));
      case 12 -> task.range(task.cdb32(2), task.cdb32(6));
      case 32 -> task.range(task.cdb64(12), task.cdb32(28));
      default -> task.range(task.cdb64(2), task.cdb32(10));
    }
  }

  /**
   * Whether the range lies on the medium; if not, ends the task (LOGICAL BLOCK ADDRESS OUT OF
   * RANGE).
   */
  static boolean refused(Task task) {
    long capacity = task.unit().attachedMedium().blocks();
    long lba = task.lba();
    if (Long.compareUnsigned(lba, capacity) > 0 || capacity - lba < task.blocks()) {
      task.check(Sense.LBA_OUT_OF_RANGE);
      return true;
    }
    return false;
  }

  /** Whether the transfer is longer than MAXIMUM TRANSFER LENGTH; if so, ends the task. */
  static boolean tooLong(Task task) {
    long limit = task.unit().maximumTransferBytes() / blockBytes(task);
    if (task.blocks() > limit) {
      task.check(Sense.invalidFieldInCdb(lengthField(task), 7));
      return true;
    }
    return false;
  }

  /** Byte of the CDB at which the length field begins. */
  static int lengthField(Task task) {
    return switch (task.command().cdbBytes()) {
      case 6 -> 4;
      case 10 -> 7;
      case 12 -> 6;
      case 32 -> 28;
      default -> 10;
    };
  }

  /** The byte with DPO and FUA, or BYTCHK: byte 1, or byte 10 of a CDB of 32 bytes. */
  static int flags(Task task) {
    return task.cdb(flagsField(task));
  }

  /** Where {@link #flags} lie. */
  static int flagsField(Task task) {
    return task.command().cdbBytes() == 32 ? 10 : 1;
  }

  static int blockBytes(Task task) {
    return task.unit().attachedMedium().blockBytes();
  }

  /** First byte of the range in the store. */
  static long offsetBytes(Task task) {
    return task.lba() * blockBytes(task);
  }

  /** Length of the range in bytes. */
  static long lengthBytes(Task task) {
    return task.blocks() * blockBytes(task);
  }

  /** FUA, or the write cache is off: the write is on stable storage before GOOD. */
  static boolean stable(Task task, boolean forceUnitAccess) {
    return forceUnitAccess || !task.unit().writeCache();
  }

  /**
   * Goes on after a piece; after every few of them elsewhere, because a store that answers at once
   * would keep the thread that brought the command.
   */
  static void goOn(Task task, int pieceBytes, Step next) {
    if (task.progress() / pieceBytes % PIECES == PIECES - 1) {
      task.mayWait(next);
    } else {
      next.run(task);
    }
  }

  /** Makes the first {@code bytes} of buffers theirs to fill or drain; the rest is left out. */
  static int window(ByteBuffer[] buffers, long bytes) {
    int count = 0;
    for (long left = bytes; left > 0; count++) {
      ByteBuffer buffer = buffers[count];
      buffer.clear().limit((int) Math.min(buffer.capacity(), left));
      left -= buffer.limit();
    }
    return count;
  }
}
