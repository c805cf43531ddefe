// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.benchmark;

/**
 * Durations in nanoseconds, counted in buckets that are at most 1/64 of their value wide. Recording
 * allocates nothing. Not for several threads at once.
 */
final class Histogram {
  private static final int SUB_BITS = 6;
  private static final int SUB = 1 << SUB_BITS;

  private final long[] counts = new long[(64 - SUB_BITS) * SUB];
  private long count;
  private long max;

  void record(long nanos) {
    long value = Math.max(0, nanos);
    counts[bucket(value)]++;
    count++;
    max = Math.max(max, value);
  }

  void reset() {
    java.util.Arrays.fill(counts, 0);
    count = 0;
    max = 0;
  }

  long count() {
    return count;
  }

  long maxNanos() {
    return max;
  }

  /** The duration that a share of all recorded ones does not exceed; 0 when there is none. */
  long nanosAt(double share) {
    long wanted = Math.max(1, (long) Math.ceil(share * count));
    long seen = 0;
    for (int i = 0; i < counts.length; i++) {
      seen += counts[i];
      if (seen >= wanted) {
        return Math.min(max, upperEnd(i));
      }
    }
    return 0;
  }

  private static int bucket(long value) {
    if (value < SUB) {
      return (int) value;
    }
    int shift = 63 - SUB_BITS - Long.numberOfLeadingZeros(value);
    return (shift + 1) * SUB + (int) (value >>> shift) - SUB;
  }

  private static long upperEnd(int bucket) {
    if (bucket < SUB) {
      return bucket;
    }
    int shift = bucket / SUB - 1;
    return ((long) (bucket % SUB + SUB + 1) << shift) - 1;
  }
}
