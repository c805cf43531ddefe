// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.TaskAttribute;
import org.jtgt.scsi.device.Command;
import org.jtgt.scsi.device.Command.Trait;
import org.jtgt.scsi.device.CommandTable;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Step;

/**
 * Admits commands to a logical unit: judges each one before its first step, in the order of
 * precedence that docs/design-scsi.md gives.
 */
final class Admission {
  private static final Step START =
      task -> ((EngineTask) task).logicalUnit().admission().start((EngineTask) task);

  private final LogicalUnit unit;
  private final Sense unknownCommand;

  /**
   * @param unknownCommand what is said of an opcode that the table does not know
   */
  Admission(LogicalUnit unit, Sense unknownCommand) {
    this.unit = unit;
    this.unknownCommand = unknownCommand;
  }

  /** Takes a command that a nexus delivered. */
  void accept(EngineTask task) {
    task.then(START);
    switch (unit.tasks().enter(task)) {
      case ENABLED -> RunQueue.run(task);
      case DORMANT -> {}
      case FULL -> task.end(ScsiStatus.TASK_SET_FULL, 0, 0);
    }
  }

  private void start(EngineTask task) {
    Path path = task.path();
    if (path.nexus().isClosed()) {
      // It came while the nexus was being closed, and was not in the set yet.
      unit.abortAll(other -> other.path().nexus() == path.nexus());
      task.run();
      return;
    }
    int opcode = task.cdb(0);
    CommandTable table = unit.commands();
    Command row = table.find(opcode, task.cdb(1));
    if (path.hasAttention() && (row == null || !row.is(Trait.IGNORES_UNIT_ATTENTION))) {
      Sense attention = path.takeAttention();
      if (attention != null) {
        task.check(attention);
        return;
      }
    }
    if (row == null) {
      task.check(table.hasOpcode(opcode) ? Sense.invalidFieldInCdb(1, 4) : unknownCommand);
      return;
    }
    task.command(row);
    if (unit.reservations().conflicts(path.nexus().registrant(), row)) {
      task.end(ScsiStatus.RESERVATION_CONFLICT, 0, 0);
      return;
    }
    Sense refusal = refusal(task, row);
    if (refusal != null) {
      task.check(refusal);
    } else if (!row.is(Trait.WITHOUT_STORE) && !unit.attachment().isAttached()) {
      task.then(START);
      task.awaitStore(false);
    } else {
      row.first().run(task);
    }
  }

  private @Nullable Sense refusal(EngineTask task, Command row) {
    if (task.attribute() == TaskAttribute.ACA) {
      // SAM-5 8.6.5: there is no ACA condition that it could belong to.
      return Sense.INVALID_MESSAGE_ERROR;
    }
    int reserved = row.reservedBit(task.cdbWord0(), task.cdbWord1());
    if (reserved >= 0) {
      return Sense.invalidFieldInCdb(reserved / 8, reserved % 8);
    }
    if (unit.isStopped() && row.is(Trait.MEDIUM_ACCESS)) {
      return Sense.INITIALIZING_COMMAND_REQUIRED;
    }
    if (row.is(Trait.WRITES) && unit.attachment().isAttached()) {
      if (unit.readOnly()) {
        return Sense.WRITE_PROTECTED;
      }
      if (unit.softwareWriteProtect()) {
        return Sense.SOFTWARE_WRITE_PROTECTED;
      }
    }
    return null;
  }
}
