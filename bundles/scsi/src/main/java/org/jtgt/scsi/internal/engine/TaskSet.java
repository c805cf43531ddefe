// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.TaskAttribute;
import org.jtgt.scsi.device.Task.Access;

/**
 * The task set of a logical unit (SAM-5 clause 8): the tasks in the order in which they came, which
 * of them may run, the ranges they lock, and their abort.
 *
 * <p>All under one lock that is held for a few instructions only, never while a store or a
 * transport is called.
 */
final class TaskSet {
  /** {@link #leave}: aborted, must not answer. */
  static final int ABORTED = -1;

  /** Never was in the set. */
  static final int NO_EPOCH = -2;

  /** More commands than this are answered TASK SET FULL (SAM-5 5.3.1). */
  static final int CAPACITY = 4096;

  private @Nullable EngineTask first;
  private @Nullable EngineTask last;
  private int size;
  private int headOfQueue;
  private int ordered;
  private int dormant;
  private int exclusive;
  private int rangeWaiters;
  private long rangeTurns;
  private final AcaCondition aca = new AcaCondition();

  private final AnswerEpochs answers = new AnswerEpochs(this);

  /** What became of a task that entered. */
  enum Entry {
    /** It may run. */
    ENABLED,
    /** It waits for those before it (SAM-5 8.5.2). */
    DORMANT,
    /** There is no room. */
    FULL,
    /** An ACA condition exists: status ACA ACTIVE (SAM-5 5.9.3). */
    ACA_ACTIVE,
    /** An ACA condition of another nexus exists: status BUSY (SAM-5 5.9.4). */
    BUSY
  }

  synchronized Entry enter(EngineTask task) {
    Path path = task.path();
    // What the unit does by itself is refused nothing. A nexus may add while it has at most as many
    // as are free, so that it cannot take all of the set.
    boolean own = path.nexus().isOfUnit();
    if (!own && path.inSet >= CAPACITY - size) {
      return Entry.FULL;
    }
    Entry underAca = aca.exists() && !own ? aca.enter(task) : Entry.DORMANT;
    if (underAca == Entry.ACA_ACTIVE || underAca == Entry.BUSY) {
      return underAca;
    }
    boolean runs =
        underAca == Entry.ENABLED
            || switch (task.attribute()) {
              case SIMPLE, ACA -> headOfQueue == 0 && ordered == 0;
              case ORDERED -> size == 0;
              case HEAD_OF_QUEUE -> true;
            };
    SetEntry entry = task.entry();
    entry.previous = last;
    entry.next = null;
    if (last == null) {
      first = task;
    } else {
      last.entry().next = task;
    }
    last = task;
    size++;
    path.inSet++;
    entry.inSet = true;
    count(task.attribute(), 1);
    if (runs) {
      return Entry.ENABLED;
    }
    dormant++;
    entry.dormant = true;
    task.park(EngineTask.DORMANT);
    return Entry.DORMANT;
  }

  private void count(TaskAttribute attribute, int by) {
    switch (attribute) {
      case HEAD_OF_QUEUE -> headOfQueue += by;
      case ORDERED -> ordered += by;
      case SIMPLE, ACA -> {}
    }
  }

  /**
   * Takes a task out, and chains those that may run now behind it.
   *
   * @param checkCondition whether it ends with CHECK CONDITION
   * @return the epoch for {@link AnswerEpochs#answered}, or {@link #ABORTED}
   */
  synchronized int leave(EngineTask task, boolean checkCondition) {
    SetEntry entry = task.entry();
    EngineTask previous = entry.previous;
    EngineTask next = entry.next;
    if (previous == null) {
      first = next;
    } else {
      previous.entry().next = next;
    }
    if (next == null) {
      last = previous;
    } else {
      next.entry().previous = previous;
    }
    entry.previous = null;
    entry.next = null;
    size--;
    task.path().inSet--;
    count(task.attribute(), -1);
    if (entry.dormant) {
      dormant--;
    }
    Access access = entry.access;
    if (access != null) {
      unlock(task, access);
    }
    boolean silent = task.isAborted() && !task.tellsAbort();
    aca.leave(task, checkCondition && !task.isAborted());
    if (dormant > 0) {
      enable(task.entry()::frees);
    }
    if (silent) {
      return ABORTED;
    }
    return answers.begin();
  }

  /** Enables what SAM-5 8.6 lets run now. */
  private void enable(Consumer<EngineTask> runs) {
    if (headOfQueue > 0 || aca.exists()) {
      return;
    }
    for (EngineTask task = first; task != null && dormant > 0; task = task.entry().next) {
      boolean barrier = task.attribute() == TaskAttribute.ORDERED;
      if (task.entry().dormant && (!barrier || task == first) && task.claim(EngineTask.DORMANT)) {
        task.entry().dormant = false;
        dormant--;
        runs.accept(task);
      }
      if (barrier) {
        return;
      }
    }
  }

  // --- ranges ---

  /**
   * Locks the range of a task, or leaves it parked in {@link EngineTask#RANGE}.
   *
   * @return whether it has the range
   */
  synchronized boolean lock(EngineTask task, Access access) {
    SetEntry entry = task.entry();
    entry.access = access;
    entry.waitsForRange = true;
    if (access == Access.EXCLUSIVE) {
      exclusive++;
    }
    if ((exclusive == 0 && rangeWaiters == 0) || !conflicts(task)) {
      entry.waitsForRange = false;
      return true;
    }
    rangeWaiters++;
    entry.rangeTurn = ++rangeTurns;
    task.park(EngineTask.RANGE);
    return false;
  }

