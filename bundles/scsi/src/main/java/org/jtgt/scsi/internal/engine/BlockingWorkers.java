// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Platform daemon threads for what may wait, never interrupted. Every {@link Share} has one thread
 * for sure and takes more of a common stock while it holds at most as many of them as are free: one
 * slow store cannot take all.
 *
 * <p>A share takes more only as its calls turn out to wait: waking a thread costs more than a
 * buffered write, and a thread that is awake does many of them in a row. What waits behind a call
 * that hangs is found by looking for it each {@link #PATIENCE}.
 */
public final class BlockingWorkers implements AutoCloseable {
  /** A call that takes longer has waited; a page takes a microsecond, a disk takes more. */
  static final Duration QUICK = Duration.ofNanos(100_000);

  /** So long others wait behind a call before another thread goes on with them. */
  static final Duration PATIENCE = Duration.ofMillis(1);

  /** The same while there is no thread to be had: looking only costs then. */
  static final Duration CROWDED_PATIENCE = Duration.ofMillis(16);

  /** A share gives up half of its threads after so many quick calls in a row. */
  static final int QUICK_CALLS = 64;

  /** So many times nothing is found before looking stops, so that bursts do not wake the watch. */
  private static final int IDLE_LOOKS = 100;

  private static final Logger LOG = LoggerFactory.getLogger("org.jtgt.scsi");
  private static final AtomicInteger COUNTER = new AtomicInteger();

  private final int stock;
  private final LongSupplier nanoTime;
  private final boolean watches;
  private final Deque<Share> behind = new ArrayDeque<>();
  private int taken;
  private boolean watching;
  private boolean watchSleeps;
  private boolean crowded;
  private boolean closed;
  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          10,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          body -> thread("jtgt-store-" + COUNTER.incrementAndGet(), body));

  /**
   * @param stock threads that all shares take from, beyond the first of each
   */
  public BlockingWorkers(int stock) {
    this(stock, System::nanoTime, true);
  }

  /**
   * @param watches whether a thread of its own calls {@link #look}
   */
  BlockingWorkers(int stock, LongSupplier nanoTime, boolean watches) {
    this.stock = stock;
    this.nanoTime = nanoTime;
    this.watches = watches;
  }

  private static Thread thread(String name, Runnable body) {
    return Thread.ofPlatform().name(name).daemon().unstarted(body);
  }

  /** A new share, for one logical unit. */
  Share share() {
    return new Share();
  }

  /** Lets the threads end when they have done what they were given. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    // Not a shutdown: what is begun may still ask for a thread.
    threads.setKeepAliveTime(0, TimeUnit.SECONDS);
  }

  /** Helps the shares of which no thread has begun anything since the last look. */
  void look() {
    List<Share> helped = new ArrayList<>();
    synchronized (this) {
      crowded = !behind.isEmpty();
      for (int i = behind.size(); i > 0; i--) {
        Share share = behind.remove();
        share.listed = !share.queue.isEmpty();
        if (share.listed) {
          behind.add(share);
          if (share.stuck()) {
            helped.add(share);
          }
          crowded &= !share.mayGrow();
        }
      }
    }
    helped.forEach(share -> threads.execute(share::work));
  }

  /** A share has something in its queue: under the lock. */
  private void fallsBehind(Share share) {
    if (share.listed) {
      return;
    }
    share.listed = true;
    share.seen = share.begun - 1;
    behind.add(share);
    if (watchSleeps || (crowded && share.mayGrow())) {
      watchSleeps = false;
      crowded = false;
      notifyAll();
    } else if (watches && !watching && !closed) {
      watching = true;
      thread("jtgt-store-watch", this::watch).start();
    }
  }

  private void watch() {
    int idle = 0;
    while (rest(idle > IDLE_LOOKS)) {
      look();
      idle = isBehind() ? 0 : idle + 1;
    }
  }

  private synchronized boolean isBehind() {
    return !behind.isEmpty();
  }

  /** Time until the next look. */
  synchronized Duration patience() {
    return crowded ? CROWDED_PATIENCE : PATIENCE;
  }

  /** Waits for the time of the next look; false when there is none. */
  private synchronized boolean rest(boolean untilBehind) {
    try {
      if (untilBehind && behind.isEmpty() && !closed) {
        watchSleeps = true;
        while (watchSleeps && !closed) {
          wait();
        }
      }
      if (!closed) {
        TimeUnit.NANOSECONDS.timedWait(this, patience().toNanos());
      }
    } catch (InterruptedException nobodyDoesThat) {
      return false;
    }
    // What is queued is still worked off.
    return !closed || !behind.isEmpty();
  }

  /** What one logical unit may take. */
  final class Share {
    private final PrioritizedQueue queue = new PrioritizedQueue();
    private int running;

    /** Threads that it needs, as its calls have shown. */
    private int width = 1;

    private int quickCalls;
    private long begun;
    private long seen;
    private boolean listed;

    private Share() {}

    /** Runs an action on a worker thread, without a priority. */
    void run(Runnable action) {
      run(action, PrioritizedQueue.NONE);
    }

    /**
     * Runs an action on a worker thread; actions of a priority begin in the order of the calls.
     *
     * @param priority of the command that it is for (SAM-5 8.7)
     */
    void run(Runnable action, int priority) {
      boolean start;
      synchronized (BlockingWorkers.this) {
        queue.add(action, priority);
        start = grow();
        if (!start) {
          fallsBehind(this);
        }
      }
      if (start) {
        threads.execute(this::work);
      }
    }

    /**
     * Takes an action back.
     *
     * @return false when it has begun
     */
    boolean remove(Runnable action) {
      synchronized (BlockingWorkers.this) {
        return queue.remove(action);
      }
    }

    /** The thread is counted: it must not end without being counted down. */
    private static void survive(Runnable action) {
      try {
        action.run();
      } catch (RuntimeException | StackOverflowError | OutOfMemoryError bug) {
        LOG.error("a task failed by a bug", bug);
      }
    }

    private void work() {
      long since = nanoTime.getAsLong();
      for (@Nullable Runnable next = next(0); next != null; ) {
        survive(next);
        long now = nanoTime.getAsLong();
        next = next(now - since);
        since = now;
      }
    }

    /** The next action, after one that took so long; null when the thread is to leave. */
    private @Nullable Runnable next(long nanos) {
      boolean start;
      Runnable action;
      synchronized (BlockingWorkers.this) {
        learn(nanos);
        // Gives a stock thread up when it is not needed, or when others have taken so much that
        // this share is too large.
        boolean spare = running > 1 && (running > width || running - 1 > stock - taken + 1);
        if (queue.isEmpty() || spare) {
          running--;
          if (running > 0) {
            taken--;
          }
          return null;
        }
        action = queue.remove();
        begun++;
        start = !queue.isEmpty() && grow();
      }
      if (start) {
        threads.execute(this::work);
      }
      return action;
    }

    private void learn(long nanos) {
      if (nanos > QUICK.toNanos()) {
        quickCalls = 0;
        widen();
      } else if (++quickCalls >= QUICK_CALLS) {
        quickCalls = 0;
        width = Math.max(1, width / 2);
      }
    }

    private void widen() {
      if (!queue.isEmpty()) {
        width = Math.min(Math.max(width, running * 2), stock + 1);
      }
    }

    /**
     * Nobody has begun anything since the last look: one thread more, which gets more by itself.
     */
    private boolean stuck() {
      boolean stuck = seen == begun;
      seen = begun;
      if (stuck) {
        widen();
      }
      return stuck && grow();
    }

    /** Whether there is a thread for it, needed or not. */
    private boolean mayGrow() {
      return running == 0 || running - 1 < stock - taken;
    }

    /** Takes a thread if one is needed and may be had. */
    private boolean grow() {
      if (running > 0 && (running >= width || !mayGrow())) {
        return false;
      }
      running++;
      if (running > 1) {
        taken++;
      }
      return true;
    }
  }
}
