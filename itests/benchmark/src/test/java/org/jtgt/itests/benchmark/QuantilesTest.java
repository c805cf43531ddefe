// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class QuantilesTest {
  @Test
  void liesBetweenNeighbours() {
    assertThat(Quantiles.of(DoubleStream.of(4, 1, 3, 2))).isEqualTo(new Quantiles(1.75, 2.5, 3.25));
  }

  @Test
  void leavesOutWhatWasNotMeasured() {
    assertThat(Quantiles.of(DoubleStream.of(Double.NaN, 7))).isEqualTo(new Quantiles(7, 7, 7));
    assertThat(Quantiles.of(DoubleStream.empty()).median()).isNaN();
  }
}
