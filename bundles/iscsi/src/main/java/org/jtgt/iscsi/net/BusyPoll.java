// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.net;

import io.netty.channel.SelectStrategy;
import io.netty.util.IntSupplier;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Lets an event loop look for events without sleeping for a while after the last one. It saves the
 * wake-up of a thread for each command of an initiator that sends one at a time, and costs a
 * processor while such an initiator is busy. One for each loop.
 */
final class BusyPoll implements SelectStrategy {
  /** For how long loops look on; zero for not at all. May change at any time. */
  static final class Time {
    private volatile long nanos;

    Time(Duration time) {
      set(time);
    }

    void set(Duration time) {
      nanos = time.toNanos();
    }
  }

  private final Time time;
  private final LongSupplier clock;
  private long lastEvent;

  BusyPoll(Time time, LongSupplier clock) {
    this.time = time;
    this.clock = clock;
    this.lastEvent = clock.getAsLong() - time.nanos;
  }

  @Override
  public int calculateStrategy(IntSupplier selectNow, boolean hasTasks) throws Exception {
    long nanos = time.nanos;
    if (nanos == 0) {
      return hasTasks ? selectNow.get() : SelectStrategy.SELECT;
    }
    int events = selectNow.get();
    if (events > 0) {
      lastEvent = clock.getAsLong();
      return events;
    }
    boolean polls = hasTasks || clock.getAsLong() - lastEvent < nanos;
    return polls ? 0 : SelectStrategy.SELECT;
  }
}
