// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.jtgt.iscsi.pdu.Bhs;
import org.jtgt.iscsi.text.Parameters;
import org.jtgt.scsi.TransportCondition;

/**
 * The Data-Out Buffer of one task as it arrives: immediate data, unsolicited Data-Out PDUs and the
 * sequences that R2Ts ask for (RFC 7143 4.2.5.2, 11.7, 11.8). Every segment is placed by its Buffer
 * Offset; what breaks the rules ends the transfer with a condition, after the last PDU of each open
 * sequence has come (7.8).
 *
 * <p>Not for several threads at once.
 */
final class DataOutReceiver {
  /** What the receiver tells its owner. */
  interface Listener {
    /** Send this R2T; gives its Target Transfer Tag. */
    int sendR2t(int r2tSn, int offset, int desired);

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
    /** No open sequence has that Target Transfer Tag. */
    UNKNOWN_TRANSFER_TAG,
    /** A field contradicts the sequence: the condition is noted. */
    REFUSED
  }

  /** One Data-Out sequence: an R2T's, or the unsolicited one. */
  private static final class Sequence {
    boolean open;
    int transferTag;
    int nextOffset;
    int end;
    int nextDataSn;
  }

  private final Listener listener;
  private Sequence[] sequences = {new Sequence()};
  private int open;
  private @Nullable ByteBuf[] segments = new ByteBuf[4];
  private int[] offsets = new int[4];
  private int count;
  private ByteBuffer[] views = new ByteBuffer[4];
  private int viewCount;
  private int expected;
  private int received;
  private int requested;
  private int nextR2tOffset;
  private int r2tSn;
  private int maxBurst;
  private int maxOutstanding;
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
    received = 0;
    r2tSn = 0;
    condition = null;
    maxBurst = parameters.maxBurstLength();
    maxOutstanding = parameters.maxOutstandingR2t();
    int bytes = immediate.readableBytes();
    int unsolicitedEnd = Math.min(expectedBytes, parameters.firstBurstLength());
    if (bytes > 0 && !parameters.immediateData()) {
      note(TransportCondition.UNEXPECTED_UNSOLICITED_DATA);
    } else if (bytes > unsolicitedEnd) {
      note(TransportCondition.INCORRECT_AMOUNT_OF_DATA);
    }
    if (bytes > 0 && condition == null) {
      place(immediate, 0);
    } else {
      immediate.release();
    }
    if (more) {
      if (parameters.initialR2t()) {
        note(TransportCondition.UNEXPECTED_UNSOLICITED_DATA);
      }
      if (bytes < unsolicitedEnd) {
        openSequence(Bhs.NO_TAG, bytes, unsolicitedEnd);
      } else {
        note(TransportCondition.UNEXPECTED_UNSOLICITED_DATA);
      }
    }
    nextR2tOffset = Math.min(bytes, unsolicitedEnd);
  }

  /** Bytes held. */
  int heldBytes() {
    return received;
  }

  /** True while Data-Out PDUs are still to come. */
  boolean sequencesOpen() {
    return open > 0;
  }

  /** R2Ts sent: they count in ExpDataSN (RFC 7143 11.4.8). */
  int r2tCount() {
    return r2tSn;
  }

  ByteBuffer[] views() {
    return views;
  }

  int viewCount() {
    return viewCount;
  }

  /** Asks for the first bytes of the Data-Out Buffer. */
  void request(int bytes) {
    requested = Math.min(bytes, expected);
    proceed();
  }

  /** Notes that a Data-Out PDU came damaged (RFC 7143 7.8); its sequence goes on without it. */
  void damaged(Bhs header) {
    note(TransportCondition.PROTOCOL_SERVICE_CRC_ERROR);
    Sequence sequence = find(header.targetTransferTag());
    if (sequence != null) {
      sequence.nextDataSn = header.dataSn() + 1;
      sequence.nextOffset += header.dataSegmentLength();
      endIfFinal(sequence, header.finalBit());
    }
  }

  /** Takes a Data-Out PDU; its data is taken over. */
  Verdict receive(Bhs header, ByteBuf data) {
    Sequence sequence = find(header.targetTransferTag());
    if (sequence == null) {
      data.release();
      return Verdict.UNKNOWN_TRANSFER_TAG;
    }
    int bytes = data.readableBytes();
    boolean last = header.finalBit();
    Verdict verdict = Verdict.ACCEPTED;
    if (header.dataSn() != sequence.nextDataSn) {
      // An out-of-order DataSN means a lost PDU (RFC 7143 7.9).
      note(TransportCondition.PROTOCOL_SERVICE_CRC_ERROR);
    } else if (header.bufferOffset() != sequence.nextOffset) {
      note(TransportCondition.PROTOCOL_SERVICE_CRC_ERROR);
      verdict = Verdict.REFUSED;
    } else if (bytes > sequence.end - sequence.nextOffset) {
      note(TransportCondition.INCORRECT_AMOUNT_OF_DATA);
    }
    sequence.nextDataSn = header.dataSn() + 1;
    sequence.nextOffset += bytes;
    if (condition == null) {
      place(data, header.bufferOffset());
    } else {
      data.release();
    }
    boolean unsolicited = sequence.transferTag == Bhs.NO_TAG;
    if (last && !unsolicited && sequence.nextOffset < sequence.end) {
      note(TransportCondition.INCORRECT_AMOUNT_OF_DATA);
    } else if (!last && sequence.nextOffset >= sequence.end) {
      note(TransportCondition.INCORRECT_AMOUNT_OF_DATA);
    }
    if (unsolicited) {
      nextR2tOffset = sequence.nextOffset;
    }
    endIfFinal(sequence, last);
    return verdict;
  }

  /** Forgets the transfer and releases its data. */
  void reset() {
    for (int i = 0; i < count; i++) {
      ByteBuf segment = segments[i];
      if (segment != null) {
        segment.release();
      }
      segments[i] = null;
    }
    Arrays.fill(views, 0, viewCount, null);
    count = 0;
    viewCount = 0;
    received = 0;
    requested = 0;
    for (Sequence sequence : sequences) {
      sequence.open = false;
    }
    open = 0;
  }

  private void endIfFinal(Sequence sequence, boolean last) {
    if (last) {
      sequence.open = false;
      open--;
      if (requested == 0 && open == 0) {
        listener.sequencesEnded();
        return;
      }
    }
    proceed();
  }

  private void proceed() {
    if (requested == 0) {
      return;
    }
    TransportCondition failure = condition;
    if (failure != null) {
      if (open == 0) {
        requested = 0;
        listener.dataFailed(failure);
      }
      return;
    }
    if (unsolicitedOpen()) {
      return;
    }
    while (nextR2tOffset < requested && open < maxOutstanding) {
      int desired = Math.min(maxBurst, requested - nextR2tOffset);
      int offset = nextR2tOffset;
      nextR2tOffset += desired;
      openSequence(listener.sendR2t(r2tSn++, offset, desired), offset, offset + desired);
    }
    if (open == 0) {
      int bytes = requested;
      requested = 0;
      makeViews(bytes);
      listener.dataComplete();
    }
  }

  private boolean unsolicitedOpen() {
    for (Sequence sequence : sequences) {
      if (sequence.open && sequence.transferTag == Bhs.NO_TAG) {
        return true;
      }
    }
    return false;
  }

  private void note(TransportCondition what) {
    if (condition == null) {
      condition = what;
    }
  }

  private void openSequence(int transferTag, int offset, int end) {
    int free = 0;
    while (free < sequences.length && sequences[free].open) {
      free++;
    }
    if (free == sequences.length) {
      sequences = Arrays.copyOf(sequences, free + 1);
      sequences[free] = new Sequence();
    }
    Sequence sequence = sequences[free];
    sequence.open = true;
    sequence.transferTag = transferTag;
    sequence.nextOffset = offset;
    sequence.end = end;
    sequence.nextDataSn = 0;
    open++;
  }

  private @Nullable Sequence find(int transferTag) {
    for (Sequence sequence : sequences) {
      if (sequence.open && sequence.transferTag == transferTag) {
        return sequence;
      }
    }
    return null;
  }

  /** Keeps a segment, sorted by offset: sequences may come in any order. */
  private void place(ByteBuf data, int offset) {
    if (!data.isReadable()) {
      data.release();
      return;
    }
    if (count == segments.length) {
      segments = Arrays.copyOf(segments, count * 2);
      offsets = Arrays.copyOf(offsets, count * 2);
    }
    int at = count++;
    while (at > 0 && offsets[at - 1] > offset) {
      segments[at] = segments[at - 1];
      offsets[at] = offsets[at - 1];
      at--;
    }
    segments[at] = data;
    offsets[at] = offset;
    received += data.readableBytes();
  }

  private void makeViews(int bytes) {
    if (views.length < count) {
      views = new ByteBuffer[segments.length];
    }
    viewCount = 0;
    int left = bytes;
    for (int i = 0; i < count && left > 0; i++) {
      ByteBuf segment = segments[i];
      if (segment != null) {
        int used = Math.min(left, segment.readableBytes());
        views[viewCount++] = segment.nioBuffer(segment.readerIndex(), used);
        left -= used;
      }
    }
  }
}
