// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.jtgt.iscsi.login.LoginStep;
import org.jtgt.iscsi.login.SessionIdentity;
import org.jtgt.iscsi.pdu.LoginStatus;
import org.jtgt.iscsi.session.CommandWindow;
import org.jtgt.iscsi.session.HeldPdu;
import org.jtgt.iscsi.session.Session;
import org.jtgt.scsi.Nexus;
import org.jtgt.scsi.ScsiTarget;

/**
 * Finds the session of a connection whose login is complete: a new one, perhaps after the one that
 * it reinstates has ended (RFC 7143 6.3.5), or one that lives on and whose connection is replaced
 * (RFC 7143 6.3.4). The last Login Response goes out when it is there.
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
        new Session.Origin(login.initiatorAlias(), wire.peer(), environment.portalName(), since);
  }

  /** What the login phase ended with. */
  LoginStep.Done login() {
    return login;
  }

  void begin() {
    if (login.tsih() != 0) {
      reinstateConnection();
      return;
    }
    Optional<Session> session =
        environment
            .sessions()
            .open(
                login.identity(), login.cid(), login.parameters(), connection, origin, this::ready);
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
    CommandWindow<HeldPdu> window =
        new CommandWindow<>(login.cmdSn(), environment.settings().commandWindow());
    SessionIdentity identity = login.identity();
    if (identity.discovery()) {
      session.attach(window, null);
    } else {
      Optional<Nexus> nexus = environment.target(identity.targetName()).flatMap(this::connect);
      if (nexus.isEmpty()) {
        connection.failOpening(login, LoginStatus.TARGET_REMOVED, "the target was removed");
        new SessionEnding(environment, session).end(() -> {});
        return;
      }
      session.attach(window, nexus.get());
    }
    connection.enterFullFeature(session, window, login);
  }

  private Optional<Nexus> connect(ScsiTarget target) {
    try {
      return Optional.of(
          target.connect(
              ScsiPorts.initiator(login.identity()),
              ScsiPorts.target(login.identity()),
              () ->
                  connection.requestLogout(
                      environment.settings().logoutSeconds(), "the target is removed")));
    } catch (IllegalStateException e) {
      // It is being removed.
      return Optional.empty();
    }
  }

  private void reinstateConnection() {
    Optional<Session> found = environment.sessions().find(login.tsih());
    if (found.isEmpty()) {
      sessionHasEnded();
      return;
    }
    Session carried = found.get();
    carried
        .owner()
        .giveUpSession(() -> {
          try {
            wire.execute(() -> carryOn(carried));
          } catch (RejectedExecutionException e) {
            connection.closed();
          }
        });
  }

  private void carryOn(Session carried) {
    Optional<CommandWindow<HeldPdu>> window = carried.window();
    if (carried.state() != Session.State.ACTIVE || window.isEmpty()) {
      sessionHasEnded();
      return;
    }
    carried.moveTo(connection, origin, login.parameters());
    if (connection.open()) {
      connection.enterFullFeature(carried, window.get(), login);
    } else {
      new SessionEnding(environment, carried).connectionLost(wire.peer());
    }
  }

  private void sessionHasEnded() {
    connection.failOpening(login, LoginStatus.SESSION_DOES_NOT_EXIST, "the session has ended");
  }
}
