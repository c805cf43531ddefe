// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.device.Task.Access;

/** The place of a task in its task set: links and marks, all guarded by the set's lock. */
final class SetEntry {
  /** Whether the task is in the set. */
  boolean inSet;

  /** The neighbours, in the order of their coming. */
  @Nullable EngineTask previous;

  @Nullable EngineTask next;

  /** Whether the task waits for its turn (SAM-5 8.5.2). */
  boolean dormant;

  /** Whether it entered as the ACA command of an ACA condition. */
  boolean underAca;

  /** How it uses its range, from the moment it asked for it; null for no range. */
  @Nullable Access access;

  /** Whether it has asked for its range and not got it. */
  boolean waitsForRange;

  /** When it asked, among those that wait; 0 while it does not. */
  long rangeTurn;

  private @Nullable EngineTask freed;

  void begin() {
    inSet = false;
    dormant = false;
    underAca = false;
    access = null;
    waitsForRange = false;
    rangeTurn = 0;
  }

  /** Chains a task behind this one, to run after its end. */
  void frees(EngineTask other) {
    SetEntry at = this;
    for (EngineTask task = at.freed; task != null; task = at.freed) {
      at = task.entry();
    }
    at.freed = other;
  }

  /** Takes the chain of tasks that may run now: for the owner, after the task has left the set. */
  @Nullable EngineTask takeFreed() {
    EngineTask first = freed;
    freed = null;
    return first;
  }
}
