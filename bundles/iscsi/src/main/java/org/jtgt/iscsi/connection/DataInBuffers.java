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

  /** Allocates buffers for so many bytes. */
  ByteBuffer[] allocate(int bytes, PduWriter writer, Parameters parameters) {
    int segmentMax =
        Math.min(parameters.initiatorMaxRecvDataSegmentLength(), parameters.maxBurstLength());
    int needed = 0;
    for (int offset = 0; offset < bytes; needed++) {
      offset += segmentAt(offset, bytes, segmentMax, parameters.maxBurstLength());
    }
    if (needed > segments.length) {
      segments = new ByteBuf[needed];
      lengths = new int[needed];
    }
    if (views.length != needed) {
      views = new ByteBuffer[needed];
    }
    allocated = bytes;
    int headRoom = writer.headRoom();
    int offset = 0;
    for (int i = 0; i < needed; i++) {
      int length = segmentAt(offset, bytes, segmentMax, parameters.maxBurstLength());
      ByteBuf segment = writer.allocate(length);
      segments[i] = segment;
      lengths[i] = length;
      views[i] = segment.nioBuffer(headRoom, length);
      offset += length;
      count = i + 1;
    }
    return views;
  }

  private static int segmentAt(int offset, int bytes, int segmentMax, int maxBurst) {
    int toBurstEnd = maxBurst - offset % maxBurst;
    return Math.min(Math.min(segmentMax, toBurstEnd), bytes - offset);
  }

  /** Bytes allocated. */
  int bytes() {
    return allocated;
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
  }
}
