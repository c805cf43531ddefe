// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.sbc;

import java.nio.ByteBuffer;
import org.jtgt.backstore.FreeSpace;
import org.jtgt.scsi.device.Limits;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.Unit;

/** The VPD pages of block devices (SBC-3 6.6). */
final class BlockVpdPages {
  private BlockVpdPages() {}

  /** Block Limits (SBC-3 6.6.4). */
  static byte[] blockLimits(Task task) {
    Unit unit = task.unit();
    ByteBuffer out = ByteBuffer.allocate(60);
    unit.medium()
        .ifPresent(medium -> {
          int block = medium.blockBytes();
          out.put(1, (byte) Limits.COMPARE_AND_WRITE_BLOCKS);
          out.putShort(2, (short) (medium.physicalBlockBytes() / block));
          out.putInt(4, unit.maximumTransferBytes() / block);
          out.putInt(
              8, Math.min(medium.optimalTransferBytes(), unit.maximumTransferBytes()) / block);
          if (unit.unmaps()) {
            int granularity = medium.unmapGranularityBytes() / block;
            out.putInt(16, Limits.UNMAP_BLOCKS);
            out.putInt(20, Limits.UNMAP_DESCRIPTORS);
            out.putInt(24, granularity);
            out.putInt(28, 0x8000_0000); // UGAVALID, alignment 0
          }
          out.putLong(32, Limits.WRITE_SAME_BLOCKS);
          // MAXIMUM ATOMIC TRANSFER LENGTH, any alignment and length below; no boundary.
          out.putInt(40, (int) WriteAtomic.maximumBlocks(unit));
        });
    return out.array();
  }

  /** Block Device Characteristics (SBC-3 6.6.2). */
  static byte[] blockDeviceCharacteristics(Task task) {
    ByteBuffer out = ByteBuffer.allocate(60);
    boolean nonRotational = task.unit().medium().map(Unit.Medium::nonRotational).orElse(false);
    out.putShort(0, (short) (nonRotational ? 1 : 0));
    boolean cryptoErase = task.unit().medium().map(Unit.Medium::cryptoErase).orElse(false);
    // WABEREQ 01b, and WACEREQ 01b where it applies: erased blocks can be read (SBC-4 6.6.2)
    out.put(3, (byte) (cryptoErase ? 0x50 : 0x40));
    return out.array();
  }

  /** Logical Block Provisioning (SBC-3 6.6.3). */
  static byte[] logicalBlockProvisioning(Task task) {
    ByteBuffer out = ByteBuffer.allocate(4);
    if (task.unit().unmaps()) {
      boolean counts =
          task.unit().store().flatMap(store -> store.adapt(FreeSpace.class)).isPresent();
      out.put(0, (byte) (counts ? ThresholdWatch.EXPONENT : 0)); // THRESHOLD EXPONENT
      out.put(1, (byte) 0xE6); // LBPU, LBPWS, LBPWS10, LBPRZ, ANC_SUP
      out.put(2, (byte) 0x02); // thin provisioned
    }
    return out.array();
  }
}
