// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jtgt.iscsi.login.Admission;
import org.jtgt.iscsi.login.SessionIdentity;
import org.jtgt.iscsi.pdu.LoginStatus;
import org.jtgt.iscsi.session.SessionRegistry;
import org.jtgt.iscsi.spi.LoginContext;
import org.jtgt.iscsi.text.Key;
import org.jtgt.iscsi.text.TextPair;
import org.jtgt.scsi.NexusView;
import org.jtgt.scsi.ScsiTarget;

/** A target with settings that a test chooses. */
final class FakeEnvironment implements ConnectionEnvironment {
  final SessionRegistry sessions = new SessionRegistry();
  final Map<String, ScsiTarget> targets = new HashMap<>();
  final List<String> refusals = new ArrayList<>();
  final List<TextPair> listing = new ArrayList<>();
  final Map<Key, String> own = new EnumMap<>(Settings.defaults().ownValues());
  int commandWindow = 128;
  boolean scsiEvents;
  boolean admissionFails;
  int maxCommands = 1024;
  int unsolicitedBytes = 16 << 20;
  int solicitedBytes = 1 << 20;

  @Override
  public String portalName() {
    return "p0";
  }

  @Override
  public Settings settings() {
    return new Settings(
        commandWindow,
        maxCommands,
        unsolicitedBytes,
        solicitedBytes,
        15,
        30,
        15,
        2,
        2000,
        scsiEvents,
        own);
  }

  @Override
  public SessionRegistry sessions() {
    return sessions;
  }

  @Override
  public Optional<ScsiTarget> target(String name) {
    return Optional.ofNullable(targets.get(name));
  }

  @Override
  public List<TextPair> sendTargets(
      SessionIdentity asker, InetAddress peer, Optional<String> only, InetSocketAddress local) {
    return listing;
  }

  @Override
  public void refused(String peer, String reason) {
    refusals.add(reason);
  }

  @Override
  public void event(String message) {
    // Events are for operators; no test is about them.
  }

  @Override
  public int portalGroupTag() {
    return 1;
  }

  @Override
  public Admission admit(SessionIdentity who, InetAddress peer) {
    if (admissionFails) {
      throw new IllegalStateException("a bug of another bundle");
    }
    Optional<ScsiTarget> target = target(who.targetName());
    if (!who.discovery() && target.isEmpty()) {
      return new Admission.Refused(LoginStatus.NOT_FOUND, "no such target");
    }
    return new Admission.Admitted(
        target.map(ScsiTarget::alias).orElse(""),
        new LoginContext(who.initiatorName(), peer, who.targetName(), who.targetName()),
        List.of(),
        true,
        own);
  }

  @Override
  public Optional<NexusView> view(SessionIdentity who, InetAddress peer) {
    return Optional.of(NexusView.WHOLE);
  }
}
