// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import org.jtgt.iscsi.pdu.Bhs;
import org.jtgt.iscsi.text.Parameters;
import org.jtgt.scsi.ScsiStatus;

/**
 * Writes the answers of SCSI tasks on one connection: Data-In PDUs, residuals, SCSI Response (RFC
 * 7143 11.4, 11.7).
 *
 * <p>Thread rules: the loop.
 */
final class ScsiAnswers {
  /** O: the command is about more than the initiator expects (RFC 7143 11.4.5.1). */
  private static final int OVERFLOW = 0x04;

  /** U: it is about less. */
  private static final int UNDERFLOW = 0x02;

  private static final int FINAL = 0x80;
  private static final int ACKNOWLEDGE = 0x40;
  private static final int STATUS = 0x01;
  private static final byte[] NO_SENSE = new byte[0];

  private final PduWriter writer;

  ScsiAnswers(PduWriter writer) {
    this.writer = writer;
  }

  /** Sends an answer that nobody will ask for again: the buffers are given away. */
  void send(ScsiTask task, Parameters parameters) {
    int toSend = task.dataInToSend();
    int residual = residual(task);
    boolean collapse =
        toSend > 0
            && task.status() == ScsiStatus.GOOD
            && task.sense() == null
            && !task.bidirectional();
    int lastFlags = collapse ? residualFlags(task) | STATUS : 0;
    DataInBuffers buffers = task.dataInBuffers();
    int firstDataSn = task.dataOutReceiver().r2tCount();
    int offset = 0;
    int segment = 0;
    while (offset < toSend) {
      int bytes = Math.min(buffers.length(segment), toSend - offset);
      boolean last = offset + bytes == toSend;
      boolean endsSequence = last || (offset + bytes) % parameters.maxBurstLength() == 0;
      writer.sendDataIn(
          buffers.take(segment),
          bytes,
          (endsSequence ? FINAL : 0) | (last ? lastFlags : 0),
          0,
          task.initiatorTaskTag(),
          Bhs.NO_TAG,
          firstDataSn + segment,
          offset,
          last && collapse ? residual : 0);
      segment++;
      offset += bytes;
    }
    if (!collapse) {
      sendResponse(task, firstDataSn + segment);
    }
  }

  /**
   * Sends an answer whose parts may be asked for again: the buffers stay. What the initiator has
   * acknowledged is not sent. Each burst but the last asks for an acknowledgement (RFC 7143
   * 11.7.2); the last one is acknowledged with the status.
   */
  void sendKept(ScsiTask task, Parameters parameters) {
    sendKeptData(task, parameters);
    sendResponse(task, task.nextDataSn());
  }

  /** Sends the data of such an answer without its status. */
  void sendKeptData(ScsiTask task, Parameters parameters) {
    DataInBuffers buffers = task.dataInBuffers();
    int toSend = task.dataInToSend();
    int offset = buffers.firstOffset();
    int segment = buffers.first();
    while (offset < toSend) {
      int bytes = Math.min(buffers.length(segment), toSend - offset);
      boolean last = offset + bytes == toSend;
      boolean endsSequence = last || (offset + bytes) % parameters.maxBurstLength() == 0;
      boolean acknowledge = endsSequence && !last;
      writer.sendDataIn(
          buffers.share(segment),
          bytes,
          (endsSequence ? FINAL : 0) | (acknowledge ? ACKNOWLEDGE : 0),
          acknowledge ? task.lun() : 0,
          task.initiatorTaskTag(),
          acknowledge ? task.acknowledgeTag() : Bhs.NO_TAG,
          task.dataSn(segment),
          offset,
          0);
      segment++;
      offset += bytes;
    }
    task.segmentsSent(segment);
  }

  private void sendResponse(ScsiTask task, int expDataSn) {
    int flags = residualFlags(task);
    int readResidual = 0;
    if (task.bidirectional()) {
      int difference = task.requiredIn() - task.expectedDataInBytes();
      flags |= difference > 0 ? OVERFLOW << 2 : difference < 0 ? UNDERFLOW << 2 : 0;
      readResidual = Math.abs(difference);
    }
    byte[] sense = task.sense();
    writer.sendScsiResponse(
        flags,
        task.status().code(),
        sense == null ? NO_SENSE : sense,
        task.initiatorTaskTag(),
        task.snackTag(),
        expDataSn,
        readResidual,
        residual(task));
  }

  private static int residualFlags(ScsiTask task) {
    int difference = difference(task);
    return difference > 0 ? OVERFLOW : difference < 0 ? UNDERFLOW : 0;
  }

  private static int residual(ScsiTask task) {
    return Math.abs(difference(task));
  }

  /** What the command is about, less what the initiator expects; of the write, if it does both. */
  private static int difference(ScsiTask task) {
    boolean reads = task.expectedDataInBytes() > 0 || task.requiredIn() > 0;
    return reads && !task.bidirectional()
        ? task.requiredIn() - task.expectedDataInBytes()
        : task.requiredOut() - task.expectedDataOutBytes();
  }
}
