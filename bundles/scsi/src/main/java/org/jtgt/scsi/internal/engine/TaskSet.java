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
    task.previousInSet = last;
    task.nextInSet = null;
    if (last == null) {
      first = task;
    } else {
      last.nextInSet = task;
    }
    last = task;
    size++;
    task.entered();
    count(task.attribute(), 1);
    if (runs) {
      return Entry.ENABLED;
    }
    dormant++;
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
    EngineTask previous = task.previousInSet;
    EngineTask next = task.nextInSet;
    if (previous == null) {
      first = next;
    } else {
      previous.nextInSet = next;
    }
    if (next == null) {
      last = previous;
    } else {
      next.previousInSet = previous;
    }
    task.previousInSet = null;
    task.nextInSet = null;
    size--;
    count(task.attribute(), -1);
    if (task.wasDormant()) {
      dormant--;
    }
    Access access = task.access();
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
    for (EngineTask task = first; task != null && dormant > 0; task = task.nextInSet) {
      boolean barrier = task.attribute() == TaskAttribute.ORDERED;
      if (task.wasDormant() && (!barrier || task == first) && task.claim(EngineTask.DORMANT)) {
        task.enabled();
        dormant--;
        leaving.frees(task);
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
    task.wantsRange(access);
    if (access == Access.EXCLUSIVE) {
      exclusive++;
    }
    if ((exclusive == 0 && rangeWaiters == 0) || !conflicts(task)) {
      task.rangeGranted();
      return true;
    }
    rangeWaiters++;
    task.rangeTurn(++rangeTurns);
    task.park(EngineTask.RANGE);
    return false;
  }

  /** Whether another task holds, or asked earlier for, what does not go with this one's range. */
  private boolean conflicts(EngineTask task) {
    for (EngineTask other = first; other != null; other = other.nextInSet) {
      Access access = other.access();
      if (other == task || access == null) {
        continue;
      }
      if (other.waitsForRange()
          && task.waitsForRange()
          && task.rangeTurn() != 0
          && other.rangeTurn() > task.rangeTurn()) {
        continue;
      }
      boolean together = access != Access.EXCLUSIVE && task.access() != Access.EXCLUSIVE;
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
    if (task.waitsForRange()) {
      rangeWaiters--;
    }
    task.noAccess();
    if (rangeWaiters == 0) {
      return;
    }
    for (EngineTask other = first; other != null; other = other.nextInSet) {
      if (other.waitsForRange() && !conflicts(other) && other.claim(EngineTask.RANGE)) {
        rangeWaiters--;
        other.rangeGranted();
        task.frees(other);
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
    for (EngineTask task = first; task != null; task = task.nextInSet) {
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
    for (EngineTask task = first; task != null; task = task.nextInSet) {
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
