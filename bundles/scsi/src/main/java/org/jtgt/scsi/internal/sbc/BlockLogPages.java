// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.sbc;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.FreeSpace;
import org.jtgt.scsi.device.LogPage;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.Unit;

/** The log pages of a block device (SPC-4 7.3, SBC-3 6.4). */
final class BlockLogPages {
  /** TEMPERATURE: no sensor (SPC-4 7.3.21). */
  private static final byte NO_TEMPERATURE = (byte) 0xFF;

  static final List<LogPage> ALL =
      List.of(
          new LogPage(0x0C, 0, "Logical Block Provisioning", BlockLogPages::provisioning),
          new LogPage(
              0x0D,
              0,
              "Temperature",
              task -> LogPage.parameter(0x0000, new byte[] {0, NO_TEMPERATURE})),
          new LogPage(0x0E, 0, "Start-Stop Cycle Counter", BlockLogPages::startStop),
          new LogPage(0x19, 0, "General Statistics and Performance", BlockLogPages::statistics),
          // SPC-4 7.3.9: no exception, no temperature
          new LogPage(
              0x2F,
              0,
              "Informational Exceptions",
              task -> LogPage.parameter(0x0000, new byte[] {0, 0, NO_TEMPERATURE, 0})));

  private BlockLogPages() {}

  /** SBC-3 6.4.5: in threshold sets; SCOPE 01b, of this unit. */
  private static byte @Nullable [] provisioning(Task task) {
    Unit unit = task.unit();
    Optional<FreeSpace> space = unit.store().flatMap(store -> store.adapt(FreeSpace.class));
    if (!unit.unmaps() || space.isEmpty()) {
      return null;
    }
    long set = (long) unit.attachedMedium().blockBytes() << ThresholdWatch.EXPONENT;
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      out.writeBytes(LogPage.parameter(0x0001, count(space.get().freeBytes() / set)));
      out.writeBytes(
          LogPage.parameter(0x0002, count((space.get().allocatedBytes() + set - 1) / set)));
      return out.toByteArray();
    } catch (IOException unreadable) {
      return null;
    }
  }

  private static byte[] count(long sets) {
    return ByteBuffer.allocate(8).putInt((int) Math.min(sets, 0xFFFF_FFFFL)).put((byte) 1).array();
  }

  /** SPC-4 7.3.20: no lifetime is specified; the starts counted since the unit was made. */
  private static byte[] startStop(Task task) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(LogPage.parameter(0x0003, ByteBuffer.allocate(4).putInt(0xFFFF_FFFF).array()));
    int starts = BlockDevice.of(task).medium().starts();
    out.writeBytes(LogPage.parameter(0x0004, ByteBuffer.allocate(4).putInt(starts).array()));
    return out.toByteArray();
  }

  /**
   * SPC-4 7.3.6: commands, blocks and command weights. No command is timed: an interval is of zero
   * seconds, and there are none of them.
   */
  private static byte[] statistics(Task task) {
    Unit.Statistics now = task.unit().statistics();
    int block = task.unit().medium().map(Unit.Medium::blockBytes).orElse(512);
    ByteBuffer counts = ByteBuffer.allocate(64);
    counts.putLong(now.readCommands()).putLong(now.writeCommands());
    counts.putLong(now.writtenBytes() / block).putLong(now.readBytes() / block);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    counts.putLong(48, now.commandWeight());
    out.writeBytes(LogPage.parameter(0x0001, counts.array()));
    out.writeBytes(LogPage.parameter(0x0002, new byte[8]));
    out.writeBytes(LogPage.parameter(0x0003, new byte[8]));
    return out.toByteArray();
  }
}
