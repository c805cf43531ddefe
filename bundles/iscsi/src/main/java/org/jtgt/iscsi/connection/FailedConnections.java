// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The connections of a session that have failed at recovery level 2: their tasks go on and wait to
 * be reassigned, for Time2Wait and Time2Retain (RFC 7143 7.2.2, 13.15, 13.16), then they are
 * aborted.
 *
 * <p>Thread rules: the loop.
 */
final class FailedConnections {
  /** A failed connection; its tasks can be reassigned once it is logged out. */
  private static final class Failed {
    final FullFeature connection;
    boolean loggedOut;
    Wire.@Nullable Timer timer;

    Failed(FullFeature connection) {
      this.connection = connection;
    }
  }

  private final OpenSession session;
  private final List<Failed> list = new ArrayList<>();

  FailedConnections(OpenSession session) {
    this.session = session;
  }

  /** A connection failed, or was removed for recovery by an explicit or implicit logout. */
  void add(FullFeature connection, boolean loggedOut) {
    connection.suspend();
    Failed entry = new Failed(connection);
    entry.loggedOut = loggedOut;
    list.add(entry);
    retain(entry);
  }

  private void retain(Failed entry) {
    if (entry.timer != null) {
      entry.timer.cancel();
    }
    entry.timer =
        session
            .loop()
            .schedule(
                () -> {
                  list.remove(entry);
                  entry.connection.abandon(() -> {});
                },
                session.retainSeconds() * 1000L);
  }

  /**
   * A logout names a failed connection: its tasks are not allegiant to it any more.
   *
   * @return false when no such connection has failed
   */
  boolean loggedOut(int cid) {
    boolean found = false;
    for (Failed entry : list) {
      if (entry.connection.cid() == cid) {
        found = true;
        if (!entry.loggedOut) {
          entry.loggedOut = true;
          retain(entry);
        }
      }
    }
    return found;
  }

  /** Aborts the tasks of a failed connection that is closed by a logout. */
  boolean abandon(int cid, Runnable ended) {
    for (Iterator<Failed> each = list.iterator(); each.hasNext(); ) {
      Failed entry = each.next();
      if (entry.connection.cid() == cid) {
        each.remove();
        cancel(entry);
        entry.connection.abandon(ended);
        return true;
      }
    }
    return false;
  }

  @Nullable ScsiTask find(int initiatorTaskTag) {
    for (int i = 0; i < list.size(); i++) {
      ScsiTask task = list.get(i).connection.find(initiatorTaskTag);
      if (task != null) {
        return task;
      }
    }
    return null;
  }

  /** The connection that a task, or a response to it, waits on; null when there is none. */
  @Nullable FullFeature holding(int initiatorTaskTag) {
    for (Failed entry : list) {
      if (entry.connection.find(initiatorTaskTag) != null
          || entry.connection.keeps(initiatorTaskTag)) {
        return entry.connection;
      }
    }
    return null;
  }

  /** True when the tasks of a failed connection may be reassigned. */
  boolean isLoggedOut(FullFeature connection) {
    for (Failed entry : list) {
      if (entry.connection == connection) {
        return entry.loggedOut;
      }
    }
    return false;
  }

  /** Commands of failed connections that have not ended. */
  int running() {
    int running = 0;
    for (int i = 0; i < list.size(); i++) {
      running += list.get(i).connection.running();
    }
    return running;
  }

  /** The session ends: whoever ends it ends the nexus. */
  void close() {
    for (Failed entry : list) {
      cancel(entry);
      entry.connection.close();
    }
    list.clear();
  }

  private static void cancel(Failed entry) {
    if (entry.timer != null) {
      entry.timer.cancel();
    }
  }
}
