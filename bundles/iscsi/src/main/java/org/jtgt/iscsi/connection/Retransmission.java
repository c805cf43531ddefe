// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.jtgt.iscsi.pdu.Bhs;
import org.jtgt.iscsi.pdu.Opcode;
import org.jtgt.iscsi.pdu.TargetPdu.RejectReason;

/**
 * SNACK Requests of one connection at recovery level 1 and 2 (RFC 7143 11.16): what was sent and is
 * not acknowledged is sent again.
 *
 * <p>Thread rules: the loop.
 */
final class Retransmission {
  private static final int DATA_OR_R2T = 0;
  private static final int STATUS = 1;
  private static final int DATA_ACK = 2;
  private static final int R_DATA = 3;

  /**
   * Bytes sent again for the SNACKs of one read: what is beyond is lost, as any PDU may be, and is
   * asked for again when the initiator has taken what it got.
   */
  private static final int MOST_BYTES = 8 << 20;

  private final PduWriter writer;
  private final KeptAnswers kept;
  private final @Nullable ScsiCommands commands;
  private int bytesAgain;

  Retransmission(PduWriter writer, KeptAnswers kept, @Nullable ScsiCommands commands) {
    this.writer = writer;
    this.kept = kept;
    this.commands = commands;
  }

  /** Another read begins. */
  void readBegins() {
    bytesAgain = 0;
  }

  /** Serves a request; gives the reason to reject it, or null. */
  @Nullable RejectReason request(Bhs header) {
    if (bytesAgain > MOST_BYTES) {
      return null;
    }
    return switch (header.flags() & 0x0f) {
      case DATA_OR_R2T -> dataOrR2t(header);
      case STATUS -> status(header);
      case DATA_ACK -> dataAck(header);
      case R_DATA -> resegmented(header);
      default -> RejectReason.INVALID_PDU_FIELD;
    };
  }

  private @Nullable RejectReason status(Bhs header) {
    List<KeptAnswers.Answer> run = kept.run(header.begRun(), header.runLength());
    if (run == null) {
      // Nothing follows what has come: that is an answer as well.
      return header.runLength() == 0 && header.begRun() == writer.statSn()
          ? null
          : RejectReason.PROTOCOL_ERROR;
    }
    for (KeptAnswers.Answer answer : run) {
      bytesAgain += answer.bytes().length;
      writer.sendAgain(answer.bytes());
    }
    return null;
  }

  private @Nullable RejectReason dataOrR2t(Bhs header) {
    ScsiTask task = commands == null ? null : commands.find(header.initiatorTaskTag());
    if (task == null) {
      return RejectReason.PROTOCOL_ERROR;
    }
    boolean sent =
        task.answer() == ScsiTask.Answer.SENT && task.dataInToSend() > 0
            ? resendData(task, header.begRun(), header.runLength())
            : task.dataOutReceiver().resendR2ts(header.begRun(), header.runLength());
    return sent ? null : RejectReason.PROTOCOL_ERROR;
  }

  /** Of a bidirectional command the R2Ts come first in the numbering; they are all answered. */
  private boolean resendData(ScsiTask task, int begRun, int runLength) {
    DataInBuffers buffers = task.dataInBuffers();
    int next = task.nextDataSn();
    int firstKept = task.dataSn(buffers.first());
    int from = begRun == 0 && runLength == 0 ? firstKept : begRun;
    int end = runLength == 0 ? next : begRun + runLength;
    if (from < firstKept || from > next || end < from || end > next) {
      return false;
    }
    for (int dataSn = from; dataSn < end; dataSn++) {
      int segment = dataSn - task.dataSn(0);
      bytesAgain += buffers.length(segment);
      writer.sendDataInAgain(buffers.at(segment));
    }
    return true;
  }

  private @Nullable RejectReason dataAck(Bhs header) {
    if (commands != null && header.runLength() == 0) {
      ScsiTask task = commands.acknowledgedBy(header.targetTransferTag());
      if (task != null) {
        int first = task.dataSn(0);
        if (header.begRun() >= task.dataSn(task.dataInBuffers().first())
            && header.begRun() <= task.nextDataSn()) {
          task.dataInBuffers().acknowledge(header.begRun() - first);
          return null;
        }
      }
    }
    return RejectReason.INVALID_DATA_ACK;
  }

  private @Nullable RejectReason resegmented(Bhs header) {
    ScsiTask task = commands == null ? null : commands.find(header.initiatorTaskTag());
    int tag = header.targetTransferTag();
    if (commands == null || task == null || header.begRun() != 0 || header.runLength() != 0) {
      return RejectReason.PROTOCOL_ERROR;
    }
    if (tag == 0 || tag == Bhs.NO_TAG) {
      return RejectReason.INVALID_PDU_FIELD;
    }
    task.snackTag(tag);
    if (task.answer() == ScsiTask.Answer.SENT) {
      bytesAgain += task.dataInToSend();
      commands.sendResegmented(task);
      sendTagged(task, tag);
    }
    return null;
  }

  /** The response once more, with the SNACK Tag and what it counts now (RFC 7143 11.16.3). */
  private void sendTagged(ScsiTask task, int tag) {
    for (KeptAnswers.Answer answer : kept.all()) {
      Bhs response = answer.header();
      if (response.opcode() == Opcode.SCSI_RESPONSE
          && response.initiatorTaskTag() == task.initiatorTaskTag()) {
        KeptAnswers.Answer tagged = answer.with(tag, task.nextDataSn());
        kept.replace(tagged);
        writer.sendAgain(tagged.bytes());
      }
    }
  }
}
