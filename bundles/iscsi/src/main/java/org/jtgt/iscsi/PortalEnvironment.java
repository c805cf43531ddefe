// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.jtgt.iscsi.connection.ConnectionEnvironment;
import org.jtgt.iscsi.connection.Settings;
import org.jtgt.iscsi.login.Admission;
import org.jtgt.iscsi.login.SessionIdentity;
import org.jtgt.iscsi.session.SessionRegistry;
import org.jtgt.iscsi.text.TextPair;
import org.jtgt.scsi.NexusView;
import org.jtgt.scsi.ScsiTarget;

/** What connections of one portal see of the transport. */
final class PortalEnvironment implements ConnectionEnvironment {
  private final IscsiTransport transport;
  private final Portal portal;

  PortalEnvironment(IscsiTransport transport, Portal portal) {
    this.transport = transport;
    this.portal = portal;
  }

  @Override
  public int portalGroupTag() {
    return portal.tag();
  }

  @Override
  public String portalName() {
    return portal.name();
  }

  @Override
  public Settings settings() {
    return transport.settings();
  }

  @Override
  public SessionRegistry sessions() {
    return transport.sessions();
  }

  @Override
  public Admission admit(SessionIdentity who, InetAddress peer) {
    return transport.gatekeeper().admit(who, peer, portal.name());
  }

  @Override
  public Optional<ScsiTarget> target(String name) {
    return transport.gatekeeper().target(name, portal.name()).map(OfferedTarget::device);
  }

  @Override
  public Optional<NexusView> view(SessionIdentity who, InetAddress peer) {
    return transport.gatekeeper().view(who, peer, portal.name());
  }

  @Override
  public List<TextPair> sendTargets(
      SessionIdentity asker, InetAddress peer, Optional<String> only, InetSocketAddress local) {
    return transport.sendTargets(asker, peer, only, local);
  }

  @Override
  public void refused(String peer, String reason) {
    transport.refusals().refused(peer, reason);
  }

  @Override
  public void event(String message) {
    transport.events().event(message);
  }
}
