// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.device;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The commands of one device type, keyed by opcode and service action. */
public final class CommandTable {
  private final @Nullable Command[] plain = new Command[256];
  private final @Nullable Command[] @Nullable [] actions = new Command[256][];
  private final List<Command> rows;

  /**
   * @throws IllegalArgumentException when two rows have the same key
   */
  public CommandTable(Collection<Command> rows) {
    List<Command> sorted = new ArrayList<>(rows);
    sorted.sort(Comparator.comparingInt(Command::opcode).thenComparingInt(Command::serviceAction));
    this.rows = List.copyOf(sorted);
    for (Command row : this.rows) {
      boolean taken;
      if (row.serviceAction() == Command.NO_SERVICE_ACTION) {
        taken = plain[row.opcode()] != null || actions[row.opcode()] != null;
        plain[row.opcode()] = row;
      } else {
        @Nullable Command[] group = actions[row.opcode()];
        if (group == null) {
          group = new Command[32];
          actions[row.opcode()] = group;
        }
        taken = plain[row.opcode()] != null || group[row.serviceAction()] != null;
        group[row.serviceAction()] = row;
      }
      if (taken) {
        throw new IllegalArgumentException("two commands for the code of " + row.name());
      }
    }
  }

  /** Whether any command has that opcode. */
  public boolean hasOpcode(int opcode) {
    return plain[opcode] != null || actions[opcode] != null;
  }

  /** Whether commands of that opcode are told apart by a service action. */
  public boolean hasServiceActions(int opcode) {
    return actions[opcode] != null;
  }

  /** The row for the first two bytes of a CDB; null when there is none (hot path). */
  public @Nullable Command find(int opcode, int byte1) {
    @Nullable Command[] group = actions[opcode];
    return group == null ? plain[opcode] : group[byte1 & 0x1F];
  }

  /** The row for a whole CDB, whatever its length. */
  public @Nullable Command find(Task task) {
    int opcode = task.cdb(0);
    if (opcode != Command.VARIABLE_LENGTH) {
      return find(opcode, task.cdb(1));
    }
    int action = task.cdb16(8);
    Command row = action > 0x1F ? null : find(opcode, action);
    // SPC-4 4.2.3.2: ADDITIONAL CDB LENGTH is n - 7.
    return row == null || task.cdb(7) != row.cdbBytes() - 8 || task.cdbLength() < row.cdbBytes()
        ? null
        : row;
  }

  /** The row of an opcode and a service action. */
  public Optional<Command> find(int opcode) {
    return Optional.ofNullable(plain[opcode]);
  }

  /** All rows, by opcode, then service action. */
  public List<Command> rows() {
    return rows;
  }
}
