// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * When something is looked at again and again: now and then, and soon after a change. Looks that
 * take long, with thousands of components, come so seldom that they have a part of a processor
 * only; many changes in a row share one.
 *
 * <p>Safe for use by several threads; looks run on the scheduler's, one at a time.
 */
final class Looks {
  /** Of a processor's time, one in so many. */
  private static final int SHARE = 10;

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final ScheduledExecutorService scheduler;
  private final long pauseNanos;
  private final Runnable look;
  private @Nullable ScheduledFuture<?> next;
  private boolean soon;
  private long pauseForShare;

  /**
   * @param scheduler of one thread
   * @param pauseMilliseconds between two looks, at least
   */
  Looks(ScheduledExecutorService scheduler, long pauseMilliseconds, Runnable look) {
    this.scheduler = scheduler;
    this.pauseNanos = TimeUnit.MILLISECONDS.toNanos(pauseMilliseconds);
    this.look = look;
  }

  /** Begins, after a first pause. */
  synchronized void begin() {
    plan(pauseNanos);
  }

  /** Something has changed. */
  synchronized void soon() {
    if (!soon) {
      soon = true;
      if (next != null) {
        next.cancel(false);
      }
      plan(pauseForShare);
    }
  }

  private void plan(long nanos) {
    if (!scheduler.isShutdown()) {
      next = scheduler.schedule(this::run, nanos, TimeUnit.NANOSECONDS);
    }
  }

  private void run() {
    synchronized (this) {
      soon = false;
    }
    // Not the time that passes: where others have the processors, looks need not wait for longer.
    long began = THREADS.getCurrentThreadCpuTime();
    try {
      look.run();
    } finally {
      synchronized (this) {
        pauseForShare = SHARE * (THREADS.getCurrentThreadCpuTime() - began);
        if (!soon) {
          plan(Math.max(pauseNanos, pauseForShare));
        }
      }
    }
  }
}
