// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import org.jtgt.iscsi.pdu.Bhs;

/**
 * The answer of a task as recovery level 1 and 2 see it: from there on it outlives its sending.
 *
 * <p>Thread rules: the loop.
 */
abstract class AnswerState {
  /** How far the answer is. */
  enum Answer {
    /** The engine has not ended the command. */
    PENDING,
    /** The engine has, and there is no connection to send on. */
    UNSENT,
    /** It was sent and is not acknowledged. */
    SENT
  }

  private Answer answer = Answer.PENDING;
  private int acknowledgeTag = Bhs.NO_TAG;
  private int snackTag;
  private int firstDataSn;
  private int segmentsSent;

  /** A new command begins. */
  final void beginAnswer() {
    answer = Answer.PENDING;
    acknowledgeTag = Bhs.NO_TAG;
    snackTag = 0;
    firstDataSn = 0;
    segmentsSent = 0;
  }

  /** Gives the next Target Transfer Tag. */
  public abstract int nextTransferTag();

  final Answer answer() {
    return answer;
  }

  final void answer(Answer now) {
    answer = now;
  }

  /** The SNACK Tag that the response shows, 0 for none (RFC 7143 11.4.4). */
  final int snackTag() {
    return snackTag;
  }

  final void snackTag(int tag) {
    snackTag = tag;
  }

  /** The Target Transfer Tag of Data-In PDUs that ask for an acknowledgement. */
  final int acknowledgeTag() {
    if (acknowledgeTag == Bhs.NO_TAG) {
      acknowledgeTag = nextTransferTag();
    }
    return acknowledgeTag;
  }

  /** True for the tag of this task's acknowledgements. */
  final boolean isAcknowledgedBy(int transferTag) {
    return acknowledgeTag != Bhs.NO_TAG && acknowledgeTag == transferTag;
  }

  /** The DataSN of a segment of the Data-In buffers. */
  final int dataSn(int segment) {
    return firstDataSn + segment;
  }

  /** The DataSN after the last one sent. */
  final int nextDataSn() {
    return firstDataSn + segmentsSent;
  }

  /** Notes the DataSN of the first segment. */
  final void firstDataSn(int dataSn) {
    firstDataSn = dataSn;
  }

  /** Notes that the segments before this one were sent. */
  final void segmentsSent(int segment) {
    segmentsSent = segment;
  }
}
