// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The tasks of a connection by Initiator Task Tag: a hash table with open addressing that makes no
 * garbage. Not for several threads at once.
 */
final class TaskTable {
  private @Nullable ScsiTask[] slots = new ScsiTask[64];
  private int size;

  int size() {
    return size;
  }

  @Nullable ScsiTask get(int tag) {
    int mask = slots.length - 1;
    for (int i = hash(tag) & mask; ; i = (i + 1) & mask) {
      ScsiTask task = slots[i];
      if (task == null || task.initiatorTaskTag() == tag) {
        return task;
      }
    }
  }

  /** Adds a task whose tag is not in the table. */
  void put(ScsiTask task) {
    if (size * 2 >= slots.length) {
      grow();
    }
    insert(task);
    size++;
  }

  void remove(ScsiTask task) {
    int mask = slots.length - 1;
    int i = hash(task.initiatorTaskTag()) & mask;
    while (slots[i] != task) {
      if (slots[i] == null) {
        return;
      }
      i = (i + 1) & mask;
    }
    size--;
    // Close the gap: later entries of the same run move up (Knuth 6.4, algorithm R).
    int gap = i;
    slots[gap] = null;
    for (int j = (i + 1) & mask; ; j = (j + 1) & mask) {
      ScsiTask other = slots[j];
      if (other == null) {
        return;
      }
      int home = hash(other.initiatorTaskTag()) & mask;
      if (((j - home) & mask) >= ((j - gap) & mask)) {
        slots[gap] = other;
        slots[j] = null;
        gap = j;
      }
    }
  }

  void forEach(Consumer<ScsiTask> action) {
    for (ScsiTask task : slots.clone()) {
      if (task != null) {
        action.accept(task);
      }
    }
  }

  private void insert(ScsiTask task) {
    int mask = slots.length - 1;
    int i = hash(task.initiatorTaskTag()) & mask;
    while (slots[i] != null) {
      i = (i + 1) & mask;
    }
    slots[i] = task;
  }

  private void grow() {
    @Nullable ScsiTask[] old = slots;
    slots = new ScsiTask[old.length * 2];
    for (ScsiTask task : old) {
      if (task != null) {
        insert(task);
      }
    }
  }

  private static int hash(int tag) {
    int h = tag * 0x9e3779b9;
    return h ^ h >>> 16;
  }
}
