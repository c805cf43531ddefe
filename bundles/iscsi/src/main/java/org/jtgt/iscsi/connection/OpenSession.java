// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.jtgt.iscsi.login.LoginStep;
import org.jtgt.iscsi.pdu.Bhs;
import org.jtgt.iscsi.pdu.LoginStatus;
import org.jtgt.iscsi.session.CommandWindow;
import org.jtgt.iscsi.session.Session;
import org.jtgt.iscsi.session.SessionOwner;
import org.jtgt.iscsi.text.Parameters;

/**
 * A session in full feature phase: what its connections share, on the one loop that all of them run
 * on. It brings the commands of all connections into CmdSN order (RFC 7143 4.2.2.1), says how far
 * the initiator may go, and decides what becomes of the tasks of a connection that has ended.
 *
 * <p>Thread rules: the loop, but the methods of {@link SessionOwner}.
 */
final class OpenSession implements SessionOwner, SequenceNumbers {
  /** Time for the last PDUs of a connection that the target drops. */
  private static final long DROP_MILLISECONDS = 1000;

  private final ConnectionEnvironment environment;
  private final Session session;
  private final Settings settings;
  private final Loop loop;
  private final CommandWindow<HeldCommand> window;
  private final List<FullFeature> connections = new ArrayList<>();
  private final FailedConnections failed;
  private final WaitingFunctions waiting = new WaitingFunctions(this);
  private int shownMaxCmdSn;
  private Wire.@Nullable Timer stateTimeout;
  private boolean logoutRequested;

  OpenSession(ConnectionEnvironment environment, Session session, Loop loop, int firstCmdSn) {
    this.environment = environment;
    this.session = session;
    this.settings = environment.settings();
    this.loop = loop;
    window = new CommandWindow<>(firstCmdSn, settings.commandWindow());
    // The Login Response promises as much (RFC 7143 11.13.2).
    window.open(settings.commandWindow());
    shownMaxCmdSn = window.maxCmdSn();
    failed = new FailedConnections(this);
  }

  Session session() {
    return session;
  }

  Parameters parameters() {
    return session.parameters();
  }

  Settings settings() {
    return settings;
  }

  Loop loop() {
    return loop;
  }

  CommandWindow<HeldCommand> window() {
    return window;
  }

  WaitingFunctions waiting() {
    return waiting;
  }

  FailedConnections failed() {
    return failed;
  }

  /** Those in full feature phase. */
  List<FullFeature> connections() {
    return connections;
  }

  @Nullable FullFeature connection(int cid) {
    for (FullFeature connection : connections) {
      if (connection.cid() == cid) {
        return connection;
      }
    }
    return null;
  }

  /** A task of any connection, failed ones too. */
  @Nullable ScsiTask find(int initiatorTaskTag) {
    // By index: this runs for every command and makes no iterator.
    for (int i = 0; i < connections.size(); i++) {
      ScsiTask task = connections.get(i).find(initiatorTaskTag);
      if (task != null) {
        return task;
      }
    }
    return failed.find(initiatorTaskTag);
  }

  /** Everything that the engine has answered goes out. */
  void drain() {
    for (FullFeature connection : connections) {
      connection.drain();
    }
  }

  // The numbering.

  @Override
  public int expCmdSn() {
    return window.expCmdSn();
  }

  @Override
  public int maxCmdSn() {
    window.open(slots());
    shownMaxCmdSn = window.maxCmdSn();
    return shownMaxCmdSn;
  }

  /** True when the initiator believes that it may send nothing, and it may. */
  boolean opensUnseen() {
    return CommandWindow.before(shownMaxCmdSn, window.expCmdSn()) && slots() > 0;
  }

