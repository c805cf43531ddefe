// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.jtgt.iscsi.login.LoginStep;
import org.jtgt.iscsi.login.SessionIdentity;
import org.jtgt.iscsi.pdu.LoginStatus;
import org.jtgt.iscsi.session.Session;
import org.jtgt.scsi.Nexus;
import org.jtgt.scsi.NexusView;
import org.jtgt.scsi.ScsiTarget;

/**
 * Finds the session of a connection whose login is complete: a new one, perhaps after the one that
 * it reinstates has ended (RFC 7143 6.3.5), or one that lives on and that the connection joins,
 * perhaps in place of another one (RFC 7143 6.3.4). The last Login Response goes out when it is
 * there.
 *
 * <p>Thread rules: the loop, but {@link #ready}.
 */
final class SessionOpening {
  private final Connection connection;
  private final Wire wire;
  private final ConnectionEnvironment environment;
  private final LoginStep.Done login;
  private final Session.Origin origin;
  private @Nullable Session opened;

  SessionOpening(
      Connection connection,
      ConnectionEnvironment environment,
      LoginStep.Done login,
      Instant since) {
    this.connection = connection;
    this.wire = connection.wire();
    this.environment = environment;
    this.login = login;
    this.origin =
        new Session.Origin(
            login.initiatorAlias(),
            wire.peer(),
            wire.peerAddress(),
            environment.portalName(),
            since);
  }

  /** What the login phase ended with. */
  LoginStep.Done login() {
    return login;
  }

  void begin() {
    if (login.tsih() != 0) {
      joinSession();
      return;
    }
    Optional<Session> session =
        environment
            .sessions()
            .open(login.identity(), login.parameters(), connection, origin, this::ready);
    if (session.isEmpty()) {
      connection.failOpening(login, LoginStatus.OUT_OF_RESOURCES, "no TSIH is free");
    } else {
      opened = session.get();
    }
  }

  /** On any thread: the way is free for the new session. */
  private void ready() {
    try {
      wire.execute(this::formNexus);
    } catch (RejectedExecutionException e) {
      connection.closed();
      Session session = opened;
      if (session != null) {
        environment.sessions().closed(session);
      }
    }
  }

  private void formNexus() {
    Session session = opened;
    if (session == null) {
      return;
    }
    // A session that waits for the one it reinstates ends when its turn comes, so that whoever
    // waits for it does not come too early.
    if (!connection.open() || !session.activate()) {
      session.closing();
      environment.sessions().closed(session);
      wire.close();
      return;
    }
    OpenSession open = new OpenSession(environment, session, wire.loop(), login.cmdSn());
    SessionIdentity identity = login.identity();
    if (identity.discovery()) {
      session.attach(open, null);
    } else {
      Optional<NexusView> view = environment.view(identity, wire.peerAddress());
      Optional<Nexus> nexus =
          environment
              .target(identity.targetName())
              .flatMap(target -> connect(target, view.orElse(NexusView.NOTHING), open));
      if (nexus.isEmpty()) {
        connection.failOpening(login, LoginStatus.TARGET_REMOVED, "the target was removed");
        new SessionEnding(environment, session).end(() -> {});
        return;
      }
      session.attach(open, nexus.get());
      // What changed since is not lost: from here on whoever changes the view finds the nexus.
      Optional<NexusView> now = environment.view(identity, wire.peerAddress());
      nexus.get().view(now.orElse(NexusView.NOTHING));
      if (now.isEmpty()) {
        connection.failOpening(
            login, LoginStatus.AUTHORIZATION_FAILURE, "access was taken away meanwhile");
        new SessionEnding(environment, session).end(() -> {});
        return;
      }
    }
    connection.enterFullFeature(open, login, login.parameters());
  }

  private Optional<Nexus> connect(ScsiTarget target, NexusView view, OpenSession open) {
    try {
      return Optional.of(
          target.connect(
              ScsiPorts.initiator(login.identity()),
              ScsiPorts.target(login.identity()),
              view,
              new NexusEvents(open, environment)));
    } catch (IllegalStateException e) {
      // It is being removed.
      return Optional.empty();
    }
  }

  /** The session decides on its own loop, where the connection lives from now on. */
  private void joinSession() {
    Session found = environment.sessions().find(login.tsih()).orElse(null);
    if (found != null && found.owner() instanceof OpenSession open) {
      wire.moveTo(open.loop(), () -> open.admit(connection, login, origin));
    } else {
      sessionHasEnded();
    }
  }

  private void sessionHasEnded() {
    connection.failOpening(login, LoginStatus.SESSION_DOES_NOT_EXIST, "the session has ended");
  }
}
