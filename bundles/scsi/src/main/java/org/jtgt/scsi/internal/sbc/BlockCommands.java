// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.sbc;

import static org.jtgt.scsi.device.Command.Trait.DURING_FORMAT;
import static org.jtgt.scsi.device.Command.Trait.LONG_RUNNING;
import static org.jtgt.scsi.device.Command.Trait.MEDIUM_ACCESS;
import static org.jtgt.scsi.device.Command.Trait.TRANSFERS_BLOCKS;
import static org.jtgt.scsi.device.Command.Trait.WRITES;
import static org.jtgt.scsi.device.ReservationRule.ALLOWED;

import java.util.ArrayList;
import java.util.List;
import org.jtgt.scsi.device.Command;
import org.jtgt.scsi.device.Command.Trait;
import org.jtgt.scsi.device.CommandTable;
import org.jtgt.scsi.device.MediumState;
import org.jtgt.scsi.device.ReservationRule;
import org.jtgt.scsi.device.Step;
import org.jtgt.scsi.internal.alua.TargetPortGroups;
import org.jtgt.scsi.internal.copy.CopyCommands;
import org.jtgt.scsi.internal.reservation.ReservationCommands;
import org.jtgt.scsi.internal.spc.PrimaryCommands;

/** The commands of a direct access block device (SBC-3 clause 5). */
public final class BlockCommands {
  // GROUP NUMBER (SBC-3 4.22) is a hint for statistics: taken everywhere, used nowhere.

  private BlockCommands() {}

  private static final CommandTable[] TABLES = new CommandTable[16];

  static {
    for (int i = 0; i < TABLES.length; i++) {
      TABLES[i] = make((i & 1) != 0, (i & 2) != 0, (i & 4) != 0, (i & 8) != 0);
    }
  }

  /**
   * The table of a logical unit.
   *
   * @param thin with the commands that only a thin provisioned unit has (SBC-3 4.7.3)
   * @param removable with those that only a removable medium needs
   * @param atomic with those that need a store with an atomic unit (SBC-4 4.29)
   * @param encrypted with those that need a store that can throw its key away (SBC-3 4.11.1)
   */
  public static CommandTable table(
      boolean thin, boolean removable, boolean atomic, boolean encrypted) {
    return TABLES[(thin ? 1 : 0) | (removable ? 2 : 0) | (atomic ? 4 : 0) | (encrypted ? 8 : 0)];
  }

  private static CommandTable make(
      boolean thin, boolean removable, boolean atomic, boolean encrypted) {
    List<Command> rows = new ArrayList<>(PrimaryCommands.rows());
    rows.add(read("READ(6)", "08 1F FF FF FF 00", ReadWrite::read));
    rows.add(read("READ(10)", "28 18 FF FF FF FF 3F FF FF 00", ReadWrite::read));
    rows.add(read("READ(12)", "A8 18 FF FF FF FF FF FF FF FF 3F 00", ReadWrite::read));
    rows.add(read("READ(16)", "88 18" + " FF".repeat(12) + " 3F 00", ReadWrite::read));
    rows.add(write("WRITE(6)", "0A 1F FF FF FF 00", ReadWrite::write));
    rows.add(write("WRITE(10)", "2A 18 FF FF FF FF 3F FF FF 00", ReadWrite::write));
    rows.add(write("WRITE(12)", "AA 18 FF FF FF FF FF FF FF FF 3F 00", ReadWrite::write));
    rows.add(write("WRITE(16)", "8A 18" + " FF".repeat(12) + " 3F 00", ReadWrite::write));
    rows.add(
        Command.of(
            "READ CAPACITY(10)",
            "25 00 00 00 00 00 00 00 00 00",
            ALLOWED,
            Capacity::ten,
            MEDIUM_ACCESS));
    rows.add(
        Command.ofServiceAction(
            "READ CAPACITY(16)",
            "9E 10 00 00 00 00 00 00 00 00 FF FF FF FF 00 00",
            ALLOWED,
            Capacity::sixteen,
            MEDIUM_ACCESS));
    rows.addAll(ReservationCommands.rows());
    rows.addAll(TargetPortGroups.rows());
    rows.addAll(verifying());
    rows.addAll(atomic());
    rows.addAll(cache());
    rows.addAll(same());
    rows.addAll(wholeMedium());
    rows.addAll(long32());
    rows.addAll(CopyCommands.rows());
    if (atomic) {
      rows.add(write("WRITE ATOMIC(16)", "9C 18" + " FF".repeat(12) + " 3F 00", WriteAtomic::run));
    }
    if (encrypted) {
      rows.add(
          sanitize(
              "CRYPTOGRAPHIC ERASE",
              "48 A3 00 00 00 00 00 00 00 00",
              Sanitize::cryptographicErase));
    }
    if (removable) {
      rows.add(MediumState.preventAllow());
    }
    if (thin) {
      rows.add(
          Command.of(
              "UNMAP",
              "42 01 00 00 00 00 3F FF FF 00",
              ReservationRule.WRITE,
              Unmap::run,
              MEDIUM_ACCESS,
              WRITES));
      rows.add(
          Command.ofServiceAction(
              "GET LBA STATUS",
              "9E 12" + " FF".repeat(12) + " 00 00",
              ReservationRule.READ,
              LbaStatus::run,
              MEDIUM_ACCESS));
    }
    return new CommandTable(rows);
  }

