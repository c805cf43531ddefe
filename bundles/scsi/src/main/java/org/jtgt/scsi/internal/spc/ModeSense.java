// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.spc;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import org.jtgt.scsi.device.DeviceServer;
import org.jtgt.scsi.device.ModePage;
import org.jtgt.scsi.device.ModeValues;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Step;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.Unit;

/** MODE SENSE(6) and (10) (SPC-4 6.11, 6.12). */
final class ModeSense {
  private static final int ALL_PAGES = 0x3F;
  private static final int ALL_SUBPAGES = 0xFF;

  // PAGE CONTROL (SPC-4 table 182).
  private static final int CHANGEABLE = 1;
  private static final int DEFAULT = 2;
  private static final int SAVED = 3;

  private static final Step ANSWER = ModeSense::answer;

  private ModeSense() {}

  static void run(Task task) {
    if (task.cdb(2) >> 6 == SAVED) {
      // What is saved is read from the state folder.
      task.mayWait(ANSWER);
    } else {
      answer(task);
    }
  }

  private static boolean ten(Task task) {
    return task.command().cdbBytes() == 10;
  }

  private static void answer(Task task) {
    Unit unit = task.unit();
    int code = task.cdb(2) & 0x3F;
    int subpage = task.cdb(3);
    List<ModePage> all = unit.deviceServer().modePages();
    ModeValues values =
        switch (task.cdb(2) >> 6) {
          case DEFAULT -> ModeValues.defaults(all);
          case SAVED -> unit.savedMode();
          default -> unit.mode();
        };
    ByteArrayOutputStream pages = new ByteArrayOutputStream();
    boolean found = false;
    for (ModePage page : all) {
      boolean wanted =
          (code == ALL_PAGES || page.code() == code)
              && (subpage == ALL_SUBPAGES || page.subpage() == subpage);
      if (wanted && (code != ALL_PAGES || subpage == 0 || subpage == ALL_SUBPAGES)) {
        pages.writeBytes(bytes(page, values, task.cdb(2) >> 6 == CHANGEABLE));
        found = true;
      }
    }
    if (!found) {
      boolean knownCode = code == ALL_PAGES || all.stream().anyMatch(page -> page.code() == code);
      task.check(knownCode ? Sense.invalidFieldInCdb(3, 7) : Sense.invalidFieldInCdb(2, 5));
      return;
    }
    boolean disableDescriptors = (task.cdb(1) & 0x08) != 0;
    boolean longLba = ten(task) && (task.cdb(1) & 0x10) != 0;
    byte[] descriptor =
        disableDescriptors
            ? new byte[0]
            : unit.medium().map(medium -> blockDescriptor(medium, longLba)).orElse(new byte[0]);
    task.reply(
        list(task, longLba, descriptor, pages.toByteArray()),
        ten(task) ? task.cdb16(7) : task.cdb(4));
  }

  private static byte[] bytes(ModePage page, ModeValues values, boolean changeable) {
    if (changeable) {
      byte[] mask = page.changeable().clone();
      System.arraycopy(page.defaults(), 0, mask, 0, page.headerBytes());
      return mask;
    }
    byte[] now = values.page(page.key());
    // A page that appeared with its store has no value of its own yet.
    return now.length == page.defaults().length ? now : page.defaults();
  }

  private static byte[] list(Task task, boolean longLba, byte[] descriptor, byte[] pages) {
    boolean ten = ten(task);
    int header = ten ? 8 : 4;
    DeviceServer server = task.unit().deviceServer();
    byte medium = (byte) server.mediumType();
    // WP is bit 7 (SBC-3 6.5.1, SSC-4 8.3).
    byte specific = (byte) (server.modeDeviceSpecific() | (task.readOnlyNexus() ? 0x80 : 0));
    ByteBuffer out = ByteBuffer.allocate(header + descriptor.length + pages.length);
    if (ten) {
      out.putShort((short) (out.capacity() - 2)).put(medium).put(specific);
      out.put((byte) (longLba ? 1 : 0)).put((byte) 0).putShort((short) descriptor.length);
    } else {
      out.put((byte) (out.capacity() - 1)).put(medium).put(specific);
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
