// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.SelectStrategy;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class BusyPollTest {
  private long now = 1_000;
  private int ready;
  private final BusyPoll.Time time = new BusyPoll.Time(Duration.ofNanos(100));
  private final BusyPoll strategy = new BusyPoll(time, () -> now);

  @Test
  void sleepsBeforeTheFirstEvent() throws Exception {
    assertThat(next(false)).isEqualTo(SelectStrategy.SELECT);
  }

  @Test
  void looksOnForItsTimeAfterAnEventAndThenSleeps() throws Exception {
    ready = 3;
    assertThat(next(false)).isEqualTo(3);
    ready = 0;
    now += 99;
    assertThat(next(false)).isZero();
    now += 1;
    assertThat(next(false)).isEqualTo(SelectStrategy.SELECT);
  }

  @Test
  void doesNotSleepWhileTasksWait() throws Exception {
    assertThat(next(true)).isZero();
    ready = 1;
    assertThat(next(true)).isEqualTo(1);
  }

  @Test
  void sleepsAtOnceWhenItsTimeIsTakenAway() throws Exception {
    ready = 1;
    assertThat(next(false)).isEqualTo(1);
    ready = 0;
    time.set(Duration.ZERO);
    assertThat(next(false)).isEqualTo(SelectStrategy.SELECT);
    time.set(Duration.ofNanos(100));
    assertThat(next(false)).isZero();
  }

  private int next(boolean hasTasks) throws Exception {
    return strategy.calculateStrategy(() -> ready, hasTasks);
  }
}
