// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.benchmark;

import java.util.Arrays;
import java.util.stream.DoubleStream;

/**
 * The middle and the quarters of repeated measurements.
 *
 * @param lower lower quartile
 * @param upper upper quartile
 */
record Quantiles(double lower, double median, double upper) {
  static Quantiles of(DoubleStream values) {
    double[] sorted = values.filter(v -> !Double.isNaN(v)).sorted().toArray();
    return new Quantiles(at(sorted, 0.25), at(sorted, 0.5), at(sorted, 0.75));
  }

  /** Linear between neighbours; NaN when there is no value. */
  private static double at(double[] sorted, double share) {
    if (sorted.length == 0) {
      return Double.NaN;
    }
    double position = share * (sorted.length - 1);
    int below = (int) position;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (sorted[above] - sorted[below]) * (position - below);
  }

  @Override
  public String toString() {
    return Arrays.toString(new double[] {lower, median, upper});
  }
}
