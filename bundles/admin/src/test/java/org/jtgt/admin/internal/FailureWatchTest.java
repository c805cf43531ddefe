// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FailureWatchTest {
  private static final Instant START = Instant.parse("2026-11-22T00:00:00Z");

  private final List<String> retried = new ArrayList<>();
  private final FailureWatch watch = new FailureWatch(retried::add);

  @Test
  void aFailedComponentIsTriedAgainWithPausesThatDoubleUpToAMinute() {
    var seconds = new ArrayList<Long>();
    for (long second = 0; second <= 250; second++) {
      int before = retried.size();
      watch.tick(START.plusSeconds(second), Map.of("p", "no such file"));
      if (retried.size() > before) {
        seconds.add(second);
      }
    }

    assertThat(seconds).containsExactly(1L, 3L, 7L, 15L, 31L, 63L, 123L, 183L, 243L);
  }

  @Test
  void aComponentThatRecoveredBeginsAnewWithAShortPause() {
    for (long second = 0; second <= 20; second++) {
      watch.tick(START.plusSeconds(second), Map.of("p", "gone"));
    }
    watch.tick(START.plusSeconds(21), Map.of());
    retried.clear();

    watch.tick(START.plusSeconds(22), Map.of("p", "gone"));
    assertThat(retried).isEmpty();
    watch.tick(START.plusSeconds(22).plus(FailureWatch.FIRST_PAUSE), Map.of("p", "gone"));
    assertThat(retried).containsExactly("p");
  }

  @Test
  void eachComponentHasItsOwnPause() {
    watch.tick(START, Map.of("a", "x"));
    watch.tick(START.plus(Duration.ofMillis(500)), Map.of("a", "x", "b", "x"));
    watch.tick(START.plusSeconds(1), Map.of("a", "x", "b", "x"));

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
    assertThat(Components.reason(null)).isEqualTo("activation failed");
  }
}
