// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.jtgt.iscsi.text.Parameters;

/**
 * The Data-In Buffer of one task, cut as it will be sent: one buffer for each Data-In PDU, with
 * head room for its header. A PDU is at most the initiator's MaxRecvDataSegmentLength long and does
 * not cross the end of a sequence of MaxBurstLength (RFC 7143 13.12, 13.13).
 *
 * <p>Not for several threads at once.
 */
final class DataInBuffers {
  private @Nullable ByteBuf[] segments = new ByteBuf[1];
  private ByteBuffer[] views = new ByteBuffer[1];
  private int[] lengths = new int[1];
  private int count;
  private int allocated;

  /** Index of the first segment that is not acknowledged, and where its data begins. */
  private int first;

  private int firstOffset;
  private int headRoom;
  private int segmentMax;

  /** Allocates buffers for so many bytes. */
  ByteBuffer[] allocate(int bytes, PduWriter writer, Parameters parameters) {
    cut(0, bytes, writer, parameters);
    if (views.length != count) {
      views = new ByteBuffer[count];
    }
    for (int i = 0; i < count; i++) {
      ByteBuf segment = segments[i];
      if (segment != null) {
        views[i] = PooledViews.of(segment, headRoom, lengths[i]);
      }
    }
    return views;
  }

  /** Makes empty segments for the bytes from an offset on. */
  private void cut(int from, int bytes, PduWriter writer, Parameters parameters) {
    int maxBurst = parameters.maxBurstLength();
    headRoom = writer.headRoom();
    segmentMax = Math.min(parameters.initiatorMaxRecvDataSegmentLength(), maxBurst);
    int needed = 0;
    for (int offset = from; offset < bytes; needed++) {
      offset += segmentAt(offset, bytes, segmentMax, maxBurst);
    }
    if (needed > segments.length) {
      segments = new ByteBuf[needed];
      lengths = new int[needed];
    }
    allocated = bytes;
    int offset = from;
    for (int i = 0; i < needed; i++) {
      int length = segmentAt(offset, bytes, segmentMax, maxBurst);
      segments[i] = writer.allocate(length);
      lengths[i] = length;
      offset += length;
      count = i + 1;
    }
  }

  private static int segmentAt(int offset, int bytes, int segmentMax, int maxBurst) {
    int toBurstEnd = maxBurst - offset % maxBurst;
    return Math.min(Math.min(segmentMax, toBurstEnd), bytes - offset);
  }

  /** Bytes allocated. */
  int bytes() {
    return allocated;
  }

  /** Number of segments. */
  int count() {
    return count;
  }

  int length(int index) {
    return lengths[index];
  }

  /** Gives a buffer away. */
  ByteBuf take(int index) {
    ByteBuf segment = segments[index];
    segments[index] = null;
    if (segment == null) {
      throw new IllegalStateException("segment " + index + " was taken before");
    }
    return segment;
  }

  // From recovery level 1 on, segments are kept until they are acknowledged.

  /** Index of the first segment that is not acknowledged. */
  int first() {
    return first;
  }

  /** Offset of its data. */
  int firstOffset() {
    return firstOffset;
  }

  /** A buffer to send that stays here too; the whole PDU, as it was sealed. */
  ByteBuf share(int index) {
    return at(index).retainedDuplicate();
  }

  /** A segment that was sent; it stays here. */
  ByteBuf at(int index) {
    ByteBuf segment = segments[index];
    if (segment == null) {
      throw new IllegalStateException("segment " + index + " was acknowledged before");
    }
    return segment;
  }

  /** Releases the segments before an index: the initiator has them (RFC 7143 11.16.2). */
  void acknowledge(int index) {
    while (first < index && first < count) {
      ByteBuf segment = segments[first];
      if (segment != null) {
        segment.release();
        segments[first] = null;
      }
      firstOffset += lengths[first];
      first++;
    }
  }

  /** True when the segments are cut as a connection now wants them. */
  boolean fits(PduWriter writer, Parameters parameters) {
    return headRoom == writer.headRoom()
        && segmentMax
            == Math.min(
                parameters.initiatorMaxRecvDataSegmentLength(), parameters.maxBurstLength());
  }

  /**
   * Cuts what is not acknowledged anew, for a connection with other digests or another
   * MaxRecvDataSegmentLength (RFC 7143 7.2.2, 11.16.3). The first segment then has index 0.
   */
  void resegment(PduWriter writer, Parameters parameters) {
    @Nullable ByteBuf[] old = segments;
    int[] oldLengths = lengths;
    int oldCount = count;
    int oldHeadRoom = headRoom;
    int from = first;
    segments = new ByteBuf[1];
    lengths = new int[1];
    count = 0;
    cut(firstOffset, allocated, writer, parameters);
    first = 0;
    int to = 0;
    int written = 0;
    for (int i = from; i < oldCount; i++) {
      ByteBuf source = old[i];
      int copied = 0;
      while (source != null && copied < oldLengths[i]) {
        ByteBuf target = segments[to];
        int part = Math.min(oldLengths[i] - copied, lengths[to] - written);
        if (target != null) {
          target.setBytes(headRoom + written, source, oldHeadRoom + copied, part);
        }
        copied += part;
        written += part;
        if (written == lengths[to]) {
          written = 0;
          to++;
        }
      }
      if (source != null) {
        source.release();
      }
    }
  }

  /** Releases what was not given away. */
  void reset() {
    for (int i = 0; i < count; i++) {
      ByteBuf segment = segments[i];
      if (segment != null) {
        segment.release();
        segments[i] = null;
      }
    }
    Arrays.fill(views, null);
    count = 0;
    allocated = 0;
    first = 0;
    firstOffset = 0;
  }
}
