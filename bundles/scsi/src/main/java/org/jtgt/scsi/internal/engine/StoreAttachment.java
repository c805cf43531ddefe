// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.Backstore;

/**
 * The place of a logical unit's store: absent, attached, draining. Store I/O passes through it, so
 * that a store is let go only when none is running; what finds no store waits here, for a time. A
 * store that is there and answers nothing is as good as absent where the policy is not to wait.
 *
 * <p>The state and the number of running I/Os lie in one number: entering and leaving cost one
 * atomic operation each.
 */
final class StoreAttachment {
  /** States of ARCHITECTURE, life of a store. */
  enum State {
    ABSENT,
    ATTACHED,
    /** Attached, but it answers nothing. */
    BLOCKED,
    DRAINING
  }

  /**
   * What one nexus may have waiting: more than initiators send to a unit (Linux 32, QEMU and ESXi
   * at most 128), so that none of them sees more of a replaced store than a delay, and much less
   * than a session may have under way, so that its commands for other units still get through.
   */
  static final int HELD_PER_NEXUS = 128;

  /** So long a store that has I/O may answer none of it before it counts as blocked. */
  static final Duration BLOCK_TIME = Duration.ofSeconds(10);

  private static final Duration LOOK = Duration.ofSeconds(1);

  /**
   * So long after a store was let go commands wait whatever the policy: a store that is replaced is
   * back before.
   */
  static final Duration SWAP_TIME = Duration.ofSeconds(5);

  private static final long ATTACHED = 1L << 62;

  private final EngineClock clock;
  private final AtomicLong gate = new AtomicLong();
  private volatile @Nullable Backstore store;
  private volatile boolean flushFailed;
  private volatile Duration holdTime;
  private volatile Outage outage;
  private long swapEndNanos;
  private long outages;
  private final HeldCommands held;
  private boolean refusing;
  private boolean watching;
  private volatile boolean blocked;
  private volatile Runnable onBlockage = () -> {};

  // How many I/Os have left: counted without a lock, because only a change of it means something.
  private int departures;
  private int departuresSeen;
  private long progressNanos;

  StoreAttachment(EngineClock clock, Duration holdTime, Outage outage) {
    this.clock = clock;
    this.holdTime = holdTime;
    this.outage = outage;
    this.held = new HeldCommands(clock, this::expire);
    swapEndNanos = clock.nanoTime();
  }

  State state() {
    if (blocked) {
      return State.BLOCKED;
    }
    if ((gate.get() & ATTACHED) != 0) {
      return State.ATTACHED;
    }
    return store == null ? State.ABSENT : State.DRAINING;
  }

  boolean isAttached() {
    return (gate.get() & ATTACHED) != 0;
  }

  /** The store while it is attached or draining. */
  @Nullable Backstore store() {
    return store;
  }

  /** The store, for who has {@linkplain #enter() entered}. */
  Backstore attachedStore() {
    Backstore now = store;
    if (now == null) {
      throw new IllegalStateException("no store is attached");
    }
    return now;
  }

  /** Whether a flush failed since the store was opened: nothing can be promised stable. */
  boolean flushFailed() {
    return flushFailed;
  }

  void flushHasFailed() {
    flushFailed = true;
  }

  void policy(Outage newOutage, Duration newHoldTime) {
    outage = newOutage;
    holdTime = newHoldTime;
  }

  /** Enters one I/O; false when there is no store to give it to. */
  boolean enter() {
    for (; ; ) {
      long seen = gate.get();
      if ((seen & ATTACHED) == 0) {
        return false;
      }
      if (gate.compareAndSet(seen, seen + 1)) {
        return true;
      }
    }
  }

  /** Leaves after one I/O. */
  void leave() {
    departures++;
    leaveUnasked();
  }

  /** Leaves without an I/O: that tells nothing of the store. */
  void leaveUnasked() {
    if (gate.decrementAndGet() == 0) {
      synchronized (this) {
        notifyAll();
      }
    }
  }

  /**
   * Attaches a store; nothing may be attached. Those who waited go on.
   *
   * @param sameData whether it shows the data of the one before, which was not opened again: what
   *     that has lost is still lost, and a flush that has failed still counts
   */
  void attach(Backstore newStore, boolean sameData) {
    List<EngineTask> released;
    synchronized (this) {
      store = newStore;
      blocked = false;
      if (!sameData) {
        flushFailed = false;
      }
      refusing = false;
      gate.updateAndGet(seen -> seen | ATTACHED);
      progressNanos = clock.nanoTime();
      released = held.claimAll();
      watch();
    }
    released.forEach(RunQueue::run);
  }

  // --- a store that does not answer ---

  private void watch() {
    if (!watching) {
      watching = true;
      clock.after(LOOK, this::look);
    }
  }

