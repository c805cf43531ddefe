// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** Keeps I/O on one cluster apart from what moves it. Several clusters share a lock. */
final class ClusterLocks {
  /** No more clusters than these change at a time. */
  static final int COUNT = 64;

  /** Something that is done while some I/O is not. */
  @FunctionalInterface
  interface Action {
    void run() throws IOException;
  }

  private final ReentrantReadWriteLock[] locks = new ReentrantReadWriteLock[COUNT];

  ClusterLocks() {
    Arrays.setAll(locks, i -> new ReentrantReadWriteLock());
  }

  /** Of those that leave the cluster where it is. */
  Lock shared(long cluster) {
    return locks[index(cluster)].readLock();
  }

  /** Of those that move the cluster. */
  Lock exclusive(long cluster) {
    return locks[index(cluster)].writeLock();
  }

  private static int index(long cluster) {
    return (int) (cluster % COUNT);
  }

  /** Does something while nobody reads or writes. */
  void exclusively(Action action) throws IOException {
    with(Arrays.stream(locks).map(ReentrantReadWriteLock::writeLock).toArray(Lock[]::new), action);
  }

  /** Does something to clusters that nobody reads or writes. */
  void exclusively(long[] clusters, Action action) throws IOException {
    // In the order that keeps two from waiting for each other.
    Lock[] held =
        Arrays.stream(clusters)
            .mapToInt(ClusterLocks::index)
            .sorted()
            .mapToObj(index -> locks[index].writeLock())
            .toArray(Lock[]::new);
    with(held, action);
  }

  private static void with(Lock[] held, Action action) throws IOException {
    for (Lock lock : held) {
      lock.lock();
    }
    try {
      action.run();
    } finally {
      for (Lock lock : held) {
        lock.unlock();
      }
    }
  }
}
