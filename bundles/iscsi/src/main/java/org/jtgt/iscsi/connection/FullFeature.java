// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.jtgt.iscsi.pdu.Bhs;
import org.jtgt.iscsi.pdu.Opcode;
import org.jtgt.iscsi.pdu.TargetPdu;
import org.jtgt.iscsi.pdu.TargetPdu.AsyncMessage;
import org.jtgt.iscsi.pdu.TargetPdu.NopIn;
import org.jtgt.iscsi.pdu.TargetPdu.Reject;
import org.jtgt.iscsi.pdu.TargetPdu.RejectReason;
import org.jtgt.iscsi.session.CommandWindow;
import org.jtgt.iscsi.session.Session;
import org.jtgt.iscsi.text.Key;
import org.jtgt.iscsi.text.Parameters;
import org.jtgt.iscsi.text.TextPair;
import org.jtgt.scsi.Nexus;

/**
 * A connection in full feature phase (RFC 7143 clause 11): hands each PDU to whoever serves it,
 * commands when their turn has come in the session.
 *
 * <p>Thread rules: the loop, but {@link #inLoop}.
 */
final class FullFeature {
  /** Immediate SCSI commands that may run at once: they are outside the window. */
  private static final int MAX_IMMEDIATE_COMMANDS = 16;

  /**
   * Most responses that wait for their acknowledgement: more mean that the connection has failed
   * (RFC 7143 4.2.2.2).
   */
  private static final int MOST_KEPT_ANSWERS = 16384;

  private final Connection connection;
  private final Wire wire;
  private final PduWriter writer;
  private final ConnectionEnvironment environment;
  private final OpenSession open;
  private final CommandWindow<HeldCommand> window;
  private final int cid;
  private final TextExchange text;
  private final LogoutService logouts;
  private final @Nullable ScsiCommands commands;
  private final @Nullable TaskManagement taskManagement;
  private final @Nullable KeptAnswers kept;
  private final @Nullable Retransmission retransmission;
  private Wire.@Nullable Timer watch;
  private int acknowledgedStatSn;

  /** The transport's MaxRecvDataSegmentLength, as this connection last knew it. */
  private int transportBytes;

  private int pingTag = 1;
  private boolean loggingOut;

  FullFeature(
      Connection connection,
      PduWriter writer,
      ConnectionEnvironment environment,
      OpenSession open,
      int cid,
      Parameters parameters) {
    this.connection = connection;
    this.wire = connection.wire();
    this.writer = writer;
    this.environment = environment;
    this.open = open;
    this.window = open.window();
    this.cid = cid;
    this.text = new TextExchange(this, open.session().identity());
    this.logouts = new LogoutService(open, this);
    Nexus nexus = open.session().nexus().orElse(null);
    if (nexus == null) {
      commands = null;
      taskManagement = null;
    } else {
      commands = new ScsiCommands(wire, writer, open.session(), nexus, parameters, this::slotFreed);
      taskManagement =
          new TaskManagement(this, open, commands, nexus, open.parameters().protocolLevel());
    }
    acknowledgedStatSn = writer.statSn();
    transportBytes =
        Integer.parseInt(open.settings().ownValues().get(Key.MAX_RECV_DATA_SEGMENT_LENGTH));
    if (parameters.errorRecoveryLevel() > 0) {
      kept = new KeptAnswers();
      retransmission = new Retransmission(writer, kept, commands);
      writer.keep(kept);
      watch = wire.schedule(this::watch, open.settings().recoveryMilliseconds());
    } else {
      kept = null;
      retransmission = null;
    }
  }

  Connection connection() {
    return connection;
  }

  int cid() {
    return cid;
  }

  /** The next response's StatSN. */
  int statSn() {
    return writer.statSn();
  }

  @Nullable ScsiTask find(int initiatorTaskTag) {
    return commands == null ? null : commands.find(initiatorTaskTag);
  }

  int running() {
    return commands == null ? 0 : commands.running();
  }

  int heldBytes() {
    return commands == null ? 0 : commands.heldBytes();
  }

  /** Bytes of answers that the initiator has not acknowledged. */
  int keptBytes() {
    return (commands == null ? 0 : commands.keptBytes()) + (kept == null ? 0 : kept.bytes());
  }

