// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.login;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jtgt.iscsi.text.Key;

/** What the login machine asks of the rest of the target. */
public interface LoginEnvironment {
  /** The portal group tag of the portal that the connection came through. */
  int portalGroupTag();

  /** The alias of a target that is reachable here, perhaps empty; empty when there is none. */
  Optional<String> targetAlias(String targetName);

  /** Methods of which one is required for this login; empty when None is right. */
  List<AuthMethod> requiredAuthMethods(boolean discovery, Optional<String> targetName);

  /** The target's own values of operational keys. */
  Map<Key, String> ownValues();

  /** Whether a connection may join the session of a TSIH. */
  Joining joining(SessionIdentity identity, int tsih, int cid);

  /** Answers to a login with a TSIH (RFC 7143 6.3.1). */
  enum Joining {
    /** The CID is in use: the connection is reinstated. */
    REINSTATES_CONNECTION,
    /** The session takes one more connection. */
    ADDS_CONNECTION,
    TOO_MANY_CONNECTIONS,
    NO_SUCH_SESSION
  }
}
