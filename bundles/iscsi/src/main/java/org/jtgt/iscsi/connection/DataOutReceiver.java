// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.jtgt.iscsi.connection.DataOutSequences.Sequence;
import org.jtgt.iscsi.pdu.Bhs;
import org.jtgt.iscsi.text.Parameters;
import org.jtgt.scsi.TransportCondition;

/**
 * The Data-Out Buffer of one task as it arrives: immediate data, unsolicited Data-Out PDUs and the
 * sequences that R2Ts ask for (RFC 7143 4.2.5.2, 11.7, 11.8). Every segment is placed by its Buffer
 * Offset. At recovery level 0 what breaks the rules ends the transfer with a condition, after the
 * last PDU of each open sequence has come (7.8); from level 1 on what is missing when a sequence
 * ends, or stays away, is asked for again by recovery R2Ts (7.2.2, 7.8, 7.9).
 *
 * <p>Not for several threads at once.
 */
final class DataOutReceiver {
  /** What the receiver tells its owner. */
  interface Listener {
    /** Whether another R2T may be sent now; else {@link #proceed} is called when it may. */
    boolean admitsR2t();

    /** Gives the Target Transfer Tag of the next R2T. */
    int nextTransferTag();

    /** Send this R2T. */
    void sendR2t(int transferTag, int r2tSn, int offset, int desired);

    /** All requested data is there. */
    void dataComplete();

    /** The transfer failed; every open sequence has ended. */
    void dataFailed(TransportCondition condition);

    /** The last open sequence has ended, and nobody had asked for data. */
    void sequencesEnded();
  }

  /** What became of a Data-Out PDU. */
  enum Verdict {
    ACCEPTED,
    /** No sequence has that Target Transfer Tag. */
    UNKNOWN_TRANSFER_TAG,
    /** A field contradicts the sequence: the condition is noted. */
    REFUSED
  }

  private final Listener listener;
  private final DataOutBuffer buffer = new DataOutBuffer();
  private final DataOutSequences sequences = new DataOutSequences();
  private final Patience patience = new Patience();
  private int expected;
  private int requested;

  /** What lies before has arrived or is asked for. */
  private int asked;

  private int r2tSn;
  private int firstTransferTag;
  private int lastTransferTag;
  private int maxBurst;
  private int maxOutstanding;
  private boolean recovering;
  private boolean pduInOrder;
  private @Nullable TransportCondition condition;

  DataOutReceiver(Listener listener) {
    this.listener = listener;
  }

  /**
   * Begins a transfer.
   *
   * @param expectedBytes what the command announces
   * @param immediate immediate data, taken over
   * @param more the F bit is 0: unsolicited Data-Out PDUs follow
   */
  void begin(int expectedBytes, ByteBuf immediate, boolean more, Parameters parameters) {
    expected = expectedBytes;
    requested = 0;
    r2tSn = 0;
    firstTransferTag = Bhs.NO_TAG;
    lastTransferTag = Bhs.NO_TAG;
    patience.begin();
    condition = null;
    maxBurst = parameters.maxBurstLength();
    recovering = parameters.errorRecoveryLevel() > 0;
    pduInOrder = parameters.dataPduInOrder();
    // In order, only the last R2T can be tried again (RFC 7143 13.19).
    maxOutstanding =
        recovering && parameters.dataSequenceInOrder() ? 1 : parameters.maxOutstandingR2t();
    int bytes = immediate.readableBytes();
    int unsolicitedEnd = Math.min(expectedBytes, parameters.firstBurstLength());
    if (bytes > 0 && !parameters.immediateData()) {
      note(TransportCondition.UNEXPECTED_UNSOLICITED_DATA);
    } else if (bytes > unsolicitedEnd) {
      note(TransportCondition.INCORRECT_AMOUNT_OF_DATA);
    }
    if (bytes > 0 && condition == null) {
      buffer.place(immediate, 0);
    } else {
      immediate.release();
    }
    if (more) {
      if (parameters.initialR2t()) {
        note(TransportCondition.UNEXPECTED_UNSOLICITED_DATA);
      }
      if (bytes < unsolicitedEnd) {
        openSequence(Bhs.NO_TAG, 0, bytes, unsolicitedEnd);
      } else {
        note(TransportCondition.UNEXPECTED_UNSOLICITED_DATA);
      }
    }
    asked = Math.min(bytes, unsolicitedEnd);
  }