  /** Whether the store answers; said to be blocked after a time, and to answer at the first. */
  private void look() {
    List<EngineTask> released = List.of();
    boolean turned = false;
    synchronized (this) {
      watching = false;
      if (store == null || (!blocked && !isAttached())) {
        return;
      }
      watch();
      long now = clock.nanoTime();
      int seen = departures;
      if (seen != departuresSeen || runningIos() == 0) {
        departuresSeen = seen;
        progressNanos = now;
        if (blocked) {
          turned = true;
          blocked = false;
          gate.updateAndGet(state -> state | ATTACHED);
          released = held.claimAll();
        }
      } else if (!blocked && now - progressNanos >= BLOCK_TIME.toNanos()) {
        turned = true;
        blocked = true;
        if (outage != Outage.HOLD) {
          gate.updateAndGet(state -> state & ~ATTACHED);
        }
      }
    }
    if (turned) {
      onBlockage.run();
    }
    released.forEach(RunQueue::run);
  }

  /** Runs something each time when the store is found blocked, or answers again. */
  void onBlockage(Runnable action) {
    onBlockage = action;
  }

  private long runningIos() {
    return gate.get() & ~ATTACHED;
  }

  /** What a store that is blocked owes, and since when, in words; empty when it is not. */
  synchronized String blockage() {
    return blocked
        ? "%d I/Os have had no answer for %d s"
            .formatted(runningIos(), Duration.ofNanos(clock.nanoTime() - progressNanos).toSeconds())
        : "";
  }

  /** New I/O waits from here on. */
  synchronized void drain() {
    blocked = false;
    gate.updateAndGet(seen -> seen & ~ATTACHED);
    swapEndNanos = clock.nanoTime() + SWAP_TIME.toNanos();
    outages++;
  }

  /**
   * Waits until no I/O is running.
   *
   * @return false when some still run after the given time, or the thread was interrupted
   */
  synchronized boolean awaitDrained(Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    boolean interrupted = false;
    while (gate.get() != 0) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        break;
      }
      try {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      } catch (InterruptedException e) {
        interrupted = true;
        break;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return gate.get() == 0;
  }

  /** Lets the store go. */
  synchronized void detach() {
    store = null;
    swapEndNanos = clock.nanoTime() + SWAP_TIME.toNanos();
  }

  /** Ends what waits with {@code refusal}, and everything that comes until a store is attached. */
  void refuse() {
    List<EngineTask> refused;
    synchronized (this) {
      refusing = true;
      refused = held.claimAll();
    }
    refused.forEach(EngineTask::notReady);
  }

  /** As {@link #refuse}, but not before the hold time is over, and not if a store was attached. */
  void refuseLater() {
    long outage = outages();
    clock.after(
        holdTime,
        () -> {
          if (!isAttached() && outages() == outage) {
            refuse();
          }
        });
  }

  private synchronized long outages() {
    return outages;
  }

  /** A store may come: what comes waits for it. */
  synchronized void expect() {
    refusing = false;
  }

  /** What became of a task that asked to wait. */
  enum Hold {
    /** It waits. */
    HELD,
    /** A store is attached. */
    GO_ON,
    /** No store comes soon. */
    REFUSED,
    /** It shall be tried again. */
    BUSY,
    /** Too many of the nexus wait already. */
    FULL
  }

  /**
   * Parks a task in {@link EngineTask#HELD} until a store is attached or its time is over.
   *
   * @param begun whether the command has begun, and is held however many are
   */
  synchronized Hold hold(EngineTask task, boolean begun) {
    if (isAttached()) {
      return Hold.GO_ON;
    }
    long now = clock.nanoTime();
    boolean swap = outage != Outage.HOLD && swapEndNanos - now > 0;
    if (refusing || (holdTime.isZero() && !swap)) {
      return Hold.REFUSED;
    }
    if (outage != Outage.HOLD && !swap) {
      return outage == Outage.BUSY ? Hold.BUSY : Hold.REFUSED;
    }
    if (task.path().held >= HELD_PER_NEXUS && !begun) {
      return Hold.FULL;
    }
    Duration time = swap ? Duration.ofNanos(swapEndNanos - now) : holdTime;
    held.add(task, now + time.toNanos());
    task.park(EngineTask.HELD);
    return Hold.HELD;
  }

  /** Forgets a task that no longer waits. */
  synchronized void withdraw(EngineTask task) {
    held.remove(task);
  }

  /** Number of commands that wait for the store. */
  synchronized int heldCommands() {
    return held.size();
  }

  private void expire() {
    List<EngineTask> late;
    synchronized (this) {
      late = held.claimLate();
    }
    late.forEach(outage == Outage.BUSY ? EngineTask::busy : EngineTask::notReady);
  }
}