  /** Whether another task holds, or asked earlier for, what does not go with this one's range. */
  private boolean conflicts(EngineTask task) {
    SetEntry mine = task.entry();
    for (EngineTask other = first; other != null; other = other.entry().next) {
      SetEntry its = other.entry();
      if (other == task || its.access == null) {
        continue;
      }
      if (its.waitsForRange
          && mine.waitsForRange
          && mine.rangeTurn != 0
          && its.rangeTurn > mine.rangeTurn) {
        continue;
      }
      boolean together = its.access != Access.EXCLUSIVE && mine.access != Access.EXCLUSIVE;
      if (!together && overlap(task, other)) {
        return true;
      }
    }
    return false;
  }

  private static boolean overlap(EngineTask a, EngineTask b) {
    return a.lba() < b.lba() + b.blocks() && b.lba() < a.lba() + a.blocks();
  }

  private void unlock(EngineTask task, Access access) {
    if (access == Access.EXCLUSIVE) {
      exclusive--;
    }
    SetEntry entry = task.entry();
    if (entry.waitsForRange) {
      rangeWaiters--;
    }
    entry.access = null;
    entry.waitsForRange = false;
    if (rangeWaiters == 0) {
      return;
    }
    for (EngineTask other = first; other != null; other = other.entry().next) {
      if (other.entry().waitsForRange && !conflicts(other) && other.claim(EngineTask.RANGE)) {
        rangeWaiters--;
        other.entry().waitsForRange = false;
        task.entry().frees(other);
      }
    }
  }

  // --- task management ---

  /**
   * Marks tasks as aborted.
   *
   * @param by the nexus that aborts; null when nobody is to be told
   * @param taskAbortedStatus TAS: commands of other nexuses end with TASK ABORTED
   * @param group told as each of them ends
   * @return what is left to do; what it does not end ends by itself when its store I/O has
   */
  synchronized Aborts abort(
      Predicate<EngineTask> which,
      @Nullable Nexus by,
      boolean taskAbortedStatus,
      AbortGroup group) {
    Aborts aborts = new Aborts();
    for (EngineTask task = first; task != null; task = task.entry().next) {
      if (!which.test(task)) {
        continue;
      }
      group.expect();
      boolean others = by != null && task.path().nexus() != by;
      if (others && !taskAbortedStatus && !task.isOverdue()) {
        aborts.silenced(task.path());
      }
      if (task.abort(group, others && taskAbortedStatus) || task.storeCall().withdraw()) {
        aborts.parked(task);
        continue;
      }
      holdAlone(task);
      if (task.storeCall().pin()) {
        aborts.running(task.storeCall());
      }
    }
    return aborts;
  }

  /** A store that is still writing for nobody must not overwrite what comes later. */
  private void holdAlone(EngineTask task) {
    SetEntry entry = task.entry();
    if (entry.access == Access.WRITE && !entry.waitsForRange) {
      entry.access = Access.EXCLUSIVE;
      exclusive++;
    }
  }

  // --- answers before the end ---

  /**
   * A task gets its answer though it stays in the set.
   *
   * @return the epoch for {@link AnswerEpochs#answered}
   */
  synchronized int beginAnswer(EngineTask task) {
    holdAlone(task);
    return answers.begin();
  }

  /**
   * A task has its answer, a CHECK CONDITION, and ends without another one; or it got none.
   *
   * @return whether it counts as faulted: not when it was aborted meanwhile
   */
  synchronized boolean answeredEarly(EngineTask task, boolean answered) {
    if (!answered) {
      task.overdue(false);
      return false;
    }
    boolean faulted = !task.isAborted();
    task.abortAnswered();
    aca.leave(task, faulted);
    return faulted;
  }

  /**
   * Clears the ACA condition of the nexuses that are meant.
   *
   * @return tasks that may run now
   */
  synchronized List<EngineTask> clearAca(Predicate<Nexus> faulted) {
    List<EngineTask> runs = new ArrayList<>();
    if (aca.clear(faulted) && dormant > 0) {
      enable(runs::add);
    }
    return runs;
  }

  /** Shows each task, in the order of their coming, under the lock. */
  synchronized void forEach(Consumer<EngineTask> action) {
    for (EngineTask task = first; task != null; task = task.entry().next) {
      action.accept(task);
    }
  }

  /** Whether such a task is in the set. */
  synchronized boolean contains(Predicate<EngineTask> which) {
    for (EngineTask task = first; task != null; task = task.entry().next) {
      if (which.test(task)) {
        return true;
      }
    }
    return false;
  }

  /** The answers of those that have left. */
  AnswerEpochs answers() {
    return answers;
  }

  /** Tells tasks in words, for the operator. */
  synchronized List<String> describe(Predicate<EngineTask> which) {
    List<String> found = new ArrayList<>();
    for (EngineTask task = first; task != null; task = task.entry().next) {
      if (which.test(task)) {
        found.add(task.describe());
      }
    }
    return found;
  }

  /** Number of tasks. */
  synchronized int size() {
    return size;
  }
}
