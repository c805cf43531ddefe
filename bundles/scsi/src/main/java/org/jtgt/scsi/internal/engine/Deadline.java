// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.device.Sense;

/**
 * The deadline of the commands of a logical unit: the initiator of one that waits longer for the
 * unit or its store gets an answer without it. What nobody has begun ends with that. What a store
 * has begun goes on behind the answer as an aborted command does: its buffers and its place in the
 * task set stay its own, and a write holds its range alone, until the store has given it back.
 *
 * <p>Looks each {@link #LOOK} while there is a deadline, so that a command costs one reading of the
 * clock, and none without a deadline.
 */
final class Deadline {
  /** A command is answered at most so long after its deadline. */
  static final Duration LOOK = Duration.ofSeconds(1);

  /** {@link #now} without a deadline. */
  private static final long UNTIMED = Long.MIN_VALUE;

  private final LogicalUnit unit;
  private final EngineClock clock;
  private volatile long limitNanos;
  private boolean looking;
  private boolean told;

  Deadline(LogicalUnit unit, EngineClock clock) {
    this.unit = unit;
    this.clock = clock;
  }

  /** Sets the time that a command may wait; zero: for ever. Counts for those under way, too. */
  synchronized void limit(Duration limit) {
    limitNanos = limit.toNanos();
    lookLater();
  }

  /** The time as tasks keep it. */
  long now() {
    return limitNanos == 0 ? UNTIMED : clock.nanoTime();
  }

  /** What the store owes past the deadline, and for how long, in words; empty for nothing. */
  String describe() {
    Owed owed = new Owed();
    unit.tasks().forEach(owed::add);
    return owed.count == 0
        ? ""
        : "%d commands were answered without it, the first, %s, has waited for %d s; their blocks wait on"
            .formatted(
                owed.count,
                owed.first,
                Duration.ofNanos(clock.nanoTime() - owed.sinceNanos).toSeconds());
  }

  /** The commands that a store has not given back. */
  private static final class Owed {
    private int count;
    private String first = "";
    private long sinceNanos;

    void add(EngineTask task) {
      if (task.isOverdue() && count++ == 0) {
        first = task.describe();
        sinceNanos = task.sinceNanos();
      }
    }
  }

  private void lookLater() {
    if (!looking && (limitNanos != 0 || told)) {
      looking = true;
      clock.after(LOOK, this::look);
    }
  }

  private void look() {
    try {
      Late late = new Late(clock.nanoTime(), limitNanos);
      if (late.limitNanos != 0) {
        unit.tasks().forEach(late::examine);
      }
      late.carryOut();
      tell();
    } finally {
      synchronized (this) {
        looking = false;
        lookLater();
      }
    }
  }

  private void tell() {
    String owed = describe();
    boolean turned;
    synchronized (this) {
      turned = told == owed.isEmpty();
      told = !owed.isEmpty();
    }
    if (turned) {
      unit.reporter()
          .warn(
              "logical unit {}: store {} {}",
              unit.name(),
              unit.settings().store(),
              owed.isEmpty() ? "has given back all that was overdue" : "is late: " + owed);
    }
  }

  /** The commands that a look finds late. */
  private final class Late {
    private final long nowNanos;
    private final long limitNanos;
    private final List<EngineTask> waiting = new ArrayList<>();
    private final List<EngineTask> begun = new ArrayList<>();
    private final List<Integer> epochs = new ArrayList<>();

    Late(long nowNanos, long limitNanos) {
      this.nowNanos = nowNanos;
      this.limitNanos = limitNanos;
    }

    /** Takes a task that is late out of what holds it up; under the lock of the task set. */
    void examine(EngineTask task) {
      if (task.isAborted() || task.isOverdue() || task.path().nexus().isOfUnit()) {
        return;
      }
      StoreCall call = task.storeCall();
      // In this order: what a task has begun since then shows its time.
      boolean waits = task.isWaiting();
      boolean asked = call.isAsked();
      if (!isLate(task)) {
        return;
      }
      if ((waits && task.claimWaiting()) || (asked && call.withdraw())) {
        waiting.add(task);
      } else if (asked && call.pinAnswer()) {
        task.overdue(true);
        begun.add(task);
        epochs.add(unit.tasks().beginAnswer(task));
      }
    }

    private boolean isLate(EngineTask task) {
      if (task.sinceNanos() == UNTIMED) {
        // There was no deadline when it came.
        task.sinceNanos(nowNanos);
      }
      return nowNanos - task.sinceNanos() >= limitNanos;
    }

    void carryOut() {
      for (int i = 0; i < begun.size(); i++) {
        answer(begun.get(i), epochs.get(i));
      }
      waiting.forEach(EngineTask::endLate);
    }

    /** Answers a task that its store cannot end before {@link StoreCall#release}. */
    private void answer(EngineTask task, int epoch) {
      byte[] sense = Sense.COMMAND_TIMEOUT_DURING_PROCESSING.encode(unit.descriptorSense());
      boolean answered = false;
      try {
        answered = task.transport().answerEarly(sense);
      } catch (RuntimeException bug) {
        unit.reporter().bug(unit, bug);
      }
      Aborts aborts = null;
      if (unit.tasks().answeredEarly(task, answered)) {
        aborts = unit.afterCheckCondition(task.path().nexus());
      }
      unit.tasks().answers().answered(epoch);
      if (answered) {
        unit.counters().count(task, ScsiStatus.CHECK_CONDITION, sense);
      }
      carryOut(aborts);
      task.storeCall().release(answered);
    }

    private static void carryOut(@Nullable Aborts aborts) {
      if (aborts != null) {
        aborts.carryOut();
        aborts.tellSilenced();
      }
    }
  }
}
