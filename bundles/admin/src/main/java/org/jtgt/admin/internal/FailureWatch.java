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

  private record Failure(String reason, Duration pause, Instant next) {}

  private final Consumer<String> retry;
  private final Map<String, Failure> failures = new HashMap<>();

  /**
   * @param retry has the component of that PID activated again
   */
  FailureWatch(Consumer<String> retry) {
    this.retry = retry;
  }

  /**
   * Looks at the failures of now; called about once a second.
   *
   * @param current reason by PID of everything that is failed now
   */
  void tick(Instant now, Map<String, String> current) {
    failures
        .keySet()
        .removeIf(pid -> {
          boolean over = !current.containsKey(pid);
          if (over) {
            LOG.info("{}: no longer failing", pid);
          }
          return over;
        });
    current.forEach((pid, reason) -> look(now, pid, reason));
  }

  private void look(Instant now, String pid, String reason) {
    Failure known = failures.get(pid);
    if (known == null) {
      tell(pid, reason, FIRST_PAUSE);
      failures.put(pid, new Failure(reason, FIRST_PAUSE, now.plus(FIRST_PAUSE)));
      return;
    }
    if (now.isBefore(known.next())) {
      return;
    }
    Duration doubled = known.pause().multipliedBy(2);
    Duration pause = doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
    if (!known.reason().equals(reason)) {
      tell(pid, reason, pause);
    }
    failures.put(pid, new Failure(reason, pause, now.plus(pause)));
    retry.accept(pid);
  }

  private static void tell(String pid, String reason, Duration pause) {
    String line = reason.startsWith(pid) ? reason : pid + ": " + reason;
    LOG.warn("{} (tried again, first in {} s)", line, pause.toSeconds());
  }
}
