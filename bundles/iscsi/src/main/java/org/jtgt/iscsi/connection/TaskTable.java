// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The tasks of a connection by Initiator Task Tag: a hash table with open addressing that makes no
 * garbage. Not for several threads at once.
 */
final class TaskTable {
  private @Nullable ScsiTask[] slots = new ScsiTask[64];
  private int size;
  private int heldBytes;
  private int immediate;

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
    heldBytes += task.unsolicitedBytes();
    immediate += task.immediate() ? 1 : 0;
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
    heldBytes -= task.unsolicitedBytes();
    immediate -= task.immediate() ? 1 : 0;
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

  /** Unsolicited data has come for a task of the table. */
  void addUnsolicited(ScsiTask task, int bytes) {
    task.addUnsolicited(bytes);
    heldBytes += bytes;
  }

  /** Bytes of unsolicited data that the tasks hold. */
  int heldBytes() {
    return heldBytes;
  }

  /** How many of the tasks are immediate. */
  int immediate() {
    return immediate;
  }

  /** A task that is meant; null for none. */
  @Nullable ScsiTask find(Predicate<ScsiTask> meant) {
    for (ScsiTask task : slots) {
      if (task != null && meant.test(task)) {
        return task;
      }
    }
    return null;
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
