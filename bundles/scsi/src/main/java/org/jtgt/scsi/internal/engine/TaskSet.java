// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
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

  // Tasks between leaving the set and the end of their answer, counted by the epoch in which they
  // left: a task management function answers after all of them (see awaitAnswers).
  private final AtomicIntegerArray answering = new AtomicIntegerArray(2);
  private volatile int epoch;
  private List<AbortGroup> waitingForEpoch = new ArrayList<>();
  private @Nullable List<AbortGroup> waitingForAnswers;

  /** What became of a task that entered. */
  enum Entry {
    /** It may run. */
    ENABLED,
    /** It waits for those before it (SAM-5 8.5.2). */
    DORMANT,
    /** There is no room. */
    FULL
  }

  synchronized Entry enter(EngineTask task) {
    if (size >= CAPACITY) {
      return Entry.FULL;
    }
    boolean runs =
        switch (task.attribute()) {
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
   * @return the epoch for {@link #answered}, or {@link #ABORTED}
   */
  synchronized int leave(EngineTask task) {
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
    count(task.attribute(), -1);
    if (entry.dormant) {
      dormant--;
    }
    Access access = entry.access;
    if (access != null) {
      unlock(task, access);
    }
    if (dormant > 0) {
      enable(task);
    }
    if (task.isAborted()) {
      return ABORTED;
    }
    answering.incrementAndGet(epoch);
    return epoch;
  }

  /** Enables what SAM-5 8.6 lets run now. */
  private void enable(EngineTask leaving) {
    if (headOfQueue > 0) {
      return;
    }
    for (EngineTask task = first; task != null && dormant > 0; task = task.entry().next) {
      boolean barrier = task.attribute() == TaskAttribute.ORDERED;
      if (task.entry().dormant && (!barrier || task == first) && task.claim(EngineTask.DORMANT)) {
        task.entry().dormant = false;
        dormant--;
        leaving.entry().frees(task);
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
   * @param group told as each of them ends
   * @return those that were waiting and now belong to the caller, who ends them; the others end by
   *     themselves when their store I/O has
   */
  synchronized List<EngineTask> abort(Predicate<EngineTask> which, AbortGroup group) {
    List<EngineTask> parked = new ArrayList<>();
    for (EngineTask task = first; task != null; task = task.entry().next) {
      if (which.test(task)) {
        group.expect();
        if (task.abort(group)) {
          parked.add(task);
        }
      }
    }
    return parked;
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

  /**
   * Lets a group wait for the answers that are being given right now: a command that has left the
   * set is not aborted any more, but must not answer after the function.
   */
  void awaitAnswers(AbortGroup group) {
    group.expect();
    List<AbortGroup> ready;
    synchronized (this) {
      waitingForEpoch.add(group);
      ready = turnEpoch();
    }
    ready.forEach(AbortGroup::arrived);
  }

  /** Counts the end of an answer; {@code since} came from {@link #leave}. */
  void answered(int since) {
    if (since >= 0 && answering.decrementAndGet(since) == 0 && since != epoch) {
      List<AbortGroup> ready;
      synchronized (this) {
        ready = turnEpoch();
      }
      ready.forEach(AbortGroup::arrived);
    }
  }

  private List<AbortGroup> turnEpoch() {
    List<AbortGroup> ready = new ArrayList<>();
    for (; ; ) {
      if (waitingForAnswers != null) {
        if (answering.get(epoch ^ 1) != 0) {
          return ready;
        }
        ready.addAll(waitingForAnswers);
        waitingForAnswers = null;
      }
      if (waitingForEpoch.isEmpty()) {
        return ready;
      }
      waitingForAnswers = waitingForEpoch;
      waitingForEpoch = new ArrayList<>();
      epoch ^= 1;
    }
  }

  /** Number of tasks. */
  synchronized int size() {
    return size;
  }
}
