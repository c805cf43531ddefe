// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import io.netty.buffer.ByteBuf;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.jtgt.iscsi.login.LoginStep;
import org.jtgt.iscsi.pdu.Bhs;
import org.jtgt.iscsi.pdu.LoginStatus;
import org.jtgt.iscsi.pdu.PduFramer;
import org.jtgt.iscsi.session.Session;
import org.jtgt.iscsi.session.SessionOwner;
import org.jtgt.iscsi.text.Parameters;

/**
 * One iSCSI connection from accept to close: it goes from phase to phase and hands each PDU to the
 * phase it is in. It owns the session too while MaxConnections is 1.
 *
 * <p>Thread rules: the loop, but {@link #closeSession}, {@link #requestLogout} and {@link
 * #giveUpSession}.
 */
public final class Connection implements PduFramer.Sink, SessionOwner {
  /** Data segments during login (RFC 7143 13.12, default of MaxRecvDataSegmentLength). */
  private static final int LOGIN_DATA_BYTES = 8192;

  /** Time for the tasks of a session that logs out to end in their stores. */
  private static final long LOGOUT_MILLISECONDS = 5000;

  private enum Phase {
    LOGIN,
    OPENING,
    FULL_FEATURE,
    CLOSED
  }

  private final Wire wire;
  private final ConnectionEnvironment environment;
  private final PduFramer framer;
  private final LoginPhase login;
  private final PduWriter writer;
  private final KeepAlive keepAlive;
  private final Instant since;
  private volatile Phase phase = Phase.LOGIN;
  private volatile @Nullable Session session;
  private volatile int cid;
  private @Nullable FullFeature fullFeature;
  private @Nullable Parameters parameters;
  private volatile @Nullable OpenSession open;
  private int declaredBytes;

  /**
   * Begins the login phase.
   *
   * @param since when the connection was accepted
   */
  public Connection(Wire wire, ConnectionEnvironment environment, Instant since) {
    this.wire = wire;
    this.environment = environment;
    this.since = since;
    framer = new PduFramer(wire.allocator(), this, LOGIN_DATA_BYTES);
    login = new LoginPhase(this, environment);
    writer = login.writer();
    keepAlive = new KeepAlive(this, writer, environment);
  }

  Wire wire() {
    return wire;
  }

  Parameters parameters() {
    Parameters now = parameters;
    if (now == null) {
      throw new IllegalStateException("not negotiated");
    }
    return now;
  }

  void initiatorMaxRecvDataSegmentLength(int bytes) {
    parameters = parameters().withInitiatorMaxRecvDataSegmentLength(bytes);
  }

  /** True until the connection has ended. */
  public boolean open() {
    return phase != Phase.CLOSED;
  }

  /** How far it is, in one word. */
  public String phase() {
    return phase.name().toLowerCase(Locale.ROOT);
  }

  public String peer() {
    return wire.peer();
  }

  public Instant since() {
    return since;
  }

  /** The session; empty during login. */
  public Optional<Session> session() {
    return Optional.ofNullable(session);
  }

  /** Its CID; 0 during login. */
  public int cid() {
    return cid;
  }

  // What the wire says.

  /** The buffer for the next read. */
  public ByteBuf nextBuffer(int bytes) {
    return framer.nextBuffer(bytes);
  }

  /** Bytes came; taken over. */
  public void received(ByteBuf bytes) {
    if (fullFeature != null) {
      fullFeature.batch(true);
    }
    framer.receive(bytes);
  }

  /** All that was there has been read. */
  public void readComplete() {
    keepAlive.heard();
    if (fullFeature != null) {
      fullFeature.batch(false);
    }
    writer.flush();
  }

  /** TCP has ended, whoever ended it. */
  public void closed() {
    if (phase == Phase.CLOSED) {
      return;
    }
    phase = Phase.CLOSED;
    stop();
    FullFeature running = fullFeature;
    OpenSession of = open;
    if (running != null && of != null) {
      running.batch(false);
      of.ended(running);
    }
  }

  /** The session gives the connection up: TCP ends, and nothing of it is heard any more. */
  void endTransport() {
    if (phase != Phase.CLOSED) {
      phase = Phase.CLOSED;
      stop();
      if (fullFeature != null) {
        fullFeature.batch(false);
      }
      wire.close();
    }
  }

  /** As {@link #endTransport}, when everything written has gone out or a time is over. */
  void endAfterWrites(long milliseconds) {
    if (phase != Phase.CLOSED) {
      phase = Phase.CLOSED;
      stop();
      if (fullFeature != null) {
        fullFeature.batch(false);
      }
      wire.schedule(wire::close, milliseconds);
      wire.closeAfterWrites();
    }
  }

  private void stop() {
    login.end();
    keepAlive.stop();
    framer.close();
  }

