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
    accept(task, START);
  }

  /** Takes a task that begins with a step of its own. */
  void accept(EngineTask task, Step first) {
    task.then(first);
    switch (unit.tasks().enter(task)) {
      case ENABLED -> RunQueue.run(task);
      case DORMANT -> {}
      case FULL -> task.end(ScsiStatus.TASK_SET_FULL, 0, 0);
      case ACA_ACTIVE -> task.end(ScsiStatus.ACA_ACTIVE, 0, 0);
      case BUSY -> task.end(ScsiStatus.BUSY, 0, 0);
    }
  }

  private void start(EngineTask task) {
    Path path = task.path();
    if (path.nexus().isClosed()) {
      // It came while the nexus was being closed, and was not in the set yet.
      unit.abortAll(path.nexus());
      task.run();
      return;
    }
    int opcode = task.cdb(0);
    CommandTable table = unit.commands();
    Command row = table.find(task);
    if (path.hasAttention() && (row == null || !row.is(Trait.IGNORES_UNIT_ATTENTION))) {
      Sense attention = path.reportAttention(task);
      if (attention != null) {
        task.check(attention);
        return;
      }
    }
    if (row == null) {
      task.check(table.hasOpcode(opcode) ? unknownAction(opcode) : unknownCommand);
      return;
    }
    task.command(row);
    Sense inaccessible = path.nexus().portGroup().state().refusal(row);
    if (inaccessible != null) {
      task.check(inaccessible);
      return;
    }
    if (unit.reservations().conflicts(path.nexus().registrant(), row, task.cdb(4))) {
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

  private static Sense unknownAction(int opcode) {
    return opcode == Command.VARIABLE_LENGTH
        ? Sense.invalidFieldInCdb(8, 7)
        : Sense.invalidFieldInCdb(1, 4);
  }

  private @Nullable Sense refusal(EngineTask task, Command row) {
    if (task.attribute() == TaskAttribute.ACA && !task.entry().underAca) {
      // SAM-5 8.6.5: there was no ACA condition that it could belong to.
      return Sense.INVALID_MESSAGE_ERROR;
    }
    int reserved =
        row.cdbBytes() > 16
            ? row.reservedBit(task.cdb64(0), task.cdb64(8), task.cdb64(16), task.cdb64(24))
            : row.reservedBit(task.cdbWord0(), task.cdbWord1());
    if (reserved >= 0) {
      return Sense.invalidFieldInCdb(reserved / 8, reserved % 8);
    }
    Sense state = unit.deviceServer().refusal(task, row);
    if (state != null) {
      return state;
    }
    if (row.is(Trait.WRITES) && unit.attachment().isAttached()) {
      if (unit.readOnly() || task.readOnlyNexus()) {
        return Sense.WRITE_PROTECTED;
      }
      if (unit.softwareWriteProtect()) {
        return Sense.SOFTWARE_WRITE_PROTECTED;
      }
    }
    return null;
  }
}
