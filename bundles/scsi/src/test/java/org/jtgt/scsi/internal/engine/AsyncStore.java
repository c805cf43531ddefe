// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jtgt.backstore.StoreIo;

/** A store that completes an I/O when the test says so. */
class AsyncStore extends MemoryStore {
  private final Deque<StoreIo> waiting = new ArrayDeque<>();

  AsyncStore(int sizeBytes) {
    super(sizeBytes);
  }

  @Override
  public Completion completion() {
    return Completion.ASYNCHRONOUS;
  }

  @Override
  public synchronized void submit(StoreIo io) {
    waiting.add(io);
  }

  synchronized int waiting() {
    return waiting.size();
  }

  synchronized boolean isWaiting(StoreIo io) {
    return waiting.contains(io);
  }

  /** Does the newest I/O first. */
  void completeNewestFirst() {
    StoreIo io;
    synchronized (this) {
      io = waiting.removeLast();
    }
    super.submit(io);
  }

  /** Does the oldest I/O. */
  void completeOne() {
    StoreIo io;
    synchronized (this) {
      io = waiting.remove();
    }
    super.submit(io);
  }

  /** Does the newest I/O. */
  void completeLast() {
    StoreIo io;
    synchronized (this) {
      io = waiting.removeLast();
    }
    super.submit(io);
  }

  void completeAll() {
    while (waiting() > 0) {
      completeOne();
    }
  }
}
