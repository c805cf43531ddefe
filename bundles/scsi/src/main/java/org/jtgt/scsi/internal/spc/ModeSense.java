// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.spc;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.Unit;

/** MODE SENSE(6) and (10) (SPC-4 6.11, 6.12). */
final class ModeSense {
  private static final int ALL_PAGES = 0x3F;
  private static final int ALL_SUBPAGES = 0xFF;

  private ModeSense() {}

  static void six(Task task) {
    run(task, false, task.cdb(4));
  }

  static void ten(Task task) {
    run(task, true, task.cdb16(7));
  }

  private static void run(Task task, boolean ten, int allocationLength) {
    int pageControl = task.cdb(2) >> 6;
    int code = task.cdb(2) & 0x3F;
    int subpage = task.cdb(3);
    if (pageControl == 3) {
      task.check(Sense.SAVING_PARAMETERS_NOT_SUPPORTED);
      return;
    }
    ModePages.Control control = ModePages.Control.values()[pageControl];
    ByteArrayOutputStream pages = new ByteArrayOutputStream();
    boolean found = false;
    for (ModePages.Page page : ModePages.ALL) {
      boolean wanted =
          (code == ALL_PAGES || page.code() == code)
              && (subpage == ALL_SUBPAGES || page.subpage() == subpage);
      if (wanted && (code != ALL_PAGES || subpage == 0 || subpage == ALL_SUBPAGES)) {
        pages.writeBytes(page.bytes(control, task.unit()));
        found = true;
      }
    }
    if (!found) {
      boolean knownCode =
          code == ALL_PAGES || ModePages.ALL.stream().anyMatch(page -> page.code() == code);
      task.check(knownCode ? Sense.invalidFieldInCdb(3, 7) : Sense.invalidFieldInCdb(2, 5));
      return;
    }
    boolean disableDescriptors = (task.cdb(1) & 0x08) != 0;
    boolean longLba = ten && (task.cdb(1) & 0x10) != 0;
    byte[] descriptor =
        disableDescriptors ? new byte[0] : blockDescriptor(task.unit().attachedMedium(), longLba);
    task.reply(
        list(ten, longLba, deviceSpecific(task.unit()), descriptor, pages.toByteArray()),
        allocationLength);
  }

  /** DEVICE-SPECIFIC PARAMETER (SBC-3 6.5.1): WP and DPOFUA. */
  private static int deviceSpecific(Unit unit) {
    return (unit.readOnly() || unit.softwareWriteProtect() ? 0x80 : 0) | 0x10;
  }

  private static byte[] list(
      boolean ten, boolean longLba, int deviceSpecific, byte[] descriptor, byte[] pages) {
    int header = ten ? 8 : 4;
    ByteBuffer out = ByteBuffer.allocate(header + descriptor.length + pages.length);
    if (ten) {
      out.putShort((short) (out.capacity() - 2)).put((byte) 0).put((byte) deviceSpecific);
      out.put((byte) (longLba ? 1 : 0)).put((byte) 0).putShort((short) descriptor.length);
    } else {
      out.put((byte) (out.capacity() - 1)).put((byte) 0).put((byte) deviceSpecific);
      out.put((byte) descriptor.length);
    }
    return out.put(descriptor).put(pages).array();
  }

  /** Short or long LBA mode parameter block descriptor (SBC-3 6.5.2). */
  static byte[] blockDescriptor(Unit.Medium medium, boolean longLba) {
    if (longLba) {
      return ByteBuffer.allocate(16)
          .putLong(medium.blocks())
          .putInt(0)
          .putInt(medium.blockBytes())
          .array();
    }
    return ByteBuffer.allocate(8)
        .putInt((int) Math.min(medium.blocks(), 0xFFFF_FFFFL))
        .putInt(medium.blockBytes())
        .array();
  }
}
