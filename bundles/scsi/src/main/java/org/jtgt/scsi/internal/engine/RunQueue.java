// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.util.ArrayDeque;

/**
 * Runs tasks that another task's end set free, one after the other on the thread that set them
 * free, so that a long chain of them does not grow the stack.
 */
final class RunQueue {
  private static final ThreadLocal<RunQueue> CURRENT = ThreadLocal.withInitial(RunQueue::new);

  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
  private boolean running;

  private RunQueue() {}

  /** Runs {@code action} now, or as soon as the ones before it on this thread have returned. */
  static void run(Runnable action) {
    RunQueue queue = CURRENT.get();
    queue.waiting.add(action);
    if (queue.running) {
      return;
    }
    queue.running = true;
    try {
      for (Runnable next; (next = queue.waiting.poll()) != null; ) {
        next.run();
      }
    } finally {
      queue.running = false;
    }
  }
}
