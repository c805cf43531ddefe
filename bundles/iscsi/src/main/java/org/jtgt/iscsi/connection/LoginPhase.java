// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import io.netty.buffer.ByteBuf;
import org.jtgt.iscsi.login.LoginMachine;
import org.jtgt.iscsi.login.LoginStep;
import org.jtgt.iscsi.pdu.Bhs;
import org.jtgt.iscsi.pdu.LoginRequest;
import org.jtgt.iscsi.pdu.LoginStatus;
import org.jtgt.iscsi.pdu.Opcode;
import org.jtgt.iscsi.pdu.TargetPdu.LoginResponse;

/**
 * A connection in its login phase (RFC 7143 6.3): hands Login Requests to the {@link LoginMachine}
 * and sends what it says.
 *
 * <p>Thread rules: the loop.
 */
final class LoginPhase implements SequenceNumbers {
  private final Connection connection;
  private final PduWriter writer;
  private final ConnectionEnvironment environment;
  private final LoginMachine machine;
  private final Wire.Timer limit;
  private boolean firstPdu = true;
  private int cmdSn;

  LoginPhase(Connection connection, ConnectionEnvironment environment) {
    this.connection = connection;
    this.environment = environment;
    writer = new PduWriter(connection.wire(), this);
    machine = new LoginMachine(environment, connection.wire().peerAddress());
    limit =
        connection
            .wire()
            .schedule(
                () -> connection.refuseAtOnce("login took too long"),
                environment.settings().loginSeconds() * 1000L);
  }

  /** The writer of the connection: its StatSN begins here and goes on in full feature phase. */
  PduWriter writer() {
    return writer;
  }

  @Override
  public int expCmdSn() {
    return cmdSn;
  }

  @Override
  public int maxCmdSn() {
    return cmdSn + environment.settings().commandWindow() - 1;
  }

  /** Who logs in, for a log line. */
  String initiatorName() {
    return machine.initiatorName();
  }

  /** The login is over, however it ended. */
  void end() {
    limit.cancel();
  }

  /** Takes a PDU; its data is taken over. */
  void pdu(Bhs header, ByteBuf data) {
    byte[] text = new byte[data.readableBytes()];
    data.readBytes(text).release();
    if (header.opcode() != Opcode.LOGIN_REQUEST) {
      refuseOpcode(header);
      return;
    }
    LoginRequest request = LoginRequest.of(header);
    if (firstPdu) {
      firstPdu = false;
      writer.startAt(request.expStatSn());
    }
    cmdSn = request.cmdSn();
    switch (receive(request, text)) {
      case LoginStep.Answer(LoginResponse response, byte[] answer) -> writer.send(response, answer);
      case LoginStep.Failed(LoginResponse response, byte[] answer, String reason) -> {
        writer.send(response, answer);
        refuse(reason);
      }
      case LoginStep.Done finished -> connection.loggedIn(finished);
    }
  }

  private LoginStep receive(LoginRequest request, byte[] text) {
    try {
      return machine.receive(request, text);
    } catch (RuntimeException bug) {
      // A source of credentials of another bundle may fail: the initiator may try again.
      writer.send(
          new LoginResponse(
              false,
              false,
              request.currentStage(),
              0,
              request.isid(),
              0,
              request.initiatorTaskTag(),
              LoginStatus.TARGET_ERROR));
      writer.flush();
      throw bug;
    }
  }

  /** Only Login Requests are allowed now (RFC 7143 6.3); the very first PDU gets no answer. */
  private void refuseOpcode(Bhs header) {
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
    connection.refuse("opcode 0x" + Integer.toHexString(header.opcode()) + " during login");
  }

  /** Answers the request that would have ended the login with a failure after all. */
  void fail(LoginStep.Done finished, LoginStatus status, String reason) {
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
    refuse(reason);
    writer.flush();
  }

  private void refuse(String reason) {
    connection.refuse("login of " + initiatorName() + " refused: " + reason);
  }
}
