// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.session;

/** Whoever runs a session's connection. Any thread. */
public interface SessionOwner {
  /** Ends the session: its connection closes, its nexus too. */
  void closeSession(String reason);

  /**
   * Gives the session up to a connection that reinstates this one (RFC 7143 6.3.4): this connection
   * closes and its tasks are aborted; session and nexus live on.
   *
   * @param ended runs when no task of this connection is left
   */
  void giveUpSession(Runnable ended);

  /** Asks the initiator to log out, and closes after that time (RFC 7143 11.9.1, AsyncEvent 1). */
  void requestLogout(int seconds, String reason);
}
