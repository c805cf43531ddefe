// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who owns a task. At any time exactly one party does: the thread that runs its steps, the store or
 * the transport while it waits for them, or nobody while it is parked (dormant, held, waiting for
 * bytes or a range or data). Whoever {@linkplain #claim claims} a parked task owns it: what resumes
 * it, or what aborts it. An abort only marks a task that has an owner; the owner sees it before its
 * next step. docs/design-scsi.md draws the states.
 *
 * <p>A base class and not a part, so that the hot path reaches it without one more object.
 */
abstract class OwnedTask {
  // Phases. In ACTIVE the task has an owner; in the others up to EVENT it is parked.
  static final int ACTIVE = 0;
  static final int DORMANT = 1;
  static final int HELD = 2;
  static final int BUDGET = 3;
  static final int RANGE = 4;
  static final int RECEIVING = 5;
  static final int EVENT = 6;

  // The transport was asked for data and has not returned yet; it has answered meanwhile.
  static final int ASKING_DATA = 7;
  static final int DATA_ANSWERED = 8;

  private static final VarHandle PHASE;

  static {
    try {
      PHASE = MethodHandles.lookup().findVarHandle(OwnedTask.class, "phase", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private volatile int phase;
  private volatile boolean aborted;
  private boolean tellsAbort;
  private @Nullable List<AbortGroup> abortGroups;

  /** Begins a new life, owned by the caller. */
  final void beginOwned() {
    aborted = false;
    tellsAbort = false;
    abortGroups = null;
    phase = ACTIVE;
  }

  /** Leaves the task to whoever claims it; called under the lock of the queue it waits in. */
  final void park(int newPhase) {
    phase = newPhase;
  }

  /** Becomes the owner of a task parked in {@code from}. */
  final boolean claim(int from) {
    return change(from, ACTIVE);
  }

  /** Goes from one phase to another, unless somebody else did. */
  final boolean change(int from, int to) {
    return PHASE.compareAndSet(this, from, to);
  }

  /** Whether it waits for something of the target's, not the initiator's. */
  final boolean isWaiting() {
    int seen = phase;
    return seen >= DORMANT && seen <= RANGE;
  }

  /** Becomes the owner of a task that {@linkplain #isWaiting waits}. */
  final boolean claimWaiting() {
    int seen = phase;
    return seen >= DORMANT && seen <= RANGE && claim(seen);
  }

  final boolean isAborted() {
    return aborted;
  }

  /**
   * Marks the task, under the lock of its task set.
   *
   * @param tell whether the initiator gets TASK ABORTED; not when anyone aborts it who needs none
   * @return whether it was parked and belongs to the caller now
   */
  final boolean abort(AbortGroup group, boolean tell) {
    if (abortGroups == null) {
      abortGroups = new ArrayList<>(1);
    }
    abortGroups.add(group);
    tellsAbort = tell && (tellsAbort || !aborted);
    aborted = true;
    for (; ; ) {
      int seen = phase;
      if (seen == ACTIVE || seen > EVENT) {
        return false;
      }
      if (claim(seen)) {
        return true;
      }
    }
  }

  /** Marks a task that has its answer already, under the lock of its task set. */
  final void abortAnswered() {
    tellsAbort = false;
    aborted = true;
  }

  /** Whether the abort is answered with TASK ABORTED; under the lock of the task set. */
  final boolean tellsAbort() {
    return tellsAbort;
  }

  /** Whether somebody waits for the end of the task, because it aborted it; under the same lock. */
  final boolean isAbortedBy(AbortGroup group) {
    return abortGroups != null && abortGroups.contains(group);
  }

  /** Those who wait for the end of the task, because they aborted it; null for nobody. */
  final @Nullable List<AbortGroup> abortGroups() {
    return abortGroups;
  }
}
