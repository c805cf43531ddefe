// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Platform daemon threads for what may wait, never interrupted. Every {@link Share} has one thread
 * for sure and takes more of a common stock while it holds at most as many of them as are free: one
 * slow store cannot take all.
 */
public final class BlockingWorkers implements AutoCloseable {
  private static final AtomicInteger COUNTER = new AtomicInteger();

  private final int stock;
  private int taken;
  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          10,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          body ->
              Thread.ofPlatform()
                  .name("jtgt-store-" + COUNTER.incrementAndGet())
                  .daemon()
                  .unstarted(body));

  /**
   * @param stock threads that all shares take from, beyond the first of each
   */
  public BlockingWorkers(int stock) {
    this.stock = stock;
  }

  /** A new share, for one logical unit. */
  Share share() {
    return new Share();
  }

  /** Lets the threads end when they have done what they were given. */
  @Override
  public void close() {
    threads.shutdown();
  }

  /** What one logical unit may take. */
  final class Share {
    private final Deque<Runnable> queue = new ArrayDeque<>();
    private int running;

    private Share() {}

    /** Runs an action on a worker thread, in the order of the calls. */
    void run(Runnable action) {
      boolean start;
      synchronized (BlockingWorkers.this) {
        queue.add(action);
        start = mayGrow();
        if (start) {
          grow();
        }
      }
      if (start) {
        threads.execute(this::work);
      }
    }

    private void work() {
      for (@Nullable Runnable next; (next = next()) != null; ) {
        next.run();
      }
    }

    private @Nullable Runnable next() {
      boolean start;
      Runnable action;
      synchronized (BlockingWorkers.this) {
        // Gives a stock thread up when others have taken so much that this share is too large.
        if (queue.isEmpty() || (running > 1 && running - 1 > stock - taken + 1)) {
          running--;
          if (running > 0) {
            taken--;
          }
          return null;
        }
        action = queue.remove();
        start = !queue.isEmpty() && mayGrow();
        if (start) {
          grow();
        }
      }
      if (start) {
        threads.execute(this::work);
      }
      return action;
    }

    private boolean mayGrow() {
      return running == 0 || running - 1 < stock - taken;
    }

    private void grow() {
      running++;
      if (running > 1) {
        taken++;
      }
    }
  }
}
