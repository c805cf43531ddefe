// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.trace;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/**
 * How often which duration was seen: four classes for each power of two nanoseconds, so a quantile
 * is at most a quarter too high.
 */
final class Histogram {
  private static final int PARTS = 4;

  private final AtomicLongArray classes = new AtomicLongArray(64 * PARTS);
  private final LongAdder sum = new LongAdder();
  private final AtomicLong longest = new AtomicLong();

  void add(long nanos) {
    long positive = Math.max(PARTS, nanos);
    classes.incrementAndGet(index(positive));
    sum.add(positive);
    if (positive > longest.get()) {
      longest.accumulateAndGet(positive, Math::max);
    }
  }

  private static int index(long nanos) {
    int power = 63 - Long.numberOfLeadingZeros(nanos);
    return power * PARTS + (int) (nanos >>> power - 2 & PARTS - 1);
  }

  /** The end of a class. */
  private static long upTo(int index) {
    int power = index / PARTS;
    return power >= 62 ? Long.MAX_VALUE : (PARTS + index % PARTS + 1L << power) / PARTS;
  }

  long count() {
    long count = 0;
    for (int i = 0; i < classes.length(); i++) {
      count += classes.get(i);
    }
    return count;
  }

  Duration mean() {
    long count = count();
    return Duration.ofNanos(count == 0 ? 0 : sum.sum() / count);
  }

  Duration longest() {
    return Duration.ofNanos(longest.get());
  }

  /**
   * The duration that a part of all stays within.
   *
   * @param part 0 to 1
   */
  Duration quantile(double part) {
    long wanted = (long) Math.ceil(count() * part);
    long seen = 0;
    for (int i = 0; i < classes.length(); i++) {
      seen += classes.get(i);
      if (seen >= wanted && seen > 0) {
        return Duration.ofNanos(Math.min(upTo(i), longest.get()));
      }
    }
    return Duration.ZERO;
  }
}