  /** Stands for a transfer that is over: nothing more comes, and its R2Ts still count. */
  void answersFor(DataOutReceiver other) {
    reset();
    r2tSn = other.r2tSn;
  }

  /** Bytes that R2Ts have asked for and that have not come. */
  int awaitedBytes() {
    return sequences.awaitedBytes();
  }

  /** True while Data-Out PDUs are still to come. */
  boolean sequencesOpen() {
    return sequences.open() > 0;
  }

  /** R2Ts sent: they count in ExpDataSN (RFC 7143 11.4.8). */
  int r2tCount() {
    return r2tSn;
  }

  ByteBuffer[] views() {
    return buffer.views();
  }

  int viewCount() {
    return buffer.viewCount();
  }

  /** Asks for the first bytes of the Data-Out Buffer. */
  void request(int bytes) {
    requested = Math.min(bytes, expected);
    proceed();
  }

  /**
   * Notes that a Data-Out PDU came damaged (RFC 7143 7.8); its sequence goes on without it, and
   * from recovery level 1 on its data is asked for again.
   */
  void damaged(Bhs header) {
    if (!recovering) {
      note(TransportCondition.PROTOCOL_SERVICE_CRC_ERROR);
    }
    Sequence sequence = sequences.find(header.targetTransferTag());
    if (sequence != null) {
      sequence.nextDataSn = header.dataSn() + 1;
      sequence.receivedBytes += header.dataSegmentLength();
      endIfFinal(sequence, header.finalBit());
    }
  }

  /** Takes a Data-Out PDU; its data is taken over. */
  Verdict receive(Bhs header, ByteBuf data) {
    Sequence sequence = sequences.find(header.targetTransferTag());
    if (sequence == null) {
      data.release();
      return wasKnown(header.targetTransferTag()) ? Verdict.ACCEPTED : Verdict.UNKNOWN_TRANSFER_TAG;
    }
    patience.progress();
    int bytes = data.readableBytes();
    int offset = header.bufferOffset();
    Verdict verdict = Verdict.ACCEPTED;
    if (!recovering && header.dataSn() != sequence.nextDataSn) {
      // An out-of-order DataSN means a lost PDU (RFC 7143 7.9).
      note(TransportCondition.PROTOCOL_SERVICE_CRC_ERROR);
    } else if (misplaced(sequence, offset)) {
      note(TransportCondition.PROTOCOL_SERVICE_CRC_ERROR);
      verdict = Verdict.REFUSED;
    } else if (bytes > sequence.end - offset) {
      note(TransportCondition.INCORRECT_AMOUNT_OF_DATA);
    }
    sequence.nextDataSn = header.dataSn() + 1;
    sequence.receivedBytes += bytes;
    if (condition == null) {
      buffer.place(data, offset);
    } else {
      data.release();
    }
    endIfFinal(sequence, checkLast(sequence, header.finalBit()));
    return verdict;
  }

  private boolean misplaced(Sequence sequence, int offset) {
    return pduInOrder && !recovering
        ? offset != sequence.start + sequence.receivedBytes
        : offset < sequence.start || offset > sequence.end;
  }

  /** True when a PDU is the last of its sequence. */
  private boolean checkLast(Sequence sequence, boolean finalBit) {
    if (recovering) {
      return finalBit || buffer.firstMissing(sequence.start) >= sequence.end;
    }
    boolean all = sequence.receivedBytes >= sequence.end - sequence.start;
    boolean solicited = sequence.solicited();
    if (finalBit ? solicited && !all : all) {
      note(TransportCondition.INCORRECT_AMOUNT_OF_DATA);
    }
    return finalBit;
  }

  /** A sequence that recovery has completed meanwhile: its late PDUs are known already. */
  private boolean wasKnown(int transferTag) {
    return recovering
        && (transferTag == Bhs.NO_TAG
            || (firstTransferTag != Bhs.NO_TAG
                && transferTag - firstTransferTag >= 0
                && lastTransferTag - transferTag >= 0));
  }

  /**
   * Asked once in each recovery time: true when data that is due has stayed away for so long that
   * it is to be asked for again.
   */
  boolean stalled() {
    return patience.isOver(sequences.open() > 0);
  }

  /** Ends the open sequences and asks again for what is missing of them (RFC 7143 7.2.2). */
  void askAgain() {
    if (!patience.tryAgain()) {
      note(TransportCondition.PROTOCOL_SERVICE_CRC_ERROR);
    }
    for (Sequence sequence : sequences.all()) {
      if (sequence.open) {
        sequences.end(sequence);
        asked = Math.min(asked, buffer.firstMissing(sequence.start));
      }
    }
    if (requested == 0) {
      listener.sequencesEnded();
    } else {
      proceed();
    }
  }

