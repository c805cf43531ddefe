// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.sbc;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jtgt.backstore.AllocationMap;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Step;
import org.jtgt.scsi.device.Task;

/** GET LBA STATUS (SBC-3 5.4): what the store really holds. */
final class LbaStatus {
  private static final int HEADER_BYTES = 8;
  private static final int DESCRIPTOR_BYTES = 16;

  /** Descriptors of one answer at most; the initiator asks on from where it ends. */
  private static final int DESCRIPTORS = 1024;

  private static final int MAPPED = 0;
  private static final int DEALLOCATED = 1;
  private static final Step LOOK = LbaStatus::look;

  private LbaStatus() {}

  static void run(Task task) {
    long capacity = task.unit().attachedMedium().blocks();
    task.range(task.cdb64(2), 0);
    if (Long.compareUnsigned(task.lba(), capacity) >= 0) {
      task.check(Sense.LBA_OUT_OF_RANGE);
    } else {
      task.mayWait(LOOK);
    }
  }

  private static void look(Task task) {
    int block = Range.blockBytes(task);
    long end = task.unit().attachedMedium().blocks();
    Optional<AllocationMap> map =
        task.unit().store().flatMap(store -> store.adapt(AllocationMap.class));
    long allocationLength = task.cdb32(10);
    int most = Math.clamp((allocationLength - HEADER_BYTES) / DESCRIPTOR_BYTES, 1, DESCRIPTORS);
    ByteBuffer out = ByteBuffer.allocate(HEADER_BYTES + most * DESCRIPTOR_BYTES);
    out.position(HEADER_BYTES);
    try {
      long lba = task.lba();
      for (int i = 0; i < most && lba < end; i++) {
        Run run = map.isPresent() ? run(map.get(), lba, end, block) : new Run(end - lba, true);
        long blocks = Math.min(run.blocks, 0xFFFF_FFFFL);
        out.putLong(lba).putInt((int) blocks);
        out.put((byte) (run.mapped ? MAPPED : DEALLOCATED)).put(new byte[3]);
        lba += blocks;
      }
    } catch (IOException unreadable) {
      task.check(Sense.INTERNAL_TARGET_FAILURE);
      return;
    }
    out.flip();
    out.putInt(0, out.limit() - 4);
    byte[] data = new byte[out.limit()];
    out.get(0, data);
    task.reply(data, allocationLength);
  }

  /** Blocks of one state. */
  private record Run(long blocks, boolean mapped) {}

  /** A block that holds any space is mapped; extents of the store may be finer than blocks. */
  private static Run run(AllocationMap map, long lba, long end, int block) throws IOException {
    long at = lba * block;
    AllocationMap.Extent extent = map.extentAt(at);
    long whole = extent.lengthBytes() / block;
    if (extent.mapped()) {
      long blocks = (extent.lengthBytes() + block - 1) / block;
      return new Run(Math.min(blocks, end - lba), true);
    }
    return whole == 0 ? new Run(1, true) : new Run(Math.min(whole, end - lba), false);
  }
}
