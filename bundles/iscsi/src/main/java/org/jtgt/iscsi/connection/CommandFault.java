// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import org.jspecify.annotations.Nullable;
import org.jtgt.iscsi.pdu.Bhs;
import org.jtgt.iscsi.pdu.TargetPdu.RejectReason;

/**
 * Why a SCSI Command PDU is rejected before the engine sees it (RFC 7143 11.3, 11.17.1).
 *
 * @param why for the log
 */
record CommandFault(RejectReason reason, String why) {
  /** Immediate SCSI commands that may run at once: they are outside the window. */
  private static final int MAX_IMMEDIATE_COMMANDS = 16;

  private static final int WRITE = 0x20;

  /**
   * Judges a command.
   *
   * @param hasData it has immediate data
   * @return null when it is well
   */
  static @Nullable CommandFault of(
      Bhs header, boolean hasData, OpenSession session, ScsiCommands commands) {
    if (header.initiatorTaskTag() == Bhs.NO_TAG) {
      return new CommandFault(
          RejectReason.INVALID_PDU_FIELD, "SCSI Command with a reserved Initiator Task Tag");
    }
    if (session.find(header.initiatorTaskTag()) != null) {
      return new CommandFault(
          RejectReason.TASK_IN_PROGRESS, "SCSI Command with a tag that is in use");
    }
    if (header.totalAhsBytes() > 0 && !header.ahsWellFormed()) {
      return new CommandFault(RejectReason.INVALID_PDU_FIELD, "SCSI Command with a malformed AHS");
    }
    if (header.expectedDataTransferLength() < 0 || header.bidirectionalReadLength() < 0) {
      return new CommandFault(RejectReason.INVALID_PDU_FIELD, "expected length of 2 GiB or more");
    }
    boolean writes = (header.flags() & WRITE) != 0;
    if (!writes && (hasData || !header.finalBit())) {
      return new CommandFault(RejectReason.PROTOCOL_ERROR, "SCSI Command with data but without W");
    }
    if (header.immediate() && commands.immediateRunning() >= MAX_IMMEDIATE_COMMANDS) {
      return new CommandFault(
          RejectReason.IMMEDIATE_COMMAND_REJECT,
          "more than " + MAX_IMMEDIATE_COMMANDS + " immediate commands");
    }
    return null;
  }
}
