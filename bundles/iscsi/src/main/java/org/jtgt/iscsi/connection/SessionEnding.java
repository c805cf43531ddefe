// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import org.jtgt.iscsi.session.Session;

/**
 * The end of a session, whatever its connections do: its nexus closes, then its TSIH and identity
 * are free.
 *
 * <p>Thread rules: any thread.
 */
final class SessionEnding {
  private final ConnectionEnvironment environment;
  private final Session session;

  SessionEnding(ConnectionEnvironment environment, Session session) {
    this.environment = environment;
    this.session = session;
  }

  /**
   * Ends the session.
   *
   * @param then runs when no task of it is left in a store, on any thread
   * @return false when it is ending already; then nothing runs
   */
  boolean end(Runnable then) {
    if (!session.closing()) {
      return false;
    }
    Runnable ended =
        () -> {
          environment.sessions().closed(session);
          then.run();
        };
    session.nexus().ifPresentOrElse(nexus -> nexus.close(ended), ended);
    return true;
  }

  /** Ends the session because its last connection has gone without a logout. */
  void connectionLost(String peer) {
    if (end(() -> {}) && session.nexus().isPresent()) {
      environment.event(session.identity().initiatorName() + " at " + peer + " lost its session");
    }
  }
}