  /**
   * Commands that may come ahead of ExpCmdSN: the window, less what runs over the limit, and none
   * while too much unsolicited data or too much that is not acknowledged is held.
   */
  private int slots() {
    int running = failed.running();
    int heldBytes = 0;
    for (int i = 0; i < connections.size(); i++) {
      FullFeature connection = connections.get(i);
      running += connection.running();
      heldBytes += connection.heldBytes();
    }
    if (heldBytes > settings.unsolicitedBytes() || keepsTooMuch()) {
      return 0;
    }
    return Math.min(settings.commandWindow(), Math.max(0, settings.maxCommands() - running));
  }

  /** True when the initiator has to acknowledge something before it gets more. */
  boolean keepsTooMuch() {
    if (parameters().errorRecoveryLevel() == 0) {
      return false;
    }
    int keptBytes = 0;
    for (FullFeature connection : connections) {
      keptBytes += connection.keptBytes();
    }
    return keptBytes > settings.unsolicitedBytes();
  }

  /** Holds a command until those before it have come. */
  void hold(FullFeature from, Bhs header, ByteBuf data) {
    window.hold(header.cmdSn(), new HeldCommand(from, header.copy(), data));
  }

  /** Delivers what was held and is next now; each PDU is answered on its own connection. */
  void deliverHeld() {
    for (HeldCommand held = window.next(); held != null; held = window.next()) {
      held.from().deliver(held.header(), held.data());
      held.from().flush();
    }
    waiting.run();
  }

  private void releaseHeldOf(FullFeature connection) {
    window.removeIf(held -> held.from() == connection, held -> held.data().release());
  }

  // Connections come.

  /** A connection whose login is complete wants to join; its wire is on the session's loop. */
  void admit(Connection connection, LoginStep.Done login, Session.Origin origin) {
    if (session.state() != Session.State.ACTIVE) {
      connection.failOpening(login, LoginStatus.SESSION_DOES_NOT_EXIST, "the session has ended");
      return;
    }
    FullFeature old = connection(login.cid());
    Runnable enter = () -> enter(connection, login, origin);
    if (old == null) {
      failed.loggedOut(login.cid());
      enter.run();
      return;
    }
    // The login reinstates the connection: an implicit logout (RFC 7143 6.3.4).
    remove(old);
    old.connection().endTransport();
    if (recoversConnections()) {
      failed.add(old, true);
      enter.run();
    } else {
      old.abandon(() -> inLoop(enter));
    }
  }

  private void enter(Connection connection, LoginStep.Done login, Session.Origin origin) {
    if (session.state() != Session.State.ACTIVE) {
      connection.failOpening(login, LoginStatus.SESSION_DOES_NOT_EXIST, "the session has ended");
    } else if (!connection.open()) {
      lastMayHaveGone(origin.peer());
    } else if (connections.size() >= parameters().maxConnections()) {
      connection.failOpening(
          login, LoginStatus.TOO_MANY_CONNECTIONS, "the session takes no more connections");
    } else {
      if (connections.isEmpty()) {
        session.cameFrom(origin);
      }
      connection.enterFullFeature(
          this, login, parameters().withConnectionParametersOf(login.parameters()));
    }
  }

  void add(FullFeature connection) {
    cancelStateTimeout();
    connections.add(connection);
    session.connected(connection.cid());
  }

  // Connections go.

  private boolean recoversConnections() {
    return parameters().errorRecoveryLevel() == 2
        && parameters().defaultTime2Retain() > 0
        && session.state() == Session.State.ACTIVE;
  }

  /**
   * Seconds that tasks and session outlive a connection (RFC 7143 13.15, 13.16); 0 for not, and at
   * recovery level 0, where nothing of them could be carried on.
   */
  int retainSeconds() {
    int retain = parameters().defaultTime2Retain();
    return retain == 0 || parameters().errorRecoveryLevel() == 0
        ? 0
        : parameters().defaultTime2Wait() + retain;
  }

  /** TCP has ended without a logout. */
  void ended(FullFeature connection) {
    if (!remove(connection)) {
      return;
    }
    if (recoversConnections()) {
      failed.add(connection, false);
    } else if (session.state() == Session.State.ACTIVE) {
      connection.abandon(() -> {});
    } else {
      connection.close();
    }
    lastMayHaveGone(connection.connection().peer());
  }

