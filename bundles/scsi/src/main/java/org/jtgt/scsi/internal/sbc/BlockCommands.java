// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.sbc;

import static org.jtgt.scsi.device.Command.Trait.MEDIUM_ACCESS;
import static org.jtgt.scsi.device.Command.Trait.TRANSFERS_BLOCKS;
import static org.jtgt.scsi.device.Command.Trait.WRITES;
import static org.jtgt.scsi.device.ReservationRule.ALLOWED;

import java.util.ArrayList;
import java.util.List;
import org.jtgt.scsi.device.Command;
import org.jtgt.scsi.device.CommandTable;
import org.jtgt.scsi.device.ReservationRule;
import org.jtgt.scsi.device.Step;
import org.jtgt.scsi.internal.spc.PrimaryCommands;

/** The commands of a direct access block device (SBC-3 clause 5). */
public final class BlockCommands {
  private BlockCommands() {}

  /**
   * The table of a logical unit.
   *
   * @param thin with the commands that only a thin provisioned unit has (SBC-3 4.7.3)
   */
  public static CommandTable table(boolean thin) {
    List<Command> rows = new ArrayList<>(PrimaryCommands.rows());
    rows.add(read("READ(6)", "08 1F FF FF FF 00", ReadWrite::read));
    rows.add(read("READ(10)", "28 18 FF FF FF FF 00 FF FF 00", ReadWrite::read));
    rows.add(read("READ(12)", "A8 18 FF FF FF FF FF FF FF FF 00 00", ReadWrite::read));
    rows.add(read("READ(16)", "88 18" + " FF".repeat(12) + " 00 00", ReadWrite::read));
    rows.add(write("WRITE(6)", "0A 1F FF FF FF 00", ReadWrite::write));
    rows.add(write("WRITE(10)", "2A 18 FF FF FF FF 00 FF FF 00", ReadWrite::write));
    rows.add(write("WRITE(12)", "AA 18 FF FF FF FF FF FF FF FF 00 00", ReadWrite::write));
    rows.add(write("WRITE(16)", "8A 18" + " FF".repeat(12) + " 00 00", ReadWrite::write));
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
    return new CommandTable(rows);
  }

  private static Command read(String name, String usage, Step first) {
    return Command.of(name, usage, ReservationRule.READ, first, MEDIUM_ACCESS, TRANSFERS_BLOCKS);
  }

  private static Command write(String name, String usage, Step first) {
    return Command.of(
        name, usage, ReservationRule.WRITE, first, MEDIUM_ACCESS, TRANSFERS_BLOCKS, WRITES);
  }
}
