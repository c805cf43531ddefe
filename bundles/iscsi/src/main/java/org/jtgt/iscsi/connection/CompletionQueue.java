// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Tasks on which engine threads did something, on their way to the loop. The tasks are linked
 * themselves, and only the first of a batch wakes the loop.
 *
 * <p>Thread rules: {@link #push} by any thread, {@link #takeAll} by the loop.
 */
final class CompletionQueue {
  private final AtomicReference<@Nullable ScsiTask> top = new AtomicReference<>();

  /** Adds a task; true when the loop has to be woken. */
  boolean push(ScsiTask task) {
    while (true) {
      ScsiTask old = top.get();
      task.next = old;
      if (top.compareAndSet(old, task)) {
        return old == null;
      }
    }
  }

  /** All tasks, linked by their {@code next} in the order they were added; null when none. */
  @Nullable ScsiTask takeAll() {
    ScsiTask reversed = null;
    ScsiTask task = top.getAndSet(null);
    while (task != null) {
      ScsiTask next = task.next;
      task.next = reversed;
      reversed = task;
      task = next;
    }
    return reversed;
  }
}
