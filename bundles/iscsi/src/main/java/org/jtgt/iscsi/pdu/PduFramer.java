// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.pdu;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the bytes of a connection into PDUs (RFC 7143 11.2). A data segment that lies wholly in the
 * received buffer becomes a retained slice of it; another one is gathered in a buffer of its own
 * size, into which large rests are received without a copy ({@link #nextBuffer}).
 *
 * <p>Thread rules: the loop that owns the connection.
 */
public final class PduFramer {
  /** A rest of a data segment from this size on is received straight into the segment's buffer. */
  private static final int DIRECT_BYTES = 16 * 1024;

  /** A slice keeps at most so many times its own bytes. */
  private static final int MOST_PINNED = 16;

  /** What the framer hands PDUs to. */
  public interface Sink {
    /**
     * A PDU arrived.
     *
     * @param header valid during the call
     * @param data its data segment without padding; the callee releases it
     */
    void pdu(Bhs header, ByteBuf data);

    /** A PDU arrived whose data digest is wrong (RFC 7143 7.8); its data is discarded. */
    void dataDigestError(Bhs header);

    /** The stream cannot be followed any more: the connection has to end (RFC 7143 7.7, 7.8). */
    void framingError(String reason);
  }

  private final ByteBufAllocator allocator;
  private final Sink sink;
  private final byte[] head = new byte[Bhs.BYTES + Bhs.MAX_AHS_BYTES + Digest.BYTES];
  private final Bhs header = new Bhs(head);
  private final Digest digest = new Digest();
  private int headNeeded = Bhs.BYTES;
  private int headFilled;
  private @Nullable ByteBuf segment;
  private @Nullable ByteBuf direct;
  private int maxDataSegmentLength;
  private boolean headerDigest;
  private boolean dataDigest;
  private boolean closed;

  /**
   * @param maxDataSegmentLength the largest data segment accepted, in bytes
   */
  public PduFramer(ByteBufAllocator allocator, Sink sink, int maxDataSegmentLength) {
    this.allocator = allocator;
    this.sink = sink;
    this.maxDataSegmentLength = maxDataSegmentLength;
  }

  /** Sets what holds from the next PDU on. */
  public void configure(boolean headerDigest, boolean dataDigest, int maxDataSegmentLength) {
    this.headerDigest = headerDigest;
    this.dataDigest = dataDigest;
    this.maxDataSegmentLength = maxDataSegmentLength;
  }

  /** Sets the largest data segment accepted, in bytes. */
  public void maxDataSegmentLength(int bytes) {
    maxDataSegmentLength = bytes;
  }

  /** Stops: nothing more is delivered, partial data is released. */
  public void close() {
    closed = true;
    if (segment != null) {
      segment.release();
      segment = null;
    }
  }

  /**
   * The buffer for the next read from the socket: the rest of a large data segment, or a fresh one.
   *
   * @param bytes size of a fresh one
   */
  public ByteBuf nextBuffer(int bytes) {
    ByteBuf rest = segment;
    if (rest != null && rest.writableBytes() >= DIRECT_BYTES) {
      ByteBuf slice = rest.retainedSlice(rest.writerIndex(), rest.writableBytes());
      slice.clear();
      direct = slice;
      return slice;
    }
    direct = null;
    return allocator.directBuffer(bytes);
  }

  /** Takes received bytes and delivers every PDU that is complete; releases the buffer. */
  public void receive(ByteBuf in) {
    try {
      if (in == direct) {
        direct = null;
        ByteBuf target = segment;
        if (target != null) {
          target.writerIndex(target.writerIndex() + in.readableBytes());
          finishSegmentIfFull();
        }
        return;
      }
      while (!closed && in.isReadable()) {
        if (segment != null) {
          ByteBuf target = segment;
          target.writeBytes(in, Math.min(in.readableBytes(), target.writableBytes()));
          finishSegmentIfFull();
        } else {
          readHead(in);
        }
      }
    } finally {
      in.release();
    }
  }

  private void readHead(ByteBuf in) {
    int bytes = Math.min(headNeeded - headFilled, in.readableBytes());
    in.readBytes(head, headFilled, bytes);
    headFilled += bytes;
    if (headFilled < headNeeded) {
      return;
    }
    if (headNeeded == Bhs.BYTES) {
      int all = Bhs.BYTES + header.totalAhsBytes() + (headerDigest ? Digest.BYTES : 0);
      if (all > Bhs.BYTES) {
        headNeeded = all;
        if (headFilled < all) {
          return;
        }
      }
    }
    if (headerDigest && !headerDigestMatches()) {
      fail("header digest error");
      return;
    }
    int dataBytes = header.dataSegmentLength();
    if (dataBytes > maxDataSegmentLength) {
      fail("data segment of " + dataBytes + " bytes, allowed " + maxDataSegmentLength);
      return;
    }
    headNeeded = Bhs.BYTES;
    headFilled = 0;
    if (dataBytes == 0) {
      sink.pdu(header, Unpooled.EMPTY_BUFFER);
      return;
    }
    int all = segmentBytes(dataBytes);
    if (in.readableBytes() >= all) {
      int at = in.readerIndex();
      in.skipBytes(all);
      if (dataDigest && !dataDigestMatches(in, at, all)) {
        sink.dataDigestError(header);
      } else {
        sink.pdu(header, kept(in, at, dataBytes));
      }
      return;
    }
    ByteBuf target = allocator.directBuffer(all, all);
    target.writeBytes(in);
    segment = target;
  }

  /**
   * A data segment for whoever keeps it: a slice of the buffer that it came in, or a copy when it
   * is so small that it would keep {@value #MOST_PINNED} times its size from being used again.
   */
  private ByteBuf kept(ByteBuf in, int at, int dataBytes) {
    if ((long) dataBytes * MOST_PINNED >= in.capacity()) {
      return in.retainedSlice(at, dataBytes);
    }
    return allocator.directBuffer(dataBytes, dataBytes).writeBytes(in, at, dataBytes);
  }

  private void finishSegmentIfFull() {
    ByteBuf full = segment;
    if (full == null || full.isWritable()) {
      return;
    }
    segment = null;
    int dataBytes = header.dataSegmentLength();
    if (dataDigest && !dataDigestMatches(full, 0, full.writerIndex())) {
      full.release();
      sink.dataDigestError(header);
      return;
    }
    full.writerIndex(dataBytes);
    sink.pdu(header, full);
  }

  private int segmentBytes(int dataBytes) {
    return ((dataBytes + 3) & ~3) + (dataDigest ? Digest.BYTES : 0);
  }

  private boolean headerDigestMatches() {
    int covered = headNeeded - Digest.BYTES;
    int received =
        (head[covered] & 0xff)
            | (head[covered + 1] & 0xff) << 8
            | (head[covered + 2] & 0xff) << 16
            | (head[covered + 3] & 0xff) << 24;
    return digest.of(head, covered) == received;
  }

  private boolean dataDigestMatches(ByteBuf buffer, int at, int bytes) {
    int covered = bytes - Digest.BYTES;
    return digest.of(buffer, at, covered) == buffer.getIntLE(at + covered);
  }

  private void fail(String reason) {
    close();
    sink.framingError(reason);
  }
}
