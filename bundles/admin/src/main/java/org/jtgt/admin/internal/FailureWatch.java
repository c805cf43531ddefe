// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of components that failed to activate, once for each reason, and has them tried again with
 * growing pauses, which SCR does not do. Not safe for use by several threads.
 */
final class FailureWatch {
  static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

  private static final Logger LOG = LoggerFactory.getLogger("org.jtgt.admin");

  /** So long a component may be neither failed nor active, being activated or removed. */
  private static final Duration IN_BETWEEN = Duration.ofSeconds(120);

  private record Failure(String reason, Duration pause, Instant next, Instant seen) {}

  private final Consumer<String> retry;
  private final Map<String, Failure> failures = new HashMap<>();

  /**
   * @param retry has the component of that PID activated again
   */
  FailureWatch(Consumer<String> retry) {
    this.retry = retry;
  }

  /**
   * Looks at the components of now; called about once a second.
   *
   * @param conditions by PID
   */
  void tick(Instant now, Map<String, Condition> conditions) {
    failures.entrySet().removeIf(e -> over(now, e.getKey(), e.getValue(), conditions));
    conditions.forEach((pid, condition) -> {
      if (condition.failed()) {
        look(now, pid, condition.reason());
      }
    });
  }

  /** A failed component's configuration was changed: it is tried again at the next tick. */
  void hurry(String pid) {
    failures.computeIfPresent(
        pid, (p, f) -> new Failure(f.reason(), Duration.ZERO, Instant.MIN, f.seen()));
  }

  private static boolean over(
      Instant now, String pid, Failure failure, Map<String, Condition> conditions) {
    Condition condition = conditions.get(pid);
    if (condition != null && condition.state().equals(Condition.ACTIVE)) {
      LOG.info("{}: active again", pid);
      return true;
    }
    return condition == null && now.isAfter(failure.seen().plus(IN_BETWEEN));
  }

  private void look(Instant now, String pid, String reason) {
    Failure known = failures.get(pid);
    if (known == null) {
      tell(pid, reason, FIRST_PAUSE);
      failures.put(pid, new Failure(reason, FIRST_PAUSE, now.plus(FIRST_PAUSE), now));
      return;
    }
    if (now.isBefore(known.next())) {
      return;
    }
    Duration doubled = known.pause().multipliedBy(2);
    Duration pause =
        doubled.isZero()
            ? FIRST_PAUSE
            : doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
    if (!known.reason().equals(reason)) {
      tell(pid, reason, pause);
    }
    failures.put(pid, new Failure(reason, pause, now.plus(pause), now));
    retry.accept(pid);
  }

  private static void tell(String pid, String reason, Duration pause) {
    String line = reason.startsWith(pid) ? reason : pid + ": " + reason;
    LOG.warn("{} (tried again, first in {} s)", line, pause.toSeconds());
  }
}
