// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class HistogramTest {
  private final Histogram histogram = new Histogram();

  @Test
  void tellsPercentilesWithinTwoPercent() {
    for (int i = 1; i <= 100_000; i++) {
      histogram.record(i * 37L);
    }
    for (double share : new double[] {0.01, 0.5, 0.9, 0.99, 0.999}) {
      double exact = share * 100_000 * 37;
      assertThat((double) histogram.nanosAt(share)).isCloseTo(exact, within(exact * 0.02));
    }
  }

  @Test
  void tellsTheLargestExactly() {
    histogram.record(3);
    histogram.record(1_234_567_891L);
    assertThat(histogram.maxNanos()).isEqualTo(1_234_567_891L);
    assertThat(histogram.nanosAt(1)).isEqualTo(1_234_567_891L);
    assertThat(histogram.nanosAt(0.5)).isEqualTo(3);
  }

  @Test
  void hasARoomForEveryLong() {
    histogram.record(Long.MAX_VALUE);
    histogram.record(0);
    histogram.record(-5);
    assertThat(histogram.nanosAt(1)).isEqualTo(Long.MAX_VALUE);
    assertThat(histogram.nanosAt(0.1)).isZero();
  }

  @Test
  void forgetsWhenReset() {
    histogram.record(5);
    histogram.reset();
    assertThat(histogram.count()).isZero();
    assertThat(histogram.nanosAt(0.5)).isZero();
  }
}
