// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.throttle;

/**
 * A token bucket. A demand larger than the bucket goes when the bucket is full and leaves a debt,
 * so that the rate holds in the long run whatever the size of the demands.
 */
final class Bucket {
  private static final double NANOS = 1e9;

  private long rate;
  private long capacity;
  private double level;
  private long filledNanos;

  Bucket(long now) {
    filledNanos = now;
  }

  /** Takes another rate; what is in the bucket stays, up to the new brim. */
  void change(long now, long newRate, long newCapacity) {
    fill(now);
    boolean first = capacity == 0;
    rate = newRate;
    capacity = newCapacity;
    level = first ? capacity : Math.min(level, capacity);
  }

  /** Nanoseconds until a demand may go; 0 when it may now. */
  long waitNanos(long now, long demand) {
    if (rate == 0) {
      return 0;
    }
    fill(now);
    double missing = Math.min(demand, capacity) - level;
    return missing <= 0 ? 0 : (long) Math.ceil(missing / rate * NANOS);
  }

  void take(long demand) {
    if (rate != 0) {
      level -= demand;
    }
  }

  private void fill(long now) {
    level = Math.min(capacity, level + (now - filledNanos) / NANOS * rate);
    filledNanos = now;
  }
}
