// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.device.UnitAttention;

/** The one end of a task: leaves the task set, answers unless aborted, lets go what waited. */
final class TaskEnd {
  private TaskEnd() {}

  static void end(
      EngineTask task,
      ScsiStatus status,
      byte @Nullable [] sense,
      int requiredDataIn,
      int requiredDataOut) {
    final LogicalUnit from = task.logicalUnit();
    final Path path = task.path();
    final TransferBudget.Account account = path.account();
    final int bytes = task.grantedBytes();
    final boolean fault = status == ScsiStatus.CHECK_CONDITION;
    final int since = task.entry().inSet ? from.tasks().leave(task, fault) : TaskSet.NO_EPOCH;
    final Aborts aborts =
        fault && since >= 0 && !task.isAborted() ? from.afterCheckCondition(path.nexus()) : null;
    final List<AbortGroup> groups = task.abortGroups();
    final EngineTask free = task.entry().takeFreed();
    UnitAttention attention = task.attention();
    if (attention != null && task.isAborted()) {
      path.giveBack(attention);
    }
    if (!task.isOverdue()) {
      from.counters().count(task, status, sense);
    }
    task.letGo();
    boolean given = false;
    try {
      given =
          bytes > 0
              && requiredDataIn > 0
              && since != TaskSet.ABORTED
              && !task.isAborted()
              && account.offer(task.transport(), bytes);
      // After this the transport may use the command, and this object with it, for the next one.
      answer(task, since, status, sense, requiredDataIn, requiredDataOut);
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError bug) {
      // A transport that breaks its contract ends with its command, and holds nobody else up.
      from.reporter().bug(from, bug);
    }
    from.tasks().answers().answered(since);
    if (aborts != null) {
      aborts.carryOut();
      aborts.tellSilenced();
    }
    if (bytes > 0 && !given) {
      from.budget().release(account, bytes);
    }
    letGo(free);
    if (groups != null) {
      groups.forEach(AbortGroup::arrived);
    }
    path.nexus().left();
  }

  private static void answer(
      EngineTask task,
      int since,
      ScsiStatus status,
      byte @Nullable [] sense,
      int requiredDataIn,
      int requiredDataOut) {
    if (since == TaskSet.ABORTED) {
      task.transport().aborted();
      return;
    }
    boolean told = task.isAborted();
    task.transport()
        .complete(
            told ? ScsiStatus.TASK_ABORTED : status,
            told ? null : sense,
            told ? 0 : requiredDataIn,
            told ? 0 : requiredDataOut);
  }

  private static void letGo(@Nullable EngineTask freed) {
    for (EngineTask free = freed; free != null; ) {
      EngineTask after = free.entry().takeFreed();
      RunQueue.run(free);
      free = after;
    }
  }
}
