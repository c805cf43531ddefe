// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The bytes that all commands of the container may hold in buffers together.
 *
 * <p>Each logical unit has an account, and each nexus that reaches it a share of that account. A
 * share may grow while its unit holds at most as much as is still free, so that a slow unit cannot
 * take all; beyond that up to a part of what is free, so that one nexus whose data does not come
 * cannot stop the others of its unit. One that holds nothing is granted whatever fits, and as long
 * as it waits those that hold something do not grow. What is not granted waits in the order of its
 * share.
 */
public final class TransferBudget {
  /** What a share may hold when its unit may not grow: this part of what is free. */
  private static final int PART = 4;

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
    return new Account(null);
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
    List<EngineTask> granted = null;
    synchronized (this) {
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

  /** Whether one that holds nothing waits. */
  private boolean someoneStarves() {
    for (Account account : hungry) {
      if (account.held == 0) {
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
      }
    }
  }

  private static void resume(List<EngineTask> granted) {
    for (EngineTask task : granted) {
      RunQueue.run(task);
    }
  }

  /** The account of one logical unit, or a share of one; guarded by the budget. */
  static final class Account {
    private final @Nullable Account whole;
    private long held;
    private final Deque<EngineTask> waiting = new ArrayDeque<>();

    private Account(@Nullable Account whole) {
      this.whole = whole;
    }

    private Account unit() {
      return whole == null ? this : whole;
    }

    /** A new share, for one nexus. */
    Account share() {
      return new Account(this);
    }
  }
}
