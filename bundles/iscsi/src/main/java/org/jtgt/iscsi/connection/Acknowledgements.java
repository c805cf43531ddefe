// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import org.jspecify.annotations.Nullable;
import org.jtgt.iscsi.pdu.Bhs;
import org.jtgt.iscsi.pdu.Opcode;
import org.jtgt.iscsi.session.CommandWindow;

/**
 * How far the initiator has acknowledged the numbered responses of one connection by ExpStatSN, and
 * from recovery level 1 on the responses that it has not (RFC 7143 4.2.2.2).
 *
 * <p>Thread rules: the loop.
 */
final class Acknowledgements {
  /**
   * Most responses that wait for their acknowledgement: more mean that the connection has failed
   * (RFC 7143 4.2.2.2).
   */
  private static final int MOST_KEPT = 16384;

  private final OpenSession open;
  private final PduWriter writer;
  private final @Nullable ScsiCommands commands;
  private final @Nullable KeptAnswers kept;
  private int acknowledgedStatSn;

  /**
   * @param kept where the writer keeps responses; null at recovery level 0
   */
  Acknowledgements(
      OpenSession open,
      PduWriter writer,
      @Nullable ScsiCommands commands,
      @Nullable KeptAnswers kept) {
    this.open = open;
    this.writer = writer;
    this.commands = commands;
    this.kept = kept;
    acknowledgedStatSn = writer.statSn();
  }

  /** Takes note of ExpStatSN, which every PDU of an initiator carries. */
  void note(int expStatSn) {
    if (expStatSn == acknowledgedStatSn
        || CommandWindow.before(expStatSn, acknowledgedStatSn)
        || CommandWindow.before(writer.statSn(), expStatSn)) {
      return;
    }
    acknowledgedStatSn = expStatSn;
    KeptAnswers answers = kept;
    if (answers != null) {
      answers.acknowledge(expStatSn, this::forget);
    }
    open.waiting().run();
  }

  private void forget(KeptAnswers.Answer answer) {
    Bhs response = answer.header();
    if (commands != null && response.opcode() == Opcode.SCSI_RESPONSE) {
      commands.acknowledged(response.initiatorTaskTag());
    }
  }

  /** True when the initiator has acknowledged every response before a StatSN. */
  boolean reach(int statSn) {
    return !CommandWindow.before(acknowledgedStatSn, statSn);
  }

  /** An initiator that acknowledges nothing has lost them. */
  boolean areOverdue() {
    return kept != null
        && (kept.count() > MOST_KEPT || kept.bytes() > open.settings().unsolicitedBytes());
  }

  /** Bytes of responses that the initiator has not acknowledged. */
  int keptBytes() {
    return kept == null ? 0 : kept.bytes();
  }

  /** True when a response to a task waits to be acknowledged. */
  boolean keep(int initiatorTaskTag) {
    return kept != null && kept.has(initiatorTaskTag);
  }

  /** Takes the response to a task out, for another connection; null when there is none. */
  byte @Nullable [] take(int initiatorTaskTag) {
    KeptAnswers.Answer answer = kept == null ? null : kept.take(initiatorTaskTag);
    return answer == null ? null : answer.bytes();
  }
}
