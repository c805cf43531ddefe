// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import java.util.ArrayDeque;

/**
 * How much Data-Out the R2Ts of one connection ask for at once. What is asked for comes in one
 * stream with the commands that follow: a target that asks for all of it at once lets each small
 * command wait behind all large writes. So some of it is asked for, and the next R2T is sent while
 * the rest of that still comes in, so that the line never falls silent.
 *
 * <p>Thread rules: the loop.
 */
final class DataOutWindow {
  /** What the window knows of one task. */
  static final class Share {
    private final DataOutReceiver receiver;
    private int awaited;
    private boolean waiting;

    Share(DataOutReceiver receiver) {
      this.receiver = receiver;
    }
  }

  private final int bytes;
  private final ArrayDeque<Share> waiting = new ArrayDeque<>();
  private int awaited;

  /**
   * @param bytes another R2T may be sent while less than that is still to come
   */
  DataOutWindow(int bytes) {
    this.bytes = bytes;
  }

  /** Whether a task may send its next R2T now; else its receiver proceeds when it may. */
  boolean admits(Share share) {
    if (awaited < bytes) {
      return true;
    }
    if (!share.waiting) {
      share.waiting = true;
      waiting.add(share);
    }
    return false;
  }

  /** What is still to come for a task may have changed. */
  void update(Share share) {
    int now = share.receiver.awaitedBytes();
    awaited += now - share.awaited;
    share.awaited = now;
  }

  /** The task has ended, or goes on with another connection. */
  void leave(Share share) {
    awaited -= share.awaited;
    share.awaited = 0;
    if (share.waiting) {
      share.waiting = false;
      waiting.remove(share);
    }
  }

  /** Lets tasks proceed, first come first served, as far as there is room. */
  void proceed() {
    while (awaited < bytes && !waiting.isEmpty()) {
      Share share = waiting.remove();
      share.waiting = false;
      share.receiver.proceed();
    }
  }
}
