// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FailureWatchTest {
  private static final Instant START = Instant.parse("2026-11-22T00:00:00Z");

  private final List<String> retried = new ArrayList<>();
  private final FailureWatch watch = new FailureWatch(retried::add);

  private static Map<String, Condition> failed(String... pids) {
    var conditions = new HashMap<String, Condition>();
    for (String pid : pids) {
      conditions.put(pid, new Condition(Condition.FAILED, "gone"));
    }
    return conditions;
  }

  @Test
  void aComponentThatIsBeingActivatedKeepsItsPause() {
    for (long second = 0; second <= 20; second++) {
      watch.tick(START.plusSeconds(second), second % 2 == 1 ? Map.of() : failed("p"));
    }

    assertThat(retried).hasSize(4);
  }

  @Test
  void aChangedConfigurationIsTriedAtOnce() {
    for (long second = 0; second <= 20; second++) {
      watch.tick(START.plusSeconds(second), failed("p"));
    }
    retried.clear();

    watch.hurry("p");
    watch.tick(START.plusSeconds(21), failed("p"));

    assertThat(retried).containsExactly("p");
  }

  @Test
  void aFailedComponentIsTriedAgainWithPausesThatDoubleUpToAMinute() {
    var seconds = new ArrayList<Long>();
    for (long second = 0; second <= 250; second++) {
      int before = retried.size();
      watch.tick(START.plusSeconds(second), failed("p"));
      if (retried.size() > before) {
        seconds.add(second);
      }
    }

    assertThat(seconds).containsExactly(1L, 3L, 7L, 15L, 31L, 63L, 123L, 183L, 243L);
  }

  @Test
  void aComponentThatRecoveredBeginsAnewWithAShortPause() {
    for (long second = 0; second <= 20; second++) {
      watch.tick(START.plusSeconds(second), failed("p"));
    }
    watch.tick(START.plusSeconds(21), Map.of("p", new Condition(Condition.ACTIVE, "")));
    retried.clear();

    watch.tick(START.plusSeconds(22), failed("p"));
    assertThat(retried).isEmpty();
    watch.tick(START.plusSeconds(22).plus(FailureWatch.FIRST_PAUSE), failed("p"));
    assertThat(retried).containsExactly("p");
  }

  @Test
  void eachComponentHasItsOwnPause() {
    watch.tick(START, failed("a"));
    watch.tick(START.plus(Duration.ofMillis(500)), failed("a", "b"));
    watch.tick(START.plusSeconds(1), failed("a", "b"));

    assertThat(retried).containsExactly("a");
  }

  @Test
  void theReasonIsTheMessageOfTheExceptionWithoutItsClass() {
    assertThat(
            Components.reason(
                "java.lang.IllegalArgumentException: path: '/x' is taken\n\tat a.B.c(D.java:1)"))
        .isEqualTo("path: '/x' is taken");
    assertThat(Components.reason("java.lang.NullPointerException\n\tat a.B"))
        .isEqualTo("java.lang.NullPointerException");
    assertThat(
            Components.reason(
                """
                java.lang.reflect.InvocationTargetException
                \tat java.base/jdk.internal.reflect.X.y(X.java:1)
                Caused by: java.io.IOException: path: the folder /x does not exist
                \tat a.B.c(D.java:1)
                """))
        .isEqualTo("path: the folder /x does not exist");
    assertThat(Components.reason(null)).isEqualTo("activation failed");
  }
}
