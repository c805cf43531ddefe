// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one Data-Out Buffer that have arrived, sorted by offset. What arrives twice is kept
 * once: a retransmission never replaces what is there (RFC 7143 7.9).
 *
 * <p>Not for several threads at once.
 */
final class DataOutBuffer {
  private @Nullable ByteBuf[] segments = new ByteBuf[4];
  private int[] offsets = new int[4];
  private int[] ends = new int[4];
  private int count;
  private ByteBuffer[] views = new ByteBuffer[4];
  private int viewCount;
  private @Nullable ByteBuffer receiveView;
  private long receiveAddress;

  ByteBuffer[] views() {
    return views;
  }

  int viewCount() {
    return viewCount;
  }

  /** Keeps what is new of a segment; takes it over. */
  void place(ByteBuf data, int offset) {
    int bytes = data.readableBytes();
    if (bytes == 0) {
      data.release();
    } else if (count == 0 || offset >= ends[count - 1]) {
      insert(count, data, offset, bytes);
    } else {
      placeBetween(data, offset, offset + bytes);
      data.release();
    }
  }

  private void placeBetween(ByteBuf data, int offset, int end) {
    int at = offset;
    int next = 0;
    while (at < end) {
      while (next < count && ends[next] <= at) {
        next++;
      }
      int gapEnd = next < count ? Math.min(offsets[next], end) : end;
      if (gapEnd > at) {
        int from = data.readerIndex() + at - offset;
        insert(next++, data.retainedSlice(from, gapEnd - at), at, gapEnd - at);
      }
      at = gapEnd == end ? end : Math.min(end, ends[next]);
    }
  }

  private void insert(int at, ByteBuf data, int offset, int bytes) {
    if (count == segments.length) {
      segments = Arrays.copyOf(segments, count * 2);
      offsets = Arrays.copyOf(offsets, count * 2);
      ends = Arrays.copyOf(ends, count * 2);
    }
    if (at < count) {
      System.arraycopy(segments, at, segments, at + 1, count - at);
      System.arraycopy(offsets, at, offsets, at + 1, count - at);
      System.arraycopy(ends, at, ends, at + 1, count - at);
    }
    segments[at] = data;
    offsets[at] = offset;
    ends[at] = offset + bytes;
    count++;
  }

  /** The first offset from one on that has not arrived. */
  int firstMissing(int from) {
    int at = from;
    for (int i = 0; i < count && offsets[i] <= at; i++) {
      at = Math.max(at, ends[i]);
    }
    return at;
  }

  /** The first offset from one on that has arrived; at most a limit. */
  int firstPresent(int from, int limit) {
    for (int i = 0; i < count; i++) {
      if (ends[i] > from) {
        return Math.min(limit, Math.max(from, offsets[i]));
      }
    }
    return limit;
  }

  /** Makes views of the first bytes, all of which have arrived. */
  void makeViews(int bytes) {
    if (views.length < count) {
      views = new ByteBuffer[segments.length];
    }
    viewCount = 0;
    int left = bytes;
    for (int i = 0; i < count && left > 0; i++) {
      ByteBuf segment = segments[i];
      if (segment != null) {
        int used = Math.min(left, segment.readableBytes());
        views[viewCount++] =
            i == 0 ? firstView(segment, used) : segment.nioBuffer(segment.readerIndex(), used);
        left -= used;
      }
    }
  }

  /**
   * A view of the first segment, kept for the next command: what came with commands lies in receive
   * buffers, of which a connection uses a few in turn.
   */
  private ByteBuffer firstView(ByteBuf segment, int bytes) {
    ByteBuf root = segment.unwrap();
    ByteBuf received = root == null ? segment : root;
    if (!received.hasMemoryAddress()) {
      return segment.nioBuffer(segment.readerIndex(), bytes);
    }
    long address = received.memoryAddress();
    ByteBuffer whole = received(received, address);
    int from = (int) (segment.memoryAddress() - address) + segment.readerIndex();
    return whole.clear().limit(from + bytes).position(from).order(ByteOrder.BIG_ENDIAN);
  }

  private ByteBuffer received(ByteBuf buffer, long address) {
    ByteBuffer known = receiveView;
    if (known == null || receiveAddress != address || known.capacity() != buffer.capacity()) {
      known = buffer.nioBuffer(0, buffer.capacity());
      receiveView = known;
      receiveAddress = address;
    }
    return known;
  }

  /** Releases everything. */
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
  }
}
