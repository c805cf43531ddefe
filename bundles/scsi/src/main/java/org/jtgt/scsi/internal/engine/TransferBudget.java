// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.ScsiCommand;

/**
 * The bytes that all commands of the container may hold in buffers together.
 *
 * <p>Each logical unit has an account, and each nexus that reaches it a share of that account. A
 * share may grow while its unit holds at most as much as is still free, so that a slow unit cannot
 * take all; beyond that up to a part of what is free, so that one nexus whose data does not come
 * cannot stop the others of its unit. One that holds nothing is granted whatever fits, and as long
 * as it waits those that hold something do not grow. What is not granted waits in the order of its
 * share. Data-In counts until the transport has sent it; a nexus that does not take what it asked
 * for waits, and nobody for it.
 */
public final class TransferBudget {
  /** What a share may hold when its unit may not grow: this part of what is free. */
  private static final int PART = 4;

  /** A nexus that has so many bytes waiting to be sent is granted no more until some are. */
  private static final long UNSENT_BYTES = 4 << 20;

  private long total;
  private long used;
  private int waiters;
  private final Deque<Account> hungry = new ArrayDeque<>();

  /**
   * @param totalBytes size, positive
   */
  public TransferBudget(long totalBytes) {
    this.total = totalBytes;
  }

  /** A new account, for one logical unit. */
  Account account() {
    return new Account(null, new Unsent());
  }

  /** Changes the size; what is held already stays held. */
  public void resize(long totalBytes) {
    List<EngineTask> granted = new ArrayList<>();
    synchronized (this) {
      total = totalBytes;
      grant(granted);
    }
    resume(granted);
  }

  /** Size in bytes. */
  public synchronized long totalBytes() {
    return total;
  }

  /** Bytes held. */
  public synchronized long usedBytes() {
    return used;
  }

  /** Commands that wait. */
  public synchronized int waitingCommands() {
    return waiters;
  }

  /**
   * Takes bytes for a task, or leaves it parked in {@link EngineTask#BUDGET}.
   *
   * @return whether they were granted
   */
  synchronized boolean take(Account account, EngineTask task, int bytes) {
    if (account.waiting.isEmpty() && mayTake(account, bytes)) {
      hold(account, bytes);
      return true;
    }
    if (account.waiting.isEmpty()) {
      hungry.add(account);
    }
    waiters++;
    account.waiting.add(task);
    task.park(EngineTask.BUDGET);
    return false;
  }

  /** Gives bytes back, and goes on with those that waited for them. */
  void release(Account account, int bytes) {
    release(account, bytes, 0);
  }

  private void release(Account account, int bytes, int sent) {
    List<EngineTask> granted = null;
    synchronized (this) {
      // Under the lock: who was refused for it is in the queue, and is seen below.
      account.unsent.bytes.addAndGet(-sent);
      hold(account, -bytes);
      if (!hungry.isEmpty()) {
        granted = new ArrayList<>();
        grant(granted);
      }
    }
    if (granted != null) {
      resume(granted);
    }
  }

  /** Forgets a task that no longer waits. */
  void withdraw(Account account, EngineTask task) {
    List<EngineTask> granted = new ArrayList<>();
    synchronized (this) {
      if (account.waiting.remove(task)) {
        waiters--;
        if (account.waiting.isEmpty()) {
          hungry.remove(account);
        }
        grant(granted);
      }
    }
    resume(granted);
  }

  private boolean mayTake(Account account, long bytes) {
    long free = total - used;
    return bytes <= free
        && account.unsent.allowsMore()
        && (account.held == 0
            || ((account.unit().held + bytes <= free || account.held + bytes <= free / PART)
                && (hungry.isEmpty() || !someoneStarves())));
  }

  private void hold(Account account, long bytes) {
    used += bytes;
    account.held += bytes;
    if (account.unit() != account) {
      account.unit().held += bytes;
    }
  }

  /** Whether one that holds nothing waits, and not for itself. */
  private boolean someoneStarves() {
    for (Account account : hungry) {
      if (account.held == 0 && account.unsent.allowsMore()) {
        return true;
      }
    }
    return false;
  }

  /** Takes the accounts in turn, one command each, until none can be served. */
  private void grant(List<EngineTask> granted) {
    for (int refused = 0; !hungry.isEmpty() && refused < hungry.size(); ) {
      Account account = hungry.remove();
      EngineTask task = account.waiting.getFirst();
      if (!mayTake(account, task.reservedBytes())) {
        hungry.add(account);
        refused++;
        continue;
      }
      refused = 0;
      account.waiting.remove();
      waiters--;
      if (!account.waiting.isEmpty()) {
        hungry.add(account);
      }
      if (task.claim(EngineTask.BUDGET)) {
        hold(account, task.reservedBytes());
        task.budgetGranted();
        granted.add(task);
        account.unsent.promised += task.reservedBytes();
      }
    }
    for (EngineTask task : granted) {
      task.path().account().unsent.promised = 0;
    }
  }

  private static void resume(List<EngineTask> granted) {
    for (EngineTask task : granted) {
      RunQueue.run(task);
    }
  }

  /** The bytes that wait to be sent to one nexus, whatever units they are of. */
  static final class Unsent {
    private final AtomicLong bytes = new AtomicLong();

    // Granted while the queues are gone through: what was just sent makes room for as much, not for
    // all that waits. Guarded by the budget.
    private long promised;

    private boolean allowsMore() {
      return bytes.get() + promised < UNSENT_BYTES;
    }
  }

  /** The account of one logical unit, or a share of one; guarded by the budget. */
  final class Account implements ScsiCommand.Reservation {
    private final @Nullable Account whole;
    private final Unsent unsent;
    private long held;
    private final Deque<EngineTask> waiting = new ArrayDeque<>();

    private Account(@Nullable Account whole, Unsent unsent) {
      this.whole = whole;
      this.unsent = unsent;
    }

    private Account unit() {
      return whole == null ? this : whole;
    }

    /**
     * A new share, for one nexus.
     *
     * @param ofNexus what waits to be sent to it
     */
    Account share(Unsent ofNexus) {
      return new Account(this, ofNexus);
    }

    /**
     * Offers bytes that a command holds to its transport, until they are sent.
     *
     * @return whether it took them
     */
    boolean offer(ScsiCommand to, int bytes) {
      unsent.bytes.addAndGet(bytes);
      boolean taken = to.takeReservation(this, bytes);
      if (!taken) {
        unsent.bytes.addAndGet(-bytes);
      }
      return taken;
    }

    @Override
    public void giveBack(int bytes) {
      release(this, bytes, bytes);
    }
  }
}
