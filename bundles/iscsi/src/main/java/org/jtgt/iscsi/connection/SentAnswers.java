// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import org.jtgt.iscsi.text.Parameters;

/**
 * The answers of SCSI tasks on one connection that were sent and are not acknowledged: from
 * recovery level 1 on their tasks keep the Data-In to be sent again (RFC 7143 7.2.2, 11.16).
 *
 * <p>Thread rules: the loop.
 */
final class SentAnswers {
  private final PduWriter writer;
  private final ScsiAnswers answers;
  private int count;
  private int bytes;

  SentAnswers(PduWriter writer, ScsiAnswers answers) {
    this.writer = writer;
    this.answers = answers;
  }

  /** How many there are. */
  int count() {
    return count;
  }

  /** Bytes of Data-In that they keep. */
  int bytes() {
    return bytes;
  }

  /** Sends the answer of a task for the first time. */
  void send(ScsiTask task, Parameters parameters) {
    task.firstDataSn(task.dataOutReceiver().r2tCount());
    sendAndKeep(task, parameters);
  }

  /**
   * Sends an answer that another connection has sent before (RFC 7143 7.2.2).
   *
   * @param expDataSn the DataSN that the initiator expects next; 0 when it does not say
   */
  void carryOn(ScsiTask task, int expDataSn, Parameters parameters) {
    if (expDataSn > task.dataSn(0) && expDataSn <= task.nextDataSn()) {
      task.dataInBuffers().acknowledge(expDataSn - task.dataSn(0));
    }
    sendAndKeep(task, parameters);
  }

  private void sendAndKeep(ScsiTask task, Parameters parameters) {
    DataInBuffers buffers = task.dataInBuffers();
    if (buffers.bytes() > 0 && !buffers.fits(writer, parameters)) {
      resegment(task, parameters);
    }
    task.answer(ScsiTask.Answer.SENT);
    count++;
    bytes += buffers.bytes();
    try {
      answers.sendKept(task, parameters);
    } finally {
      if (task.reservation().held()) {
        // What is kept behind its sending has a bound of its own.
        writer.afterWrites(task.reservation().givingBack());
      }
    }
    writer.answered();
  }

  private void resegment(ScsiTask task, Parameters parameters) {
    task.firstDataSn(task.dataSn(task.dataInBuffers().first()));
    task.dataInBuffers().resegment(writer, parameters);
  }

  /** Sends everything that is not acknowledged anew, for an R-Data SNACK (RFC 7143 11.16.3). */
  void sendResegmented(ScsiTask task, Parameters parameters) {
    resegment(task, parameters);
    answers.sendKeptData(task, parameters);
  }

  /** A task leaves the connection, whether its answer was sent or not. */
  void forget(ScsiTask task) {
    if (task.answer() == ScsiTask.Answer.SENT) {
      count--;
      bytes -= task.dataInBuffers().bytes();
    }
  }
}