  // What the framer says.

  @Override
  public void pdu(Bhs header, ByteBuf data) {
    switch (phase) {
      case LOGIN -> login.pdu(header, data);
      case FULL_FEATURE -> {
        if (fullFeature != null) {
          fullFeature.pdu(header, data);
        }
      }
      case OPENING -> {
        data.release();
        refuse("PDU while the login is being answered");
      }
      case CLOSED -> data.release();
    }
  }

  @Override
  public void dataDigestError(Bhs header) {
    if (fullFeature != null) {
      fullFeature.dataDigestError(header);
    }
  }

  @Override
  public void framingError(String reason) {
    refuse(reason);
  }

  /** Notes why and closes the connection when everything written has gone out. */
  void refuse(String reason) {
    environment.refused(wire.peer(), reason);
    if (phase == Phase.FULL_FEATURE && fullFeature != null) {
      fullFeature.announcements().ownDrop();
    }
    framer.close();
    wire.closeAfterWrites();
  }

  /** Notes why and closes the connection. */
  void refuseAtOnce(String reason) {
    if (phase != Phase.CLOSED) {
      environment.refused(wire.peer(), reason);
      wire.close();
    }
  }

  // From phase to phase.

  /** The login is complete but for its last response. */
  void loggedIn(LoginStep.Done finished) {
    phase = Phase.OPENING;
    new SessionOpening(this, environment, finished, since).begin();
  }

  /** There is no session for the login after all. */
  void failOpening(LoginStep.Done finished, LoginStatus status, String reason) {
    login.fail(finished, status, reason);
  }

  /** The session is there: the last Login Response goes out, commands may come. */
  void enterFullFeature(OpenSession of, LoginStep.Done finished, Parameters agreed) {
    login.end();
    Session opened = of.session();
    session = opened;
    open = of;
    parameters = agreed;
    cid = finished.cid();
    declaredBytes = agreed.targetMaxRecvDataSegmentLength();
    writer.numbers(of);
    writer.send(finished.response().withTsih(opened.tsih()), finished.text());
    FullFeature next = new FullFeature(this, writer, environment, of, finished.cid(), agreed);
    fullFeature = next;
    writer.digests(agreed.headerDigest(), agreed.dataDigest());
    framer.configure(
        agreed.headerDigest(), agreed.dataDigest(), agreed.targetMaxRecvDataSegmentLength());
    phase = Phase.FULL_FEATURE;
    of.add(next);
    writer.flush();
    if (!finished.identity().discovery()) {
      environment.event(
          finished.identity().initiatorName()
              + " logged in to "
              + finished.identity().targetName()
              + " from "
              + wire.peer());
    }
    keepAlive.start();
  }

  /** The MaxRecvDataSegmentLength that the target has declared last. */
  int declaredBytes() {
    return declaredBytes;
  }

  /**
   * Notes a length that the target is about to declare (RFC 7143 13.12); longer segments of before
   * are taken as well.
   *
   * @return false when it has declared that already
   */
  boolean declares(int bytes) {
    if (bytes == declaredBytes) {
      return false;
    }
    declaredBytes = bytes;
    framer.maxDataSegmentLength(Math.max(bytes, parameters().targetMaxRecvDataSegmentLength()));
    return true;
  }

  /** The initiator answered a ping, or sent one. */
  void heard() {
    keepAlive.answered();
  }

  /**
   * Ends what a logout names, then answers it and closes.
   *
   * @param ending ends it and says when that is done, on any thread
   */
  void endByLogout(Consumer<Runnable> ending, Runnable respond) {
    Runnable finish =
        () -> {
          if (phase != Phase.CLOSED) {
            respond.run();
            writer.flush();
            wire.closeAfterWrites();
          }
        };
    Wire.Timer limit = wire.schedule(finish, LOGOUT_MILLISECONDS);
    ending.accept(() ->
        inLoop(
            () -> {
              limit.cancel();
              finish.run();
            },
            limit::cancel));
  }

  // What others say, on any thread.

  @Override
  public void closeSession(String reason) {
    inLoop(
        () -> {
          if (phase != Phase.CLOSED) {
            environment.event("session of " + login.initiatorName() + " closed: " + reason);
            wire.close();
          }
        },
        this::closed);
  }

  @Override
  public void requestLogout(int seconds, String reason) {
    OpenSession of = open;
    if (of != null) {
      of.requestLogout(seconds, reason);
    } else {
      closeSession(reason);
    }
  }

  @Override
  public void settingsChanged() {
    // A login in progress ends with the values that it began with.
  }

  /** Runs something in the loop, or something else when the loop has ended. */
  private void inLoop(Runnable action, Runnable otherwise) {
    try {
      wire.execute(action);
    } catch (RejectedExecutionException e) {
      otherwise.run();
    }
  }
}
