// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.jtgt.iscsi.pdu.Bhs;
import org.jtgt.iscsi.pdu.Opcode;
import org.jtgt.iscsi.pdu.TargetPdu;
import org.jtgt.iscsi.pdu.TargetPdu.AsyncMessage;
import org.jtgt.iscsi.pdu.TargetPdu.LogoutResponse;
import org.jtgt.iscsi.pdu.TargetPdu.LogoutResult;
import org.jtgt.iscsi.pdu.TargetPdu.NopIn;
import org.jtgt.iscsi.pdu.TargetPdu.Reject;
import org.jtgt.iscsi.pdu.TargetPdu.RejectReason;
import org.jtgt.iscsi.session.CommandWindow;
import org.jtgt.iscsi.session.HeldPdu;
import org.jtgt.iscsi.session.Session;
import org.jtgt.iscsi.text.Parameters;
import org.jtgt.iscsi.text.TextPair;
import org.jtgt.scsi.Nexus;

/**
 * A connection in full feature phase (RFC 7143 clause 11): brings commands into CmdSN order and
 * hands each PDU to whoever serves it.
 *
 * <p>Thread rules: the loop, but {@link #inLoop}.
 */
final class FullFeature implements SequenceNumbers {
  /** Immediate SCSI commands that may run at once: they are outside the window. */
  private static final int MAX_IMMEDIATE_COMMANDS = 16;

  private static final int LOGOUT_SESSION = 0;
  private static final int LOGOUT_CONNECTION = 1;
  private static final int LOGOUT_RECOVERY = 2;

  private final Connection connection;
  private final Wire wire;
  private final PduWriter writer;
  private final ConnectionEnvironment environment;
  private final Session session;
  private final Settings settings;
  private final CommandWindow<HeldPdu> window;
  private final TextExchange text;
  private final @Nullable ScsiCommands commands;
  private final @Nullable TaskManagement taskManagement;
  private int shownMaxCmdSn;
  private boolean loggingOut;

  FullFeature(
      Connection connection,
      PduWriter writer,
      ConnectionEnvironment environment,
      Session session,
      CommandWindow<HeldPdu> window) {
    this.connection = connection;
    this.wire = connection.wire();
    this.writer = writer;
    this.environment = environment;
    this.session = session;
    this.settings = environment.settings();
    this.window = window;
    // The Login Response has promised as much (RFC 7143 11.13.2).
    window.open(settings.commandWindow());
    shownMaxCmdSn = window.maxCmdSn();
    this.text = new TextExchange(this, session.identity());
    Nexus nexus = session.nexus().orElse(null);
    if (nexus == null) {
      commands = null;
      taskManagement = null;
    } else {
      commands = new ScsiCommands(wire, writer, session, nexus, this::slotFreed);
      taskManagement =
          new TaskManagement(this, commands, window, nexus, session.parameters().protocolLevel());
    }
  }

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

  /**
   * A command ended without an answer: when the initiator believes the window to be closed, a
   * NOP-In that wants no answer shows it open (RFC 7143 11.19.2).
   */
  private void slotFreed() {
    if (CommandWindow.before(shownMaxCmdSn, window.expCmdSn()) && slots() > 0) {
      send(new NopIn(0, Bhs.NO_TAG, Bhs.NO_TAG));
    }
  }

  /**
   * Commands that may come ahead of ExpCmdSN: the window, less what runs over the limit, and none
   * while too much unsolicited data is held.
   */
  private int slots() {
    ScsiCommands running = commands;
    if (running == null) {
      return settings.commandWindow();
    }
    if (running.heldBytes() > settings.unsolicitedBytes()) {
      return 0;
    }
    return Math.min(
        settings.commandWindow(), Math.max(0, settings.maxCommands() - running.running()));
  }

  Parameters parameters() {
    return connection.parameters();
  }

  void initiatorMaxRecvDataSegmentLength(int bytes) {
    connection.initiatorMaxRecvDataSegmentLength(bytes);
    if (commands != null) {
      commands.parameters(connection.parameters());
    }
  }

  void batch(boolean begins) {
    if (commands != null) {
      commands.batch(begins);
    }
  }