  /** True when a response to a task waits to be acknowledged. */
  boolean keeps(int initiatorTaskTag) {
    return kept != null && kept.has(initiatorTaskTag);
  }

  /** Takes the response to a task out, for another connection. */
  @Nullable byte[] takeAnswer(int initiatorTaskTag) {
    KeptAnswers.Answer answer = kept == null ? null : kept.take(initiatorTaskTag);
    return answer == null ? null : answer.bytes();
  }

  void drain() {
    if (commands != null) {
      commands.drain();
    }
  }

  void flush() {
    writer.flush();
  }

  /**
   * A command ended without an answer: when the initiator believes the window to be closed, a
   * NOP-In that wants no answer shows it open (RFC 7143 11.19.2).
   */
  private void slotFreed() {
    if (open.opensUnseen()) {
      send(new NopIn(0, Bhs.NO_TAG, Bhs.NO_TAG));
    }
  }

  /** Sends a NOP-In whose answer acknowledges what was sent (RFC 7143 11.19). */
  void ping() {
    send(new NopIn(0, Bhs.NO_TAG, 0x40000000 | pingTag++ & 0x3fffffff));
  }

  /** At recovery level 1 and 2: looks after data and acknowledgements that stay away. */
  private void watch() {
    if (commands != null) {
      commands.askAgain();
    }
    if (open.keepsTooMuch()) {
      ping();
    }
    flush();
    watch = wire.schedule(this::watch, open.settings().recoveryMilliseconds());
  }

  private void stopWatch() {
    if (watch != null) {
      watch.cancel();
      watch = null;
    }
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
    acknowledged(header.expStatSn());
    if (kept != null && keepsForTooLong(kept)) {
      data.release();
      connection.refuse("too many responses are not acknowledged");
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
      deliver(header, data);
      return;
    }
    switch (window.accept(header.cmdSn())) {
      case DELIVER -> {
        deliver(header, data);
        open.deliverHeld();
      }
      case HOLD -> open.hold(this, header, data);
      case IGNORE -> data.release();
    }
  }

  /** An initiator that acknowledges nothing has lost them (RFC 7143 4.2.2.2). */
  private boolean keepsForTooLong(KeptAnswers answers) {
    return answers.count() > MOST_KEPT_ANSWERS
        || answers.bytes() > open.settings().unsolicitedBytes();
  }

  /** Takes note of ExpStatSN, which every PDU of an initiator carries (RFC 7143 4.2.2.2). */
  private void acknowledged(int expStatSn) {
    if (expStatSn == acknowledgedStatSn
        || CommandWindow.before(expStatSn, acknowledgedStatSn)
        || CommandWindow.before(writer.statSn(), expStatSn)) {
      return;
    }
    acknowledgedStatSn = expStatSn;
    KeptAnswers answers = kept;
    if (answers != null) {
      answers.acknowledge(expStatSn, this::forgetAnswer);
    }
    open.waiting().run();
  }

  private void forgetAnswer(KeptAnswers.Answer answer) {
    Bhs response = answer.header();
    if (commands != null && response.opcode() == Opcode.SCSI_RESPONSE) {
      commands.acknowledged(response.initiatorTaskTag());
    }
  }