  /**
   * Another connection carries the task on (RFC 7143 7.2.2): what was under way is lost.
   *
   * @param nextR2tSn the R2TSN that the initiator expects next
   */
  void moved(int nextR2tSn) {
    if (nextR2tSn >= 0 && nextR2tSn <= r2tSn) {
      r2tSn = nextR2tSn;
    }
    sequences.forget();
    // The tags of another connection follow.
    firstTransferTag = Bhs.NO_TAG;
    asked = 0;
    if (requested > 0) {
      proceed();
    }
  }

  /**
   * Sends R2Ts again, as they were (RFC 7143 11.16).
   *
   * @param firstSn BegRun
   * @param run RunLength, 0 for all that follow
   * @return false when one of them was never sent
   */
  boolean resendR2ts(int firstSn, int run) {
    int end = run == 0 ? r2tSn : firstSn + run;
    if (firstSn < 0 || firstSn > r2tSn || end < firstSn || end > r2tSn) {
      return false;
    }
    for (int sn = firstSn; sn < end; sn++) {
      for (Sequence sequence : sequences.all()) {
        if (sequence.known && sequence.solicited() && sequence.r2tSn == sn) {
          listener.sendR2t(sequence.transferTag, sn, sequence.start, sequence.end - sequence.start);
        }
      }
    }
    return true;
  }

  /** Forgets the transfer and releases its data. */
  void reset() {
    buffer.reset();
    requested = 0;
    sequences.forget();
  }

  private void endIfFinal(Sequence sequence, boolean last) {
    if (last && sequence.open) {
      sequences.end(sequence);
      int missing = buffer.firstMissing(sequence.start);
      boolean whole = missing >= sequence.end;
      sequence.known = recovering && !whole;
      if (whole) {
        patience.succeeded();
      } else if (recovering) {
        asked = Math.min(asked, missing);
        if (missing == sequence.start && !patience.tryAgain()) {
          note(TransportCondition.PROTOCOL_SERVICE_CRC_ERROR);
        }
      } else if (sequence.solicited()) {
        // What came twice stands for something that did not come (RFC 7143 13.18).
        note(TransportCondition.INCORRECT_AMOUNT_OF_DATA);
      }
      if (requested == 0 && sequences.open() == 0) {
        listener.sequencesEnded();
        return;
      }
    }
    proceed();
  }

  /** Sends what R2Ts it may, and tells when nothing is missing any more. */
  void proceed() {
    if (requested == 0) {
      return;
    }
    TransportCondition failure = condition;
    if (failure != null) {
      if (sequences.open() == 0) {
        requested = 0;
        listener.dataFailed(failure);
      }
      return;
    }
    if (sequences.unsolicitedOpen()) {
      return;
    }
    while (sequences.open() < maxOutstanding) {
      int from = nextGap();
      if (from >= requested) {
        break;
      }
      if (!listener.admitsR2t()) {
        return;
      }
      int to = gapEnd(from);
      asked = to;
      int tag = listener.nextTransferTag();
      if (firstTransferTag == Bhs.NO_TAG) {
        firstTransferTag = tag;
      }
      lastTransferTag = tag;
      int sn = r2tSn++;
      openSequence(tag, sn, from, to);
      listener.sendR2t(tag, sn, from, to - from);
    }
    if (sequences.open() == 0 || (recovering && buffer.firstMissing(0) >= requested)) {
      int bytes = requested;
      requested = 0;
      sequences.forget();
      buffer.makeViews(bytes);
      listener.dataComplete();
    }
  }

  /** The first offset that has neither arrived nor been asked for. */
  private int nextGap() {
    int at = asked;
    while (at < requested) {
      int missing = buffer.firstMissing(at);
      Sequence claim = sequences.openAt(missing);
      if (claim == null) {
        return missing;
      }
      at = claim.end;
    }
    return at;
  }

  private int gapEnd(int from) {
    int end = Math.min(requested - from, maxBurst) + from;
    return sequences.firstOpenBehind(from, buffer.firstPresent(from, end));
  }

  private void note(TransportCondition what) {
    if (condition == null) {
      condition = what;
    }
  }

  private void openSequence(int transferTag, int sn, int offset, int end) {
    sequences.begin(transferTag, sn, offset, end);
    patience.progress();
  }
}
