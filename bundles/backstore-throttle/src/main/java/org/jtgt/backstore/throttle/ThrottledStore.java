// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.throttle;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.LongSupplier;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.DrainNotice;
import org.jtgt.backstore.StoreIo;
import org.jtgt.backstore.StoreIo.Operation;
import org.jtgt.backstore.filter.Dispatch;
import org.jtgt.backstore.filter.FilterBackstore;

/**
 * Lets I/Os through in their order, as the limits allow. A flush is never held back: it concerns
 * writes that have ended.
 */
final class ThrottledStore extends FilterBackstore implements DrainNotice, AutoCloseable {
  private final Dispatch dispatch;
  private final LongSupplier clock;
  private final Bucket ios;
  private final Bucket bytes;
  private final Deque<StoreIo> waiting = new ArrayDeque<>();
  private int drains;
  private boolean alarmSet;
  private boolean closed;

  /**
   * @param clock nanoseconds
   */
  ThrottledStore(Backstore below, Dispatch dispatch, Limits limits, LongSupplier clock) {
    super(below);
    this.dispatch = dispatch;
    this.clock = clock;
    ios = new Bucket(clock.getAsLong());
    bytes = new Bucket(clock.getAsLong());
    change(limits);
  }

  /** Takes other limits, for what waits too. */
  void change(Limits limits) {
    synchronized (this) {
      long now = clock.getAsLong();
      ios.change(now, limits.ios(), limits.burstIos());
      bytes.change(now, limits.bytes(), limits.burstBytes());
    }
    letGo();
  }

  /** Completes when the limits allow, whoever's thread that is. */
  @Override
  public Completion completion() {
    return Completion.ASYNCHRONOUS;
  }

  @Override
  public void submit(StoreIo io) {
    synchronized (this) {
      if (io.operation() != Operation.FLUSH && (!waiting.isEmpty() || waitNanos(io) > 0)) {
        waiting.add(io);
        setAlarm();
        return;
      }
      take(io);
    }
    dispatch.submit(io);
  }

  private long waitNanos(StoreIo io) {
    if (drains > 0 || closed) {
      return 0;
    }
    long now = clock.getAsLong();
    return Math.max(ios.waitNanos(now, 1), bytes.waitNanos(now, bytes(io)));
  }

  private void take(StoreIo io) {
    if (io.operation() != Operation.FLUSH && drains == 0) {
      ios.take(1);
      bytes.take(bytes(io));
    }
  }

  /** Unmap and write-zeroes move no bytes. */
  private static long bytes(StoreIo io) {
    return io.operation() == Operation.READ || io.operation() == Operation.WRITE
        ? io.lengthBytes()
        : 0;
  }

  private void setAlarm() {
    if (!alarmSet && !waiting.isEmpty()) {
      alarmSet = true;
      dispatch.after(Duration.ofNanos(waitNanos(waiting.element())), this::alarm);
    }
  }

  private void alarm() {
    synchronized (this) {
      alarmSet = false;
    }
    letGo();
  }

  private void letGo() {
    List<StoreIo> free = new ArrayList<>();
    synchronized (this) {
      while (!waiting.isEmpty() && waitNanos(waiting.element()) == 0) {
        StoreIo io = waiting.remove();
        take(io);
        free.add(io);
      }
      setAlarm();
    }
    free.forEach(dispatch::submit);
  }

  /** I/Os that wait for their turn. */
  synchronized int waiting() {
    return waiting.size();
  }

  @Override
  public Notice draining() {
    synchronized (this) {
      drains++;
    }
    dispatch.soon(this::letGo);
    Notice below = drainingBelow();
    return () -> {
      below.close();
      synchronized (this) {
        drains--;
      }
    };
  }

  /** What waits goes on now, so that nobody is left without an answer. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    letGo();
    dispatch.close();
  }
}
