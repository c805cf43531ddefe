// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.jtgt.iscsi.login.LoginEnvironment;
import org.jtgt.iscsi.login.SessionIdentity;
import org.jtgt.iscsi.session.Session;
import org.jtgt.iscsi.session.SessionRegistry;
import org.jtgt.iscsi.text.TextPair;
import org.jtgt.scsi.NexusView;
import org.jtgt.scsi.ScsiTarget;

/** What a connection asks of the rest of the transport. Any thread. */
public interface ConnectionEnvironment extends LoginEnvironment {
  /** Name of the portal that the connection came through. */
  String portalName();

  /** Settings in force now. */
  Settings settings();

  SessionRegistry sessions();

  @Override
  default Joining joining(SessionIdentity identity, int tsih, int cid) {
    Session found = sessions().find(tsih).orElse(null);
    if (found == null || found.state() != Session.State.ACTIVE) {
      return Joining.NO_SUCH_SESSION;
    }
    if (found.identity().equals(identity)) {
      return joining(found, cid);
    }
    return found.identity().sameButPortalGroup(identity)
        ? Joining.OTHER_PORTAL_GROUP
        : Joining.NO_SUCH_SESSION;
  }

  private static Joining joining(Session session, int cid) {
    if (session.cids().contains(cid)) {
      return Joining.REINSTATES_CONNECTION;
    }
    return session.cids().size() < session.parameters().maxConnections()
        ? Joining.ADDS_CONNECTION
        : Joining.TOO_MANY_CONNECTIONS;
  }

  /** A target that is reachable through this portal. */
  Optional<ScsiTarget> target(String name);

  /** What an initiator sees of its target; empty when it may not be there any more. */
  Optional<NexusView> view(SessionIdentity who, InetAddress peer);

  /**
   * The answer to SendTargets (RFC 7143 appendix C): TargetName and TargetAddress pairs.
   *
   * @param peer the asker's address
   * @param only the name asked for; empty for all targets
   * @param local the address the initiator connected to
   */
  List<TextPair> sendTargets(
      SessionIdentity asker, InetAddress peer, Optional<String> only, InetSocketAddress local);

  /** Notes what a peer did wrong: one line for an operator, limited in rate. */
  void refused(String peer, String reason);

  /** Notes an event of a session. */
  void event(String message);
}
