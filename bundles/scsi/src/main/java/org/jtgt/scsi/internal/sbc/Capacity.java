// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.sbc;

import java.nio.ByteBuffer;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.Unit;

/** READ CAPACITY(10) and (16) (SBC-3 5.15, 5.16). */
final class Capacity {
  private static final int TEN_BYTES = 8;

  private Capacity() {}

  static void ten(Task task) {
    Unit.Medium medium = task.unit().attachedMedium();
    long last = Math.min(medium.blocks() - 1, 0xFFFF_FFFFL);
    ByteBuffer out = ByteBuffer.allocate(TEN_BYTES);
    out.putInt((int) last).putInt(medium.blockBytes());
    task.reply(out.array(), TEN_BYTES);
  }

  static void sixteen(Task task) {
    Unit.Medium medium = task.unit().attachedMedium();
    ByteBuffer out = ByteBuffer.allocate(32);
    out.putLong(medium.blocks() - 1).putInt(medium.blockBytes());
    int ratio = medium.physicalBlockBytes() / medium.blockBytes();
    out.put(13, (byte) Integer.numberOfTrailingZeros(ratio)); // LBPPBE
    if (task.unit().unmaps()) {
      out.put(14, (byte) 0xC0); // LBPME, LBPRZ
    }
    task.reply(out.array(), task.cdb32(10));
  }
}
