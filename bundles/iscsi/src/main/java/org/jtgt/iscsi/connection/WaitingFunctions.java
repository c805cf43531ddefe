// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.jtgt.iscsi.session.CommandWindow;

/**
 * Task management that has to wait for what happens on other connections of the session (RFC 7143
 * 4.2.3.3): a function on many tasks for the commands before it, its response until the initiator
 * has acknowledged what was sent before on every other connection.
 *
 * <p>Thread rules: the loop.
 */
final class WaitingFunctions {
  private record Waiting(FullFeature of, BooleanSupplier due, Runnable action) {}

  /** An initiator has no use for more; they are outside the window. */
  private static final int MOST = 32;

  private final OpenSession session;
  private @Nullable List<Waiting> list;

  WaitingFunctions(OpenSession session) {
    this.session = session;
  }

  /** True when no more can wait. */
  boolean full() {
    return list != null && list.size() >= MOST;
  }

  /** Runs something when all commands before a CmdSN have been delivered, perhaps now. */
  void untilDelivered(FullFeature of, int cmdSn, Runnable action) {
    await(of, () -> !CommandWindow.before(session.expCmdSn(), cmdSn), action);
  }

  /**
   * Runs something when the initiator has acknowledged all that was sent on the other connections,
   * perhaps now. A NOP-In asks for the acknowledgement.
   */
  void untilAcknowledged(FullFeature of, Runnable action) {
    List<BooleanSupplier> all = new ArrayList<>();
    for (FullFeature other : session.connections()) {
      if (other != of && !other.acknowledgedUpTo(other.statSn())) {
        int statSn = other.statSn();
        all.add(() -> !session.connections().contains(other) || other.acknowledgedUpTo(statSn));
        other.ping();
        other.flush();
      }
    }
    await(of, () -> all.stream().allMatch(BooleanSupplier::getAsBoolean), action);
  }

  private void await(FullFeature of, BooleanSupplier due, Runnable action) {
    if (due.getAsBoolean()) {
      action.run();
      return;
    }
    if (list == null) {
      list = new ArrayList<>();
    }
    list.add(new Waiting(of, due, action));
  }

  /** Something moved: runs what is due. */
  void run() {
    List<Waiting> now = list;
    if (now == null) {
      return;
    }
    list = null;
    for (Waiting each : now) {
      if (!session.connections().contains(each.of)) {
        // Its connection has ended, and with it whoever waits for the response.
        continue;
      }
      if (each.due.getAsBoolean()) {
        each.action.run();
        each.of.flush();
      } else {
        if (list == null) {
          list = new ArrayList<>();
        }
        list.add(each);
      }
    }
  }
}
