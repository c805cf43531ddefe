// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.login;

import java.net.InetAddress;

/** What the login machine asks of the rest of the target. */
public interface LoginEnvironment {
  /** The portal group tag of the portal that the connection came through. */
  int portalGroupTag();

  /** Whether an initiator may log in to what it names. */
  Admission admit(SessionIdentity who, InetAddress peer);

  /** Whether a connection may join the session of a TSIH. */
  Joining joining(SessionIdentity identity, int tsih, int cid);

  /** Answers to a login with a TSIH (RFC 7143 6.3.1). */
  enum Joining {
    /** The CID is in use: the connection is reinstated. */
    REINSTATES_CONNECTION,
    /** The session takes one more connection. */
    ADDS_CONNECTION,
    TOO_MANY_CONNECTIONS,
    /** A session does not span portal groups (RFC 7143 4.1). */
    OTHER_PORTAL_GROUP,
    NO_SUCH_SESSION
  }
}
