// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks that another task's end set free, one after the other on the thread that set them
 * free, so that a long chain of them does not grow the stack.
 */
final class RunQueue {
  // The first in the queue is the one that runs. What a thread keeps is of the JDK's classes alone:
  // threads of stores outlive this bundle, and must not keep its class loader.
  private static final ThreadLocal<ArrayDeque<Runnable>> CURRENT =
      ThreadLocal.withInitial(ArrayDeque::new);

  private RunQueue() {}

  /** Runs {@code action} now, or as soon as the ones before it on this thread have returned. */
  static void run(Runnable action) {
    ArrayDeque<Runnable> queue = CURRENT.get();
    queue.add(action);
    if (queue.size() > 1) {
      return;
    }
    Throwable thrown = null;
    for (Runnable next = action; next != null; next = queue.peek()) {
      try {
        next.run();
      } catch (RuntimeException | Error bug) {
        // The others have nobody else to run them.
        thrown = thrown == null ? bug : thrown;
      } finally {
        queue.poll();
      }
    }
    rethrow(thrown);
  }

  private static void rethrow(@Nullable Throwable thrown) {
    if (thrown instanceof RuntimeException bug) {
      throw bug;
    } else if (thrown instanceof Error error) {
      throw error;
    }
  }
}
