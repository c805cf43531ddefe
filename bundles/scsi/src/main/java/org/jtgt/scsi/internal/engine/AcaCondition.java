// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.TaskAttribute;

/**
 * The auto contingent allegiance of a task set (SAM-5 5.9), guarded by the set's lock. It exists
 * from a CHECK CONDITION of a command with NACA until it is cleared; meanwhile nothing that waits
 * begins, and only ACA commands of the faulted nexus enter.
 *
 * <p>There is one task set for all nexuses (TST 000b), so it concerns all of them.
 */
final class AcaCondition {
  private static final int PERSISTENT_RESERVE_OUT = 0x5F;
  private static final int PREEMPT_AND_ABORT = 0x05;

  private @Nullable Path faulted;
  private @Nullable EngineTask acaTask;

  boolean exists() {
    return faulted != null;
  }

  /** What becomes of a command that comes while the condition exists (SAM-5 tables 42, 43). */
  TaskSet.Entry enter(EngineTask task) {
    if (task.path() == faulted) {
      if (task.attribute() != TaskAttribute.ACA || acaTask != null) {
        return TaskSet.Entry.ACA_ACTIVE;
      }
      acaTask = task;
      task.entry().underAca = true;
      return TaskSet.Entry.ENABLED;
    }
    if (task.cdb(0) == PERSISTENT_RESERVE_OUT
        && (task.cdb(1) & 0x1F) == PREEMPT_AND_ABORT
        && task.attribute() != TaskAttribute.ACA) {
      return TaskSet.Entry.ENABLED;
    }
    return task.naca() || task.attribute() == TaskAttribute.ACA
        ? TaskSet.Entry.ACA_ACTIVE
        : TaskSet.Entry.BUSY;
  }

  /** A task leaves the set. */
  void leave(EngineTask task, boolean checkCondition) {
    boolean ofAca = task == acaTask;
    if (ofAca) {
      acaTask = null;
    }
    if (checkCondition && task.naca()) {
      faulted = task.path();
    } else if (checkCondition && ofAca) {
      faulted = null;
    }
  }

  /** Clears it when the faulted nexus is meant. */
  boolean clear(Predicate<Nexus> which) {
    Path now = faulted;
    if (now == null || !which.test(now.nexus())) {
      return false;
    }
    faulted = null;
    return true;
  }
}
