// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import io.netty.buffer.ByteBuf;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.jtgt.iscsi.login.LoginMachine;
import org.jtgt.iscsi.login.LoginStep;
import org.jtgt.iscsi.login.SessionIdentity;
import org.jtgt.iscsi.pdu.Bhs;
import org.jtgt.iscsi.pdu.LoginRequest;
import org.jtgt.iscsi.pdu.LoginStatus;
import org.jtgt.iscsi.pdu.Opcode;
import org.jtgt.iscsi.pdu.PduFramer;
import org.jtgt.iscsi.pdu.TargetPdu.LoginResponse;
import org.jtgt.iscsi.pdu.TargetPdu.NopIn;
import org.jtgt.iscsi.session.CommandWindow;
import org.jtgt.iscsi.session.HeldPdu;
import org.jtgt.iscsi.session.Session;
import org.jtgt.iscsi.session.SessionOwner;
import org.jtgt.iscsi.text.Parameters;
import org.jtgt.scsi.Nexus;
import org.jtgt.scsi.ScsiTarget;

/**
 * One iSCSI connection from accept to close: login phase, full feature phase, end. It owns the
 * session too while MaxConnections is 1.
 *
 * <p>Thread rules: the loop, but {@link #closeSession} and {@link #requestLogout}.
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
  private final PduWriter writer;
  private final LoginMachine login;
  private final Instant since;
  private volatile Phase phase = Phase.LOGIN;
  private boolean firstPdu = true;
  private int loginCmdSn;
  private LoginStep.@Nullable Done done;
  private volatile @Nullable Session session;
  private @Nullable Nexus nexus;
  private @Nullable FullFeature fullFeature;
  private @Nullable Parameters parameters;
  private Wire.@Nullable Timer timer;
  private boolean heard;
  private boolean logoutRequested;
  private boolean pinged;
  private int pingTag;

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
    writer =
        new PduWriter(
            wire,
            new SequenceNumbers() {
              @Override
              public int expCmdSn() {
                return loginCmdSn;
              }

              @Override
              public int maxCmdSn() {
                return loginCmdSn + environment.settings().commandWindow() - 1;
              }
            });
    login = new LoginMachine(environment);
    timer = wire.schedule(this::loginTimeout, environment.settings().loginSeconds() * 1000L);
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
    heard = true;
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
    // A session that still waits for the one it reinstates ends when its turn comes, so that
    // whoever waits for it does not come too early.
    boolean waits = phase == Phase.OPENING;
    phase = Phase.CLOSED;
    cancelTimer();
    framer.close();
    if (fullFeature != null) {
      fullFeature.batch(false);
      fullFeature.close();
    }
    if (!waits) {
      endNexus();
    }
  }

  // What the framer says.

  @Override
  public void pdu(Bhs header, ByteBuf data) {
    switch (phase) {
      case LOGIN -> loginPdu(header, data);
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

  /** Notes why and closes the connection. */
  private void refuse(String reason) {
    environment.refused(wire.peer(), reason);
    framer.close();
    wire.closeAfterWrites();
  }

  // Login phase.

  private void loginPdu(Bhs header, ByteBuf data) {
    byte[] text = new byte[data.readableBytes()];
    data.readBytes(text).release();
    if (header.opcode() != Opcode.LOGIN_REQUEST) {
      if (!firstPdu) {
        writer.send(
            new LoginResponse(
                false,
                false,
                0,
                0,
                0,
                0,
                header.initiatorTaskTag(),
                LoginStatus.INVALID_DURING_LOGIN));
      }
      refuse("opcode 0x" + Integer.toHexString(header.opcode()) + " during login");
      return;
    }
    LoginRequest request = LoginRequest.of(header);
    if (firstPdu) {
      firstPdu = false;
      writer.startAt(request.expStatSn());
    }
    loginCmdSn = request.cmdSn();
    switch (login.receive(request, text)) {
      case LoginStep.Answer(LoginResponse response, byte[] answer) -> writer.send(response, answer);
      case LoginStep.Failed(LoginResponse response, byte[] answer, String reason) -> {
        writer.send(response, answer);
        refuse("login of " + login.initiatorName() + " refused: " + reason);
      }
      case LoginStep.Done finished -> openSession(finished);
    }
  }

  private void openSession(LoginStep.Done finished) {
    phase = Phase.OPENING;
    done = finished;
    if (finished.tsih() != 0) {
      reinstateConnection(finished);
      return;
    }
    Optional<Session> opened =
        environment
            .sessions()
            .open(
                finished.identity(),
                finished.cid(),
                finished.parameters(),
                this,
                new Session.Origin(
                    finished.initiatorAlias(), wire.peer(), environment.portalName(), since),
                this::sessionReady);
    if (opened.isEmpty()) {
      failOpening(finished, LoginStatus.OUT_OF_RESOURCES, "no TSIH is free");
    } else {
      session = opened.get();
    }
  }

  /** The login is for a session whose connection this one replaces (RFC 7143 6.3.4). */
  private void reinstateConnection(LoginStep.Done finished) {
    Optional<Session> found = environment.sessions().find(finished.tsih());
    if (found.isEmpty()) {
      failOpening(finished, LoginStatus.SESSION_DOES_NOT_EXIST, "the session has ended");
      return;
    }
    Session carried = found.get();
    carried
        .owner()
        .giveUpSession(() -> {
          try {
            wire.execute(() -> carryOn(carried, finished));
          } catch (RejectedExecutionException e) {
            closed();
          }
        });
  }

  private void carryOn(Session carried, LoginStep.Done finished) {
    Optional<CommandWindow<HeldPdu>> window = carried.window();
    if (carried.state() != Session.State.ACTIVE || window.isEmpty()) {
      failOpening(finished, LoginStatus.SESSION_DOES_NOT_EXIST, "the session has ended");
      return;
    }
    carried.moveTo(
        this,
        new Session.Origin(finished.initiatorAlias(), wire.peer(), environment.portalName(), since),
        finished.parameters());
    session = carried;
    nexus = carried.nexus().orElse(null);
    if (phase == Phase.CLOSED) {
      endNexus();
      return;
    }
    startFullFeature(carried, finished, window.get());
  }

  @Override
  public void giveUpSession(Runnable ended) {
    try {
      wire.execute(() -> {
        FullFeature running = fullFeature;
        if (phase != Phase.FULL_FEATURE || running == null) {
          ended.run();
          return;
        }
        phase = Phase.CLOSED;
        session = null;
        cancelTimer();
        framer.close();
        running.batch(false);
        wire.close();
        running.abandon(ended);
      });
    } catch (RejectedExecutionException e) {
      ended.run();
    }
  }

  /** On any thread: the way is free for the new session. */
  private void sessionReady() {
    try {
      wire.execute(this::enterFullFeature);
    } catch (RejectedExecutionException e) {
      closed();
      if (session != null) {
        environment.sessions().closed(session);
      }
    }
  }

  private void enterFullFeature() {
    Session opened = session;
    LoginStep.Done finished = done;
    if (opened == null || finished == null) {
      return;
    }
    if (phase == Phase.CLOSED || !opened.activate()) {
      opened.closing();
      environment.sessions().closed(opened);
      wire.close();
      return;
    }
    SessionIdentity identity = finished.identity();
    if (!identity.discovery()) {
      Optional<ScsiTarget> target = environment.target(identity.targetName());
      if (target.isEmpty()) {
        failOpening(finished, LoginStatus.TARGET_REMOVED, "the target was removed");
        return;
      }
      nexus = connect(target.get(), identity);
      if (nexus == null) {
        failOpening(finished, LoginStatus.TARGET_REMOVED, "the target is being removed");
        return;
      }
    }
    CommandWindow<HeldPdu> window =
        new CommandWindow<>(finished.cmdSn(), environment.settings().commandWindow());
    opened.attach(window, nexus);
    startFullFeature(opened, finished, window);
  }

  private void startFullFeature(
      Session opened, LoginStep.Done finished, CommandWindow<HeldPdu> window) {
    SessionIdentity identity = finished.identity();
    cancelTimer();
    Parameters now = opened.parameters();
    parameters = now;
    writer.send(finished.response().withTsih(opened.tsih()), finished.text());
    FullFeature next = new FullFeature(this, writer, environment, opened, window);
    fullFeature = next;
    writer.numbers(next);
    writer.digests(now.headerDigest(), now.dataDigest());
    framer.configure(now.headerDigest(), now.dataDigest(), now.targetMaxRecvDataSegmentLength());
    phase = Phase.FULL_FEATURE;
    writer.flush();
    if (!identity.discovery()) {
      environment.event(
          identity.initiatorName()
              + " logged in to "
              + identity.targetName()
              + " from "
              + wire.peer());
    }
    scheduleKeepAlive();
  }

  private @Nullable Nexus connect(ScsiTarget target, SessionIdentity identity) {
    try {
      return target.connect(
          ScsiPorts.initiator(identity),
          ScsiPorts.target(identity),
          () -> requestLogout(environment.settings().logoutSeconds(), "the target is removed"));
    } catch (IllegalStateException e) {
      return null;
    }
  }

  private void failOpening(LoginStep.Done finished, LoginStatus status, String reason) {
    LoginResponse response = finished.response();
    writer.send(
        new LoginResponse(
            false,
            false,
            response.currentStage(),
            0,
            response.isid(),
            0,
            response.initiatorTaskTag(),
            status));
    refuse("login of " + login.initiatorName() + " refused: " + reason);
    writer.flush();
    endNexus();
  }

  private void loginTimeout() {
    if (phase == Phase.LOGIN || phase == Phase.OPENING) {
      environment.refused(wire.peer(), "login took too long");
      wire.close();
    }
  }

  // Full feature phase.

  void initiatorMaxRecvDataSegmentLength(int bytes) {
    parameters = parameters().withInitiatorMaxRecvDataSegmentLength(bytes);
  }

  /** The initiator answered a ping, or sent one. */
  void heard() {
    heard = true;
    pinged = false;
  }

  private void scheduleKeepAlive() {
    int seconds = environment.settings().keepAliveSeconds();
    if (seconds > 0 && phase == Phase.FULL_FEATURE) {
      heard = false;
      timer = wire.schedule(this::keepAlive, seconds * 1000L);
    }
  }

  private void keepAlive() {
    if (phase != Phase.FULL_FEATURE) {
      return;
    }
    if (heard) {
      pinged = false;
      scheduleKeepAlive();
    } else if (pinged) {
      environment.refused(wire.peer(), "no answer to a NOP-In");
      wire.close();
    } else {
      pinged = true;
      pingTag = (pingTag + 1) & 0x7fffffff;
      writer.send(new NopIn(0, Bhs.NO_TAG, pingTag));
      writer.flush();
      timer =
          wire.schedule(this::keepAlive, environment.settings().keepAliveTimeoutSeconds() * 1000L);
    }
  }

  /** Ends the nexus, then answers the logout and closes. */
  void endByLogout(Runnable respond) {
    Session ending = session;
    Runnable finish =
        () -> {
          if (phase != Phase.CLOSED) {
            respond.run();
            writer.flush();
            wire.closeAfterWrites();
          }
        };
    if (ending == null || !ending.closing()) {
      finish.run();
      return;
    }
    Wire.Timer limit = wire.schedule(finish, LOGOUT_MILLISECONDS);
    closeNexus(
        ending,
        () -> {
          try {
            wire.execute(() -> {
              limit.cancel();
              finish.run();
            });
          } catch (RejectedExecutionException e) {
            limit.cancel();
          }
        });
  }

  private void endNexus() {
    Session ending = session;
    if (ending != null && ending.closing()) {
      if (nexus != null) {
        environment.event(
            ending.identity().initiatorName() + " at " + wire.peer() + " lost its session");
      }
      closeNexus(ending, () -> {});
    }
  }

  private void closeNexus(Session ending, Runnable then) {
    Nexus open = nexus;
    Runnable ended =
        () -> {
          environment.sessions().closed(ending);
          then.run();
        };
    if (open == null) {
      ended.run();
    } else {
      open.close(ended);
    }
  }

  // What others say, on any thread.

  @Override
  public void closeSession(String reason) {
    try {
      wire.execute(() -> {
        if (phase != Phase.CLOSED) {
          environment.event("session of " + login.initiatorName() + " closed: " + reason);
          wire.close();
        }
      });
    } catch (RejectedExecutionException e) {
      closed();
    }
  }

  @Override
  public void requestLogout(int seconds, String reason) {
    try {
      wire.execute(() -> {
        FullFeature running = fullFeature;
        if (phase == Phase.FULL_FEATURE && running != null) {
          if (logoutRequested) {
            return;
          }
          logoutRequested = true;
          running.requestLogout(seconds);
          writer.flush();
          wire.schedule(() -> closeSession(reason), seconds * 1000L);
        } else if (phase != Phase.CLOSED) {
          wire.close();
        }
      });
    } catch (RejectedExecutionException e) {
      closed();
    }
  }

  private void cancelTimer() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }
}