  private static List<Command> verifying() {
    return List.of(
        verify("VERIFY(10)", "2F 16 FF FF FF FF 3F FF FF 00"),
        verify("VERIFY(12)", "AF 16 FF FF FF FF FF FF FF FF 3F 00"),
        verify("VERIFY(16)", "8F 16" + " FF".repeat(12) + " 3F 00"),
        write("WRITE AND VERIFY(10)", "2E 12 FF FF FF FF 3F FF FF 00", Verify::writeAndVerify),
        write(
            "WRITE AND VERIFY(12)", "AE 12 FF FF FF FF FF FF FF FF 3F 00", Verify::writeAndVerify),
        write(
            "WRITE AND VERIFY(16)", "8E 12" + " FF".repeat(12) + " 3F 00", Verify::writeAndVerify));
  }

  private static Command verify(String name, String usage) {
    return Command.of(name, usage, ReservationRule.READ, Verify::verify, MEDIUM_ACCESS);
  }

  private static List<Command> atomic() {
    return List.of(
        write(
            "COMPARE AND WRITE",
            "89 18" + " FF".repeat(8) + " 00 00 00 FF 3F 00",
            CompareAndWrite::run),
        write("ORWRITE(16)", "8B 18" + " FF".repeat(12) + " 3F 00", OrWrite::run));
  }

  private static List<Command> cache() {
    return List.of(
        // Bit 2 of byte 1 is SYNC_NV of SBC-2: obsolete, and all caches are synchronized anyway.
        cache("SYNCHRONIZE CACHE(10)", "35 06 FF FF FF FF 3F FF FF 00", Cache::synchronize),
        cache("SYNCHRONIZE CACHE(16)", "91 06" + " FF".repeat(12) + " 3F 00", Cache::synchronize),
        Command.of(
            "PRE-FETCH(10)",
            "34 02 FF FF FF FF 3F FF FF 00",
            ReservationRule.READ,
            Cache::preFetch,
            MEDIUM_ACCESS),
        Command.of(
            "PRE-FETCH(16)",
            "90 02" + " FF".repeat(12) + " 3F 00",
            ReservationRule.READ,
            Cache::preFetch,
            MEDIUM_ACCESS),
        MediumState.startStopUnit());
  }

  private static Command cache(String name, String usage, Step first) {
    return Command.of(name, usage, ReservationRule.WRITE, first, MEDIUM_ACCESS);
  }

