// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;

/**
 * The commands that wait for a store, in the order in which they came, each until a time; guarded
 * by the lock of the {@link StoreAttachment}.
 */
final class HeldCommands {
  private final EngineClock clock;
  private final Runnable alarm;
  private final Deque<EngineTask> held = new ArrayDeque<>();
  private boolean alarmSet;
  private long alarmNanos;

  /**
   * @param alarm runs without the lock when the time of one may be over
   */
  HeldCommands(EngineClock clock, Runnable alarm) {
    this.clock = clock;
    this.alarm = alarm;
  }

  int size() {
    return held.size();
  }

  void add(EngineTask task, long untilNanos) {
    task.path().held++;
    task.deadlineNanos(untilNanos);
    held.add(task);
    setAlarm(clock.nanoTime(), untilNanos);
  }

  /** Forgets a task that no longer waits. */
  void remove(EngineTask task) {
    if (held.remove(task)) {
      task.path().held--;
    }
  }

  List<EngineTask> claimAll() {
    return claim(task -> true);
  }

  /** Takes those whose time is over. */
  List<EngineTask> claimLate() {
    long now = clock.nanoTime();
    List<EngineTask> late = claim(task -> task.deadlineNanos() - now <= 0);
    if (alarmSet && alarmNanos - now <= 0) {
      alarmSet = false;
      // The hold time may have changed since: the first that came need not be the first to go.
      held.stream()
          .mapToLong(EngineTask::deadlineNanos)
          .reduce((one, other) -> one - other < 0 ? one : other)
          .ifPresent(next -> setAlarm(now, next));
    }
    return late;
  }

  /** Sets the one alarm that counts; an earlier one makes the one before worthless. */
  private void setAlarm(long now, long atNanos) {
    if (!alarmSet || atNanos - alarmNanos < 0) {
      alarmSet = true;
      alarmNanos = atNanos;
      clock.after(Duration.ofNanos(Math.max(1, atNanos - now)), alarm);
    }
  }

  private List<EngineTask> claim(Predicate<EngineTask> which) {
    List<EngineTask> claimed = new ArrayList<>();
    for (Iterator<EngineTask> all = held.iterator(); all.hasNext(); ) {
      EngineTask task = all.next();
      if (which.test(task)) {
        all.remove();
        task.path().held--;
        // Else its abort owns it.
        if (task.claim(EngineTask.HELD)) {
          claimed.add(task);
        }
      }
    }
    return claimed;
  }
}