  /** Takes a PDU; its data is taken over. */
  void pdu(Bhs header, ByteBuf data) {
    if (loggingOut) {
      // After a Logout Request nothing more is expected (RFC 7143 11.14).
      data.release();
      return;
    }
    int opcode = header.opcode();
    if (opcode == Opcode.SCSI_DATA_OUT) {
      dataOut(header, data);
      return;
    }
    if (!isCommand(opcode)) {
      notNumbered(header, data, opcode);
      return;
    }
    if (header.immediate()) {
      run(header, data);
      return;
    }
    switch (window.accept(header.cmdSn())) {
      case DELIVER -> {
        run(header, data);
        deliverHeld();
      }
      case HOLD -> window.hold(header.cmdSn(), new HeldPdu(header.copy(), data));
      case IGNORE -> data.release();
    }
  }

  /** Delivers what was held and is next now. */
  void deliverHeld() {
    for (HeldPdu held = window.next(); held != null; held = window.next()) {
      run(held.header(), held.data());
    }
  }

  private static boolean isCommand(int opcode) {
    return switch (opcode) {
      case Opcode.SCSI_COMMAND,
          Opcode.NOP_OUT,
          Opcode.TASK_MANAGEMENT_REQUEST,
          Opcode.TEXT_REQUEST,
          Opcode.LOGOUT_REQUEST ->
          true;
      default -> false;
    };
  }

  private void run(Bhs header, ByteBuf data) {
    if (header.opcode() == Opcode.SCSI_COMMAND && commands != null) {
      scsiCommand(commands, header, data);
      return;
    }
    try {
      switch (header.opcode()) {
        case Opcode.NOP_OUT -> nopOut(header, data);
        case Opcode.TEXT_REQUEST -> text.request(header, data);
        case Opcode.LOGOUT_REQUEST -> logout(header);
        case Opcode.TASK_MANAGEMENT_REQUEST -> {
          if (taskManagement == null) {
            reject(RejectReason.PROTOCOL_ERROR, header, "task management in a discovery session");
          } else {
            taskManagement.request(header);
          }
        }
        default -> reject(RejectReason.PROTOCOL_ERROR, header, "command in a discovery session");
      }
    } finally {
      data.release();
    }
  }

  private void scsiCommand(ScsiCommands to, Bhs header, ByteBuf data) {
    RejectReason wrong = null;
    String why = "";
    boolean writes = (header.flags() & 0x20) != 0;
    if (header.initiatorTaskTag() == Bhs.NO_TAG) {
      wrong = RejectReason.INVALID_PDU_FIELD;
      why = "SCSI Command with a reserved Initiator Task Tag";
    } else if (to.find(header.initiatorTaskTag()) != null) {
      wrong = RejectReason.TASK_IN_PROGRESS;
      why = "SCSI Command with a tag that is in use";
    } else if (header.totalAhsBytes() > 0 && !header.ahsWellFormed()) {
      wrong = RejectReason.INVALID_PDU_FIELD;
      why = "SCSI Command with a malformed AHS";
    } else if (header.expectedDataTransferLength() < 0 || header.bidirectionalReadLength() < 0) {
      wrong = RejectReason.INVALID_PDU_FIELD;
      why = "expected length of 2 GiB or more";
    } else if (!writes && (data.isReadable() || !header.finalBit())) {
      wrong = RejectReason.PROTOCOL_ERROR;
      why = "SCSI Command with data but without W";
    } else if (header.immediate() && to.immediateRunning() >= MAX_IMMEDIATE_COMMANDS) {
      wrong = RejectReason.IMMEDIATE_COMMAND_REJECT;
      why = "more than " + MAX_IMMEDIATE_COMMANDS + " immediate commands";
    }
    if (wrong == null) {
      to.deliver(header, data);
    } else {
      data.release();
      reject(wrong, header, why);
    }
  }

  private void dataOut(Bhs header, ByteBuf data) {
    ScsiCommands to = commands;
    ScsiTask task = to == null ? null : to.find(header.initiatorTaskTag());
    if (to == null || task == null) {
      // Data of a task that has ended meanwhile is discarded (RFC 7143 11.5.1).
      data.release();
      return;
    }
    switch (to.dataOut(task, header, data)) {
      case ACCEPTED -> {}
      case UNKNOWN_TRANSFER_TAG ->
          reject(RejectReason.INVALID_PDU_FIELD, header, "Data-Out with an unknown transfer tag");
      case REFUSED ->
          reject(RejectReason.INVALID_PDU_FIELD, header, "Data-Out with a wrong Buffer Offset");
    }
  }

