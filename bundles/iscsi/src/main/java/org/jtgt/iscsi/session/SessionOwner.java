// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.session;

/**
 * Whoever runs a session: its first connection until it is open, then what its connections share.
 */
public interface SessionOwner {
  /** Ends the session: its connections close, its nexus too. Any thread, as all of this. */
  void closeSession(String reason);

  /** Asks the initiator to log out, and closes after that time (RFC 7143 11.9.1, AsyncEvent 1). */
  void requestLogout(int seconds, String reason);

  /** The target's own values have changed: asks the initiator to negotiate, if it can (11.9.1). */
  void settingsChanged();
}
