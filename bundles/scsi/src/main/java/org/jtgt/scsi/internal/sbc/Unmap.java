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
 * UNMAP (SBC-3 5.28). Every descriptor is judged before the first block is unmapped; what is
 * unmapped reads as zeros (LBPRZ).
 */
final class Unmap {
  private static final int ANCHOR = 0x01;
  private static final int HEADER_BYTES = 8;
  private static final int DESCRIPTOR_BYTES = 16;

  private static final Step RESERVED = Unmap::reserved;
  private static final Step RECEIVED = Unmap::received;
  private static final Step NEXT = Unmap::next;

  private Unmap() {}

  static void run(Task task) {
    int bytes = task.cdb16(7);
    if (bytes == 0) {
      task.good();
    } else if (bytes < HEADER_BYTES || task.expectedDataOut() < bytes) {
      task.check(Sense.PARAMETER_LIST_LENGTH_ERROR);
    } else {
      task.reserve(bytes, RESERVED);
    }
  }

  private static void reserved(Task task) {
    task.receive(task.cdb16(7), RECEIVED);
  }

  private static void received(Task task) {
    ByteBuffer list = ByteBuffer.wrap(task.parameterList());
    int descriptorBytes = Math.min(list.getShort(2) & 0xFFFF, list.capacity() - HEADER_BYTES);
    int descriptors = descriptorBytes / DESCRIPTOR_BYTES;
    if (descriptors > Limits.UNMAP_DESCRIPTORS) {
      task.check(Sense.invalidFieldInParameterList(2, 7));
      return;
    }
    long capacity = task.unit().attachedMedium().blocks();
    long total = 0;
    long first = Long.MAX_VALUE;
    long end = 0;
    for (int i = 0; i < descriptors; i++) {
      long lba = list.getLong(HEADER_BYTES + i * DESCRIPTOR_BYTES);
      long blocks = list.getInt(HEADER_BYTES + i * DESCRIPTOR_BYTES + 8) & 0xFFFF_FFFFL;
      if (Long.compareUnsigned(lba, capacity) > 0 || capacity - lba < blocks) {
        task.check(Sense.LBA_OUT_OF_RANGE);
        return;
      }
      total += blocks;
      first = Math.min(first, lba);
      end = Math.max(end, lba + blocks);
    }
    if (total > Limits.UNMAP_BLOCKS) {
      task.check(Sense.invalidFieldInParameterList(HEADER_BYTES + 8, 7));
      return;
    }
    if (total == 0) {
      task.end(ScsiStatus.GOOD, 0, task.cdb16(7));
      return;
    }
    task.keepsake(list.limit(HEADER_BYTES + descriptors * DESCRIPTOR_BYTES));
    task.range(first, end - first);
    task.lock(Access.WRITE, NEXT);
  }

  private static void next(Task task) {
    ByteBuffer list = task.keepsake(ByteBuffer.class);
    int at = HEADER_BYTES + (int) task.progress() * DESCRIPTOR_BYTES;
    while (at < list.limit() && list.getInt(at + 8) == 0) {
      at += DESCRIPTOR_BYTES;
    }
    if (at >= list.limit()) {
      task.end(ScsiStatus.GOOD, 0, task.cdb16(7));
      return;
    }
    task.progress((at - HEADER_BYTES) / DESCRIPTOR_BYTES + 1);
    int block = Range.blockBytes(task);
    // ANCHOR: the blocks keep their space and read as zeros.
    boolean anchor = (task.cdb(1) & ANCHOR) != 0;
    task.io(
        anchor ? Operation.WRITE_ZEROES : Operation.UNMAP,
        list.getLong(at) * block,
        (list.getInt(at + 8) & 0xFFFF_FFFFL) * block,
        Range.stable(task, false),
        !anchor,
        NEXT);
  }
}
