// SPDX-License-Identifier: Apache-2.0
package org.jtgt.device.cdrom;

import static org.jtgt.scsi.device.Command.Trait.IGNORES_UNIT_ATTENTION;
import static org.jtgt.scsi.device.Command.Trait.MEDIUM_ACCESS;
import static org.jtgt.scsi.device.Command.Trait.TRANSFERS_BLOCKS;
import static org.jtgt.scsi.device.Command.Trait.WITHOUT_STORE;
import static org.jtgt.scsi.device.ReservationRule.ALLOWED;
import static org.jtgt.scsi.device.ReservationRule.READ;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.device.Command;
import org.jtgt.scsi.device.CommandTable;
import org.jtgt.scsi.device.DeviceServer;
import org.jtgt.scsi.device.MediumState;
import org.jtgt.scsi.device.ModePage;
import org.jtgt.scsi.device.Reservations;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.Unit;
import org.jtgt.scsi.device.UnitAttention;

/** The device server of a CD-ROM or DVD-ROM drive (MMC-6). */
final class CdRomDrive implements DeviceServer, MediumState.Owner {
  /** A disc with more blocks than a CD of 99 minutes is a DVD. */
  static final long LARGEST_CD_BLOCKS = 99L * 60 * 75;

  private static final List<ModePage> MODE_PAGES =
      List.of(
          ModePage.of(0x01, 0, "Read Error Recovery", "00".repeat(10), ""),
          ModePage.of(
              0x0A, 0, "Control", "02 10 00 00 00 00 FF FF 00 00", "04 00 00 00 00 00 00 00 00 00"),
          ModePage.of(0x1A, 0, "Power Condition", "00".repeat(10), ""),
          // MMC-6 E.3.3: reads CD-R, CD-RW, DVD-ROM; tray, eject, lock; 24x of 176 kB/s
          ModePage.of(
              0x2A,
              0,
              "MM Capabilities and Mechanical Status",
              "0B 00 01 00 29 00 1081 0000 0200 1081 00 00 0000 0000 0000",
              ""));

  private final Unit unit;
  private final MediumState medium;
  private final MediaEvents events = new MediaEvents();
  private final CommandTable table;

  CdRomDrive(Unit unit, List<Command> primary) {
    this.unit = unit;
    medium = new MediumState(unit, true);
    table = new CommandTable(rows(primary));
  }

  static CdRomDrive of(Task task) {
    return (CdRomDrive) task.unit().deviceServer();
  }

  private static List<Command> rows(List<Command> primary) {
    List<Command> rows = new ArrayList<>(primary);
    rows.add(MediumState.startStopUnit());
    rows.add(MediumState.preventAllow());
    rows.add(
        Command.of(
            "READ(10)",
            "28 18 FF FF FF FF 00 FF FF 00",
            READ,
            CdRead::run,
            MEDIUM_ACCESS,
            TRANSFERS_BLOCKS));
    rows.add(
        Command.of(
            "READ(12)",
            "A8 18 FF FF FF FF FF FF FF FF 80 00",
            READ,
            CdRead::run,
            MEDIUM_ACCESS,
            TRANSFERS_BLOCKS));
    rows.add(
        Command.of(
            "READ CAPACITY",
            "25 00 00 00 00 00 00 00 00 00",
            ALLOWED,
            DiscCommands::capacity,
            MEDIUM_ACCESS));
    rows.add(
        Command.of(
            "READ TOC/PMA/ATIP", "43 02 0F 00 00 00 FF FF FF 00", READ, Toc::run, MEDIUM_ACCESS));
    rows.add(
        Command.of(
            "READ DISC INFORMATION",
            "51 07 00 00 00 00 00 FF FF 00",
            READ,
            DiscCommands::discInformation,
            MEDIUM_ACCESS));
    rows.add(
        Command.of(
            "GET CONFIGURATION",
            "46 03 FF FF 00 00 00 FF FF 00",
            ALLOWED,
            Features::run,
            IGNORES_UNIT_ATTENTION,
            WITHOUT_STORE));
    rows.add(
        Command.of(
            "GET EVENT STATUS NOTIFICATION",
            "4A 01 00 00 FF 00 00 FF FF 00",
            ALLOWED,
            MediaEvents::run,
            IGNORES_UNIT_ATTENTION,
            WITHOUT_STORE));
    rows.add(
        Command.of(
            "MECHANISM STATUS",
            "BD 00 00 00 00 00 00 00 FF FF 00 00",
            ALLOWED,
            DiscCommands::mechanismStatus,
            WITHOUT_STORE));
    return rows;
  }

  @Override
  public MediumState medium() {
    return medium;
  }

  MediaEvents events() {
    return events;
  }

  /** Whether a disc is in. */
  boolean hasDisc() {
    return !medium.ejected() && unit.store().isPresent();
  }

  /** The operator takes the disc out. */
  void eject() {
    medium.eject();
    events.happened(MediaEvents.REMOVED);
  }

  /** The operator puts it in. */
  void insert() {
    medium.insert(null);
    events.happened(MediaEvents.NEW_MEDIA);
  }

  @Override
  public int peripheralDeviceType() {
    return 0x05;
  }

  @Override
  public boolean removable() {
    return true;
  }

  /** MMC-6, no version claimed (SPC-4 table 142). */
  @Override
  public List<Integer> versionDescriptors() {
    return List.of(0x04E0);
  }

  @Override
  public CommandTable commands() {
    return table;
  }

  @Override
  public List<ModePage> modePages() {
    return MODE_PAGES;
  }

  @Override
  public @Nullable Sense refusal(Task task, Command command) {
    Sense refusal = medium.refusal(command);
    if (refusal == null && command.is(MEDIUM_ACCESS) && unit.store().isEmpty()) {
      return Sense.MEDIUM_NOT_PRESENT;
    }
    return refusal;
  }

  @Override
  public Sense status() {
    return unit.store().isEmpty() ? Sense.MEDIUM_NOT_PRESENT : medium.status();
  }

  @Override
  public void reset() {
    medium.reset();
  }

  @Override
  public void nexusLost(Reservations.Registrant nexus) {
    medium.nexusLost(nexus);
    events.forget(nexus);
  }

  /** Discs are meant to be changed. */
  @Override
  public boolean acceptsAnyMedium() {
    return true;
  }

  @Override
  public void storeAttached(Unit.@Nullable Medium before, Unit.Medium now) {
    // The disc of the configuration goes into a drive whose tray is open, too.
    medium.insert(null);
    unit.establish(UnitAttention.MEDIUM_CHANGED, null);
    events.happened(MediaEvents.NEW_MEDIA);
  }
}
