// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.filter;

import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.Backstore.Completion;
import org.jtgt.backstore.StoreIo;

/**
 * How a filter that completes later (see {@link Completion#ASYNCHRONOUS}) hands I/O to the store
 * below: on the calling thread where that never waits, else on daemon threads of its own, never
 * interrupted. Threads begin when they are needed and end when they are not.
 */
public final class Dispatch implements AutoCloseable {
  private static final int THREADS = 16;
  private static final int IDLE_SECONDS = 10;

  private final Backstore below;
  private final boolean waits;
  private final ThreadPoolExecutor threads;
  private final ScheduledThreadPoolExecutor timer;

  /**
   * @param name of the filter, for the names of its threads
   */
  public Dispatch(Backstore below, String name) {
    this.below = below;
    waits = below.completion() == Completion.BLOCKING;
    threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            body -> Thread.ofPlatform().daemon().name("jtgt-filter-" + name).unstarted(body));
    threads.allowCoreThreadTimeOut(true);
    timer =
        new ScheduledThreadPoolExecutor(
            1, body -> Thread.ofPlatform().daemon().name("jtgt-timer-" + name).unstarted(body));
    timer.setRemoveOnCancelPolicy(true);
    timer.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
    timer.allowCoreThreadTimeOut(true);
  }

  /** Gives an I/O to the store below and returns without waiting for it. */
  public void submit(StoreIo io) {
    if (!waits) {
      below.submit(io);
      return;
    }
    try {
      threads.execute(() -> below.submit(io));
    } catch (RejectedExecutionException closed) {
      io.fail(closed);
    }
  }

  /** Runs something short soon, on a thread of its own. */
  public void soon(Runnable action) {
    after(Duration.ZERO, action);
  }

  /** Runs something short later; not at all when this is closed before. */
  public void after(Duration delay, Runnable action) {
    try {
      timer.schedule(action, delay.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException closed) {
      // Nobody waits for it: a store is closed when nothing is in flight.
      return;
    }
  }

  /** Ends the threads when they have done what they were given. */
  @Override
  public void close() {
    timer.shutdownNow();
    threads.shutdown();
  }
}
