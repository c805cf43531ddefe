// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * What waits for a thread: by command priority (SAM-5 8.7), in the order of coming where that is
 * equal. One in {@value #TURN} goes to the others in turn, so that none waits for ever.
 *
 * <p>Not for several threads at once.
 */
final class PrioritizedQueue {
  /** No priority: its importance is ours to say, between those above and below the middle. */
  static final int NONE = 0;

  private static final int MIDDLE = 8;
  private static final int LOWEST = 15;
  private static final int TURN = 8;

  // Most initiators give no priority: the usual queue is all there is then.
  private final Deque<Runnable> usual = new ArrayDeque<>();
  private final List<Deque<Runnable>> levels = new ArrayList<>();
  private int special;
  private int favoured;
  private int turn;

  boolean isEmpty() {
    return special == 0 && usual.isEmpty();
  }

  /**
   * @param priority 1 first, 15 last; {@link #NONE} as 8
   */
  void add(Runnable action, int priority) {
    if (priority == NONE || priority == MIDDLE) {
      usual.add(action);
      return;
    }
    if (levels.isEmpty()) {
      for (int level = 0; level <= LOWEST; level++) {
        levels.add(level == MIDDLE ? usual : new ArrayDeque<>());
      }
    }
    levels.get(priority).add(action);
    special++;
  }

  /** Takes what is next; there is something. */
  Runnable remove() {
    if (special == 0) {
      return usual.remove();
    }
    int level = nextAfter(NONE);
    if (++favoured == TURN) {
      favoured = 0;
      turn = nextAfter(turn);
      level = turn;
    }
    if (level != MIDDLE) {
      special--;
    }
    return levels.get(level).remove();
  }

  /** Takes an action out of its turn; false when it does not wait. */
  boolean remove(Runnable action) {
    if (usual.remove(action)) {
      return true;
    }
    for (Deque<Runnable> level : levels) {
      if (level.remove(action)) {
        special--;
        return true;
      }
    }
    return false;
  }

  /** The next level behind one that is not empty, from the first on again after the last. */
  private int nextAfter(int level) {
    for (int i = 1; i <= LOWEST; i++) {
      int next = (level + i - 1) % LOWEST + 1;
      if (!levels.get(next).isEmpty()) {
        return next;
      }
    }
    throw new NoSuchElementException();
  }
}