  private void notNumbered(Bhs header, ByteBuf data, int opcode) {
    data.release();
    if (opcode == Opcode.SNACK_REQUEST) {
      // Recovery level 0 has no retransmission (RFC 7143 11.16).
      reject(RejectReason.SNACK_REJECT, header, "SNACK at recovery level 0");
    } else if (opcode == Opcode.LOGIN_REQUEST) {
      reject(RejectReason.PROTOCOL_ERROR, header, "Login Request in full feature phase");
    } else {
      reject(RejectReason.COMMAND_NOT_SUPPORTED, header, "opcode 0x" + Integer.toHexString(opcode));
    }
  }

  /** A PDU whose data digest is wrong (RFC 7143 7.8). */
  void dataDigestError(Bhs header) {
    reject(RejectReason.DATA_DIGEST_ERROR, header, "data digest error");
    ScsiTask task =
        header.opcode() == Opcode.SCSI_DATA_OUT && commands != null
            ? commands.find(header.initiatorTaskTag())
            : null;
    if (task != null) {
      task.dataOutReceiver().damaged(header);
    }
  }

  private void nopOut(Bhs header, ByteBuf data) {
    connection.heard();
    if (header.initiatorTaskTag() == Bhs.NO_TAG) {
      if (!header.immediate()) {
        reject(RejectReason.PROTOCOL_ERROR, header, "NOP-Out without tag is not immediate");
      }
      return;
    }
    int bytes = Math.min(data.readableBytes(), parameters().initiatorMaxRecvDataSegmentLength());
    writer.send(new NopIn(header.lun(), header.initiatorTaskTag(), Bhs.NO_TAG), data, bytes);
  }

  private void logout(Bhs header) {
    int reason = header.flags() & 0x7f;
    int itt = header.initiatorTaskTag();
    switch (reason) {
      case LOGOUT_SESSION -> endByLogout(itt);
      case LOGOUT_CONNECTION -> {
        if (header.shortAt(20) == session.cid()) {
          endByLogout(itt);
        } else {
          send(new LogoutResponse(LogoutResult.CID_NOT_FOUND, itt, 0, 0));
        }
      }
      case LOGOUT_RECOVERY ->
          send(
              new LogoutResponse(
                  LogoutResult.RECOVERY_NOT_SUPPORTED,
                  itt,
                  session.parameters().defaultTime2Wait(),
                  0));
      default -> reject(RejectReason.INVALID_PDU_FIELD, header, "logout reason " + reason);
    }
  }

  private void endByLogout(int itt) {
    loggingOut = true;
    connection.endByLogout(() -> {
      if (commands != null) {
        commands.drain();
      }
      send(new LogoutResponse(LogoutResult.CLOSED, itt, 0, 0));
    });
  }

  /** Asks the initiator to log out within a time (RFC 7143 11.9.1). */
  void requestLogout(int seconds) {
    send(new AsyncMessage(AsyncMessage.LOGOUT_REQUEST, 0, 0, seconds));
  }

  /** After TARGET COLD RESET every session of the target ends (RFC 7143 11.5.1). */
  void targetColdReset() {
    for (Session other : environment.sessions().sessions()) {
      if (other.identity().targetName().equals(session.identity().targetName())) {
        other.owner().closeSession("TARGET COLD RESET");
      }
    }
  }

  List<TextPair> targets(Optional<String> only) {
    return environment.sendTargets(session.identity(), only, wire.localAddress());
  }

  void reject(RejectReason reason, Bhs header, String why) {
    environment.refused(wire.peer(), why);
    writer.send(new Reject(reason), header.toBytes());
  }

  void send(TargetPdu pdu) {
    writer.send(pdu);
  }

  void send(TargetPdu pdu, byte[] data) {
    writer.send(pdu, data);
  }

  /** Runs an engine's answer in the loop and flushes; drops it when the connection has ended. */
  void inLoop(Runnable action) {
    try {
      wire.execute(() -> {
        if (connection.open()) {
          action.run();
          writer.flush();
        }
      });
    } catch (RejectedExecutionException e) {
      // The loop has ended, and with it everyone who waited for the answer.
      return;
    }
  }

  /** The connection has ended and another one carries its session on (RFC 7143 6.3.4). */
  void abandon(Runnable ended) {
    releaseHeld();
    if (commands == null) {
      ended.run();
    } else {
      commands.abandon(ended);
    }
  }

  /** The connection has ended. */
  void close() {
    if (commands != null) {
      commands.close();
    }
    releaseHeld();
  }

  private void releaseHeld() {
    for (HeldPdu held = window.drain(); held != null; held = window.drain()) {
      held.data().release();
    }
  }
}