  /** Takes a connection out that ends; its tasks are the caller's. */
  boolean remove(FullFeature connection) {
    if (!connections.remove(connection)) {
      return false;
    }
    session.disconnected(connection.cid());
    releaseHeldOf(connection);
    waiting.run();
    return true;
  }

  /** A connection was removed by its logout; the session waits when it was the last. */
  void connectionGone(FullFeature connection) {
    lastMayHaveGone(connection.connection().peer());
  }

  /** Without connections the session waits for one, then ends (RFC 7143 8.3.2, session states). */
  private void lastMayHaveGone(String peer) {
    if (!connections.isEmpty() || session.state() != Session.State.ACTIVE) {
      return;
    }
    int seconds = session.identity().discovery() ? 0 : retainSeconds();
    if (seconds == 0) {
      endLost(peer);
    } else {
      cancelStateTimeout();
      stateTimeout = loop.schedule(() -> endLost(peer), seconds * 1000L);
    }
  }

  private void endLost(String peer) {
    if (connections.isEmpty()) {
      failed.close();
      new SessionEnding(environment, session).connectionLost(peer);
    }
  }

  private void cancelStateTimeout() {
    if (stateTimeout != null) {
      stateTimeout.cancel();
      stateTimeout = null;
    }
  }

  /**
   * Ends the session by a logout on a connection: the others close, then the nexus.
   *
   * @param then runs when no task is left, on any thread
   */
  void endByLogout(FullFeature by, Runnable then) {
    cancelStateTimeout();
    failed.close();
    for (FullFeature other : List.copyOf(connections)) {
      if (other != by) {
        remove(other);
        other.close();
        other.connection().endTransport();
      }
    }
    if (!new SessionEnding(environment, session).end(then)) {
      then.run();
    }
  }

  /** After TARGET COLD RESET every session of the target ends (RFC 7143 11.5.1). */
  void targetColdReset() {
    environment.sessions().closeAll(session.identity().targetName(), "TARGET COLD RESET");
  }

  // What others say, on any thread.

  @Override
  public void closeSession(String reason) {
    inLoop(() -> {
      if (session.state() != Session.State.ACTIVE) {
        return;
      }
      environment.event("session of " + session.identity().initiatorName() + " closed: " + reason);
      cancelStateTimeout();
      failed.close();
      for (FullFeature connection : List.copyOf(connections)) {
        connection.announcements().dropOfAll();
        remove(connection);
        connection.close();
        connection.connection().endAfterWrites(DROP_MILLISECONDS);
      }
      new SessionEnding(environment, session).end(() -> {});
    });
  }

  @Override
  public void requestLogout(int seconds, String reason) {
    inLoop(() -> {
      if (logoutRequested || session.state() != Session.State.ACTIVE) {
        return;
      }
      if (connections.isEmpty()) {
        closeSession(reason);
        return;
      }
      logoutRequested = true;
      for (FullFeature connection : connections) {
        connection.announcements().requestLogout(seconds);
      }
      loop.schedule(() -> closeSession(reason), seconds * 1000L);
    });
  }

  /** Tells the initiator of a SCSI event, on its first connection (RFC 7143 11.9.1). */
  void scsiEvent(long lun, byte[] sense) {
    if (environment.settings().scsiEvents()) {
      inLoop(() -> {
        if (session.state() == Session.State.ACTIVE && !connections.isEmpty()) {
          connections.getFirst().announcements().scsiEvent(lun, sense);
        }
      });
    }
  }

  @Override
  public void settingsChanged() {
    inLoop(() -> {
      for (FullFeature connection : connections) {
        connection.announcements().negotiation(environment.settings());
      }
    });
  }

  /** Runs something in the loop; when that has ended, at once: only clearing up is left. */
  void inLoop(Runnable action) {
    try {
      loop.execute(action);
    } catch (RejectedExecutionException e) {
      action.run();
    }
  }
}
