// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.jtgt.iscsi.pdu.Bhs;

/**
 * The Data-Out sequences of one transfer: the unsolicited one, and one for each R2T (RFC 7143
 * 4.2.5.2). The objects serve one transfer after the other.
 *
 * <p>Not for several threads at once.
 */
final class DataOutSequences {
  /** One sequence; its fields are the receiver's. */
  static final class Sequence {
    /** Its PDUs are taken. */
    boolean known;

    /** Its last PDU has not come. */
    boolean open;

    int transferTag;
    int r2tSn;
    int start;
    int end;
    int receivedBytes;
    int nextDataSn;

    boolean solicited() {
      return transferTag != Bhs.NO_TAG;
    }
  }

  private Sequence[] sequences = {new Sequence()};
  private int open;

  /** How many have not ended. */
  int open() {
    return open;
  }

  /** All places; those that are not known are free. */
  Sequence[] all() {
    return sequences;
  }

  /** Begins a sequence. */
  void begin(int transferTag, int r2tSn, int offset, int end) {
    int free = 0;
    while (free < sequences.length && sequences[free].known) {
      free++;
    }
    if (free == sequences.length) {
      sequences = Arrays.copyOf(sequences, free + 1);
      sequences[free] = new Sequence();
    }
    Sequence sequence = sequences[free];
    sequence.known = true;
    sequence.open = true;
    sequence.transferTag = transferTag;
    sequence.r2tSn = r2tSn;
    sequence.start = offset;
    sequence.end = end;
    sequence.receivedBytes = 0;
    sequence.nextDataSn = 0;
    open++;
  }

  /** A sequence has ended; its late PDUs are still known until {@link Sequence#known} says no. */
  void end(Sequence sequence) {
    sequence.open = false;
    open--;
  }

  /** Forgets all of them. */
  void forget() {
    for (Sequence sequence : sequences) {
      sequence.open = false;
      sequence.known = false;
    }
    open = 0;
  }

  /** The known sequence of a Target Transfer Tag. */
  @Nullable Sequence find(int transferTag) {
    for (Sequence sequence : sequences) {
      if (sequence.known && sequence.transferTag == transferTag) {
        return sequence;
      }
    }
    return null;
  }

  /** The open sequence that an offset belongs to. */
  @Nullable Sequence openAt(int offset) {
    for (Sequence sequence : sequences) {
      if (sequence.open && sequence.start <= offset && offset < sequence.end) {
        return sequence;
      }
    }
    return null;
  }

  /** Where the first open sequence behind an offset begins; at most a limit. */
  int firstOpenBehind(int offset, int limit) {
    int first = limit;
    for (Sequence sequence : sequences) {
      if (sequence.open && sequence.start > offset) {
        first = Math.min(first, sequence.start);
      }
    }
    return first;
  }

  /** Bytes of open solicited sequences that have not come. */
  int awaitedBytes() {
    int bytes = 0;
    if (open > 0) {
      for (Sequence sequence : sequences) {
        if (sequence.open && sequence.solicited()) {
          bytes += Math.max(0, sequence.end - sequence.start - sequence.receivedBytes);
        }
      }
    }
    return bytes;
  }

  boolean unsolicitedOpen() {
    for (Sequence sequence : sequences) {
      if (sequence.open && !sequence.solicited()) {
        return true;
      }
    }
    return false;
  }
}