  private static List<Command> same() {
    return List.of(
        Command.of(
            "WRITE SAME(10)",
            "41 18 FF FF FF FF 3F FF FF 00",
            ReservationRule.WRITE,
            WriteSame::run,
            MEDIUM_ACCESS,
            WRITES),
        Command.of(
            "WRITE SAME(16)",
            "93 19" + " FF".repeat(12) + " 3F 00",
            ReservationRule.WRITE,
            WriteSame::run,
            MEDIUM_ACCESS,
            WRITES));
  }

  /** What goes over the whole medium, and its defects. */
  private static List<Command> wholeMedium() {
    return List.of(
        Command.of(
            "FORMAT UNIT",
            "04 3F 00 00 00 00",
            ReservationRule.WRITE,
            FormatUnit::run,
            MEDIUM_ACCESS,
            WRITES,
            DURING_FORMAT,
            LONG_RUNNING),
        sanitize("OVERWRITE", "48 A1 00 00 00 00 00 FF FF 00", Sanitize::overwrite),
        sanitize("BLOCK ERASE", "48 A2 00 00 00 00 00 00 00 00", Sanitize::blockErase),
        sanitize("EXIT FAILURE MODE", "48 9F 00 00 00 00 00 00 00 00", Sanitize::exitFailureMode),
        Command.of(
            "READ DEFECT DATA(10)",
            "37 00 1F 00 00 00 00 FF FF 00",
            ReservationRule.READ,
            DefectData::ten),
        Command.of(
            "READ DEFECT DATA(12)",
            "B7 1F FF FF FF FF FF FF FF FF 00 00",
            ReservationRule.READ,
            DefectData::twelve));
  }

  private static Command sanitize(String name, String usage, Step first) {
    return Command.ofServiceAction(
        "SANITIZE, " + name,
        usage,
        ReservationRule.WRITE,
        first,
        MEDIUM_ACCESS,
        WRITES,
        DURING_FORMAT,
        LONG_RUNNING);
  }

  /**
   * The commands of 32 bytes (SBC-3 5.11 and others): LOGICAL BLOCK ADDRESS in bytes 12 to 19,
   * TRANSFER LENGTH in 28 to 31. The tags between are for protection information, which there is
   * none of.
   */
  private static List<Command> long32() {
    return List.of(
        wide(
            "READ(32)",
            "18 00 09 18 00",
            ReservationRule.READ,
            ReadWrite::read,
            MEDIUM_ACCESS,
            TRANSFERS_BLOCKS),
        wide("VERIFY(32)", "18 00 0A 16 00", ReservationRule.READ, Verify::verify, MEDIUM_ACCESS),
        wide(
            "WRITE(32)",
            "18 00 0B 18 00",
            ReservationRule.WRITE,
            ReadWrite::write,
            MEDIUM_ACCESS,
            TRANSFERS_BLOCKS,
            WRITES),
        wide(
            "WRITE AND VERIFY(32)",
            "18 00 0C 12 00",
            ReservationRule.WRITE,
            Verify::writeAndVerify,
            MEDIUM_ACCESS,
            TRANSFERS_BLOCKS,
            WRITES),
        wide(
            "WRITE SAME(32)",
            "18 00 0D 19 00",
            ReservationRule.WRITE,
            WriteSame::run,
            MEDIUM_ACCESS,
            WRITES));
  }

  private static Command wide(
      String name, String tail, ReservationRule reservation, Step first, Trait... traits) {
    return Command.ofServiceAction(
        name, "7F 00 00 00 00 00 3F " + tail + " FF".repeat(20), reservation, first, traits);
  }

  private static Command read(String name, String usage, Step first) {
    return Command.of(name, usage, ReservationRule.READ, first, MEDIUM_ACCESS, TRANSFERS_BLOCKS);
  }

  private static Command write(String name, String usage, Step first) {
    return Command.of(
        name, usage, ReservationRule.WRITE, first, MEDIUM_ACCESS, TRANSFERS_BLOCKS, WRITES);
  }
}