  /** True when the initiator has acknowledged every response before a StatSN. */
  boolean acknowledgedUpTo(int statSn) {
    return !CommandWindow.before(acknowledgedStatSn, statSn);
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

  /** Carries a command out whose turn has come; its data is taken over. */
  void deliver(Bhs header, ByteBuf data) {
    if (header.opcode() == Opcode.SCSI_COMMAND && commands != null) {
      scsiCommand(commands, header, data);
      return;
    }
    try {
      switch (header.opcode()) {
        case Opcode.NOP_OUT -> nopOut(header, data);
        case Opcode.TEXT_REQUEST -> text.request(header, data);
        case Opcode.LOGOUT_REQUEST -> logouts.request(header);
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
    } else if (open.find(header.initiatorTaskTag()) != null) {
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
      snack(header);
    } else if (opcode == Opcode.LOGIN_REQUEST) {
      reject(RejectReason.PROTOCOL_ERROR, header, "Login Request in full feature phase");
    } else {
      reject(RejectReason.COMMAND_NOT_SUPPORTED, header, "opcode 0x" + Integer.toHexString(opcode));
    }
  }

  private void snack(Bhs header) {
    // Recovery level 0 has no retransmission (RFC 7143 11.16).
    RejectReason wrong =
        retransmission == null ? RejectReason.SNACK_REJECT : retransmission.request(header);
    if (wrong != null) {
      reject(wrong, header, "SNACK for what was not sent, or is acknowledged");
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

  /** A Logout Request for this connection came: nothing more is expected here. */
  void logsOut() {
    loggingOut = true;
  }

  /** Asks the initiator to log out within a time (RFC 7143 11.9.1). */
  void requestLogout(int seconds) {
    send(new AsyncMessage(AsyncMessage.LOGOUT_REQUEST, 0, 0, seconds));
    flush();
  }

  /** Says that the target drops a connection of the session (RFC 7143 11.9.1). */
  void announceDrop(int droppedCid) {
    Parameters now = open.parameters();
    send(
        new AsyncMessage(
            AsyncMessage.DROPS_CONNECTION,
            droppedCid,
            now.defaultTime2Wait(),
            now.defaultTime2Retain()));
    flush();
  }

  /** The target drops this connection: it says so on another one, or else on this. */
  void announceOwnDrop() {
    for (FullFeature other : open.connections()) {
      if (other != this) {
        other.announceDrop(cid);
        return;
      }
    }
    announceDrop(cid);
  }

  /** Says that the target drops all connections of the session (RFC 7143 11.9.1). */
  void announceDropOfAll() {
    send(
        new AsyncMessage(
            AsyncMessage.DROPS_ALL_CONNECTIONS, 0, open.parameters().defaultTime2Wait(), 0));
    flush();
  }

  /** Asks for a Text Request, in which the target declares what has changed (RFC 7143 11.9.1). */
  void askForNegotiation(Settings changed) {
    String bytes = changed.ownValues().get(Key.MAX_RECV_DATA_SEGMENT_LENGTH);
    int before = transportBytes;
    transportBytes = Integer.parseInt(bytes);
    // A connection that did not take the transport's value has its own from a policy.
    if (before == connection.declaredBytes() && connection.declares(transportBytes)) {
      text.declare(new TextPair(Key.MAX_RECV_DATA_SEGMENT_LENGTH.text(), bytes));
      send(
          new AsyncMessage(
              AsyncMessage.ASKS_FOR_NEGOTIATION, 0, 0, open.settings().loginSeconds()));
      flush();
    }
  }

  /** After TARGET COLD RESET every session of the target ends (RFC 7143 11.5.1). */
  void targetColdReset() {
    String target = open.session().identity().targetName();
    for (Session other : environment.sessions().sessions()) {
      if (other.identity().targetName().equals(target)) {
        other.owner().closeSession("TARGET COLD RESET");
      }
    }
  }

  List<TextPair> targets(Optional<String> only) {
    return environment.sendTargets(
        open.session().identity(), wire.peerAddress(), only, wire.localAddress());
  }

  void reject(RejectReason reason, Bhs header, String why) {
    environment.refused(wire.peer(), why);
    writer.send(new Reject(reason), header.toBytes());
  }

  void send(TargetPdu pdu) {
    writer.send(pdu);
  }

  /** Sends a response that another connection of the session had. */
  void sendAnew(byte[] response) {
    writer.sendAnew(response);
  }

  void send(TargetPdu pdu, byte[] data) {
    writer.send(pdu, data);
  }

  /** Runs an engine's answer in the loop and flushes; drops it when the connection has ended. */
  void inLoop(Runnable action) {
    open.inLoop(() -> {
      if (connection.open()) {
        action.run();
        writer.flush();
      }
    });
  }

  /** The connection has failed; its tasks may be reassigned. */
  void suspend() {
    stopWatch();
    if (commands != null) {
      commands.suspend();
    }
  }

  /** The connection has ended, its session has not: aborts its tasks (RFC 7143 11.14.5). */
  void abandon(Runnable ended) {
    stopWatch();
    if (commands == null) {
      ended.run();
    } else {
      commands.abandon(ended);
    }
  }

  /** The connection has ended, and the nexus ends too. */
  void close() {
    stopWatch();
    if (commands != null) {
      commands.close();
    }
  }
}
