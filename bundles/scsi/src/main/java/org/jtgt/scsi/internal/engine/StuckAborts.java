// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.time.Duration;
import java.util.Collection;
import java.util.List;

/**
 * Aborts whose commands do not end, because a store does not answer. A task management function
 * answers when what it aborts can have no effect any more (SAM-5 7.1), so it cannot answer; after a
 * time the operator is told, and the nexus that waits is given up, so that its initiator recovers.
 * What the store may still write stays alone on its blocks until the store has answered.
 */
final class StuckAborts {
  private static final Duration DEFAULT_LIMIT = Duration.ofSeconds(10);

  private final EngineClock clock;
  private final Reporter reporter;
  private volatile Duration limit = DEFAULT_LIMIT;

  StuckAborts(EngineClock clock) {
    this.clock = clock;
    this.reporter = new Reporter(clock);
  }

  /** Sets how long an abort may take. */
  void limit(Duration value) {
    limit = value;
  }

  /** Watches over an abort for which a nexus waits. */
  void watch(AbortGroup group, Nexus waiting, Collection<LogicalUnit> units) {
    if (group.isComplete()) {
      return;
    }
    Duration time = limit;
    clock.after(
        time,
        () -> {
          if (!group.isComplete() && !waiting.isClosed()) {
            units.forEach(
                unit -> report(unit, unit.tasks().describe(task -> task.isAbortedBy(group)), time));
            waiting.giveUp(
                "a task management function has not ended after %d s".formatted(time.toSeconds()));
          }
        });
  }

  /** Watches over the end of a nexus that was closed. */
  void watchEnd(Nexus closed, Collection<LogicalUnit> units) {
    Duration time = limit;
    clock.after(
        time,
        () -> {
          if (closed.tellEnd()) {
            units.forEach(unit ->
                report(unit, unit.tasks().describe(task -> task.path().nexus() == closed), time));
          }
        });
  }

  private void report(LogicalUnit unit, List<String> stuck, Duration time) {
    if (!stuck.isEmpty()) {
      reporter.warn(
          "logical unit {}: {} aborted commands have not ended after {} s, the first is {}; their blocks can be used again when store {} has answered",
          unit.name(),
          stuck.size(),
          time.toSeconds(),
          stuck.getFirst(),
          unit.settings().store());
    }
  }
}
