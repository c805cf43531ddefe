// SPDX-License-Identifier: Apache-2.0
package org.jtgt.device.cdrom;

import java.nio.ByteBuffer;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.Unit;

/** READ CAPACITY, READ DISC INFORMATION and MECHANISM STATUS (MMC-6 6.19, 6.22, 6.9). */
final class DiscCommands {
  private DiscCommands() {}

  static void capacity(Task task) {
    Unit.Medium medium = task.unit().attachedMedium();
    ByteBuffer out = ByteBuffer.allocate(8);
    out.putInt((int) Math.min(medium.blocks() - 1, 0xFFFF_FFFFL)).putInt(medium.blockBytes());
    task.reply(out.array(), 8);
  }

  /** One complete session of one track, nothing to be written. */
  static void discInformation(Task task) {
    if ((task.cdb(1) & 0x07) != 0) {
      task.check(Sense.invalidFieldInCdb(1, 2)); // DATA TYPE: standard disc information only
      return;
    }
    ByteBuffer out = ByteBuffer.allocate(34);
    out.putShort(0, (short) 32);
    out.put(2, (byte) 0x0E); // last session complete, disc complete
    out.put(3, (byte) 1).put(4, (byte) 1).put(5, (byte) 1).put(6, (byte) 1);
    out.put(7, (byte) 0x20); // URU
    out.putInt(16, 0xFFFF_FFFF).putInt(20, 0xFFFF_FFFF); // no next session
    task.reply(out.array(), task.cdb16(7));
  }

  static void mechanismStatus(Task task) {
    ByteBuffer out = ByteBuffer.allocate(8);
    boolean open = CdRomDrive.of(task).medium().ejected();
    out.put(1, (byte) (open ? 0x10 : 0)); // DOOR OPEN
    task.reply(out.array(), task.cdb16(8));
  }
}
