// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.jtgt.iscsi.pdu.Bhs;
import org.jtgt.iscsi.pdu.Opcode;
import org.jtgt.iscsi.pdu.TargetPdu;
import org.jtgt.iscsi.pdu.TargetPdu.NopIn;
import org.jtgt.iscsi.pdu.TargetPdu.Reject;
import org.jtgt.iscsi.pdu.TargetPdu.RejectReason;
import org.jtgt.iscsi.session.CommandWindow;
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
  private final Acknowledgements acknowledgements;
  private final Announcements announcements;
  private final @Nullable Retransmission retransmission;
  private Wire.@Nullable Timer watch;
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
    this.announcements = new Announcements(open, this, text);
    this.logouts = new LogoutService(open, this);
    Nexus nexus = open.session().nexus().orElse(null);
    if (nexus == null) {
      commands = null;
      taskManagement = null;
    } else {
      commands = new ScsiCommands(wire, writer, open, nexus, parameters, this::slotFreed);
      taskManagement =
          new TaskManagement(this, open, commands, nexus, open.parameters().protocolLevel());
    }
    if (parameters.errorRecoveryLevel() > 0) {
      KeptAnswers kept = new KeptAnswers();
      acknowledgements = new Acknowledgements(open, writer, commands, kept);
      retransmission = new Retransmission(writer, kept, commands);
      writer.keep(kept);
      watch = wire.schedule(this::watch, open.settings().recoveryMilliseconds());
    } else {
      acknowledgements = new Acknowledgements(open, writer, commands, null);
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
    return (commands == null ? 0 : commands.keptBytes()) + acknowledgements.keptBytes();
  }

  /** True when a response to a task waits to be acknowledged. */
  boolean keeps(int initiatorTaskTag) {
    return acknowledgements.keep(initiatorTaskTag);
  }

  /** Takes the response to a task out, for another connection. */
  byte @Nullable [] takeAnswer(int initiatorTaskTag) {
    return acknowledgements.take(initiatorTaskTag);
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
    if (begins && retransmission != null) {
      retransmission.readBegins();
    }
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
    acknowledgements.note(header.expStatSn());
    if (acknowledgements.areOverdue()) {
      data.release();
      connection.refuse("too many responses are not acknowledged");
      return;
    }
    int opcode = header.opcode();
    if (opcode == Opcode.SCSI_DATA_OUT) {
      dataOut(header, data);
      return;
    }
    if (!Opcode.isNumbered(opcode)) {
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

  /** True when the initiator has acknowledged every response before a StatSN. */
  boolean acknowledgedUpTo(int statSn) {
    return acknowledgements.reach(statSn);
  }

  /** What the target says here of its own accord. */
  Announcements announcements() {
    return announcements;
  }

  /** Carries a command out whose turn has come; its data is taken over. */
  void deliver(Bhs header, ByteBuf data) {
    if (header.opcode() == Opcode.SCSI_COMMAND && commands != null) {
      scsiCommand(commands, header, data);
      return;
    }
    try {
      if (header.initiatorTaskTag() == Bhs.NO_TAG && header.opcode() != Opcode.NOP_OUT) {
        // Its answer could not be told from what is no answer.
        reject(
            RejectReason.INVALID_PDU_FIELD, header, "request with a reserved Initiator Task Tag");
        return;
      }
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
    CommandFault wrong = CommandFault.of(header, data.isReadable(), open, to);
    if (wrong == null) {
      to.deliver(header, data);
    } else {
      data.release();
      reject(wrong.reason(), header, wrong.why());
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
      task.owner().transfers().damaged(task, header);
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
