// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.benchmark;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.HexFormat;
import org.jtgt.itests.initiator.LoginOptions;
import org.jtgt.itests.initiator.PduChannel;
import org.jtgt.itests.initiator.Session;

/**
 * One session under load. It logs in with the raw initiator, then reads and writes PDUs in place
 * (RFC 7143 11.3, 11.4, 11.7, 11.8): all commands that may go are sent in one write, all that has
 * come is taken in one read, and nothing is allocated for a command. A status other than GOOD, a
 * residual or data of another length than asked for ends the run.
 *
 * <p>Used by one thread.
 */
final class Lane implements AutoCloseable {
  private static final String INITIATOR = "iqn.2026-11.org.jtgt:load";
  private static final int BHS = 48;
  private static final int MOST_BUFFERS = 1024;
  private static final int RECEIVE_BYTES = 1 << 20;
  private static final int NO_TAG = 0xffffffff;

  private final SocketChannel socket;
  private final Session session;
  private final Histogram latencies;
  private final int targetMaxRecv;
  private final Stream measured;
  private final Stream background;
  private final ByteBuffer in = ByteBuffer.allocateDirect(RECEIVE_BYTES);
  private int skip;

  // What waits to be sent.
  private ByteBuffer[] out = new ByteBuffer[MOST_BUFFERS];
  private int outFirst;
  private int outEnd;
  private ByteBuffer[] headers = new ByteBuffer[0];
  private int headersUsed;

  private int cmdSn;
  private int maxCmdSn;
  private int expStatSn;
  private long completed;

  /**
   * Logs in.
   *
   * @param measured what is counted
   * @param background what is sent too, to the logical unit behind those of {@code measured}; may
   *     be null
   */
  Lane(Subject subject, Workload measured, Workload background, int number, Histogram latencies)
      throws IOException {
    this.latencies = latencies;
    socket = SocketChannel.open(subject.portal());
    LoginOptions options =
        LoginOptions.normal(INITIATOR + number, subject.iqn())
            // As open-iscsi offers them.
            .with("InitialR2T", "No")
            .with("FirstBurstLength", "262144")
            .with("MaxBurstLength", "16776192")
            .with("MaxRecvDataSegmentLength", "262144");
    session = Session.login(new PduChannel(socket), options);
    targetMaxRecv = session.parameters().targetMaxRecv();
    this.measured = new Stream(session, measured, subject.firstLun(), 0, number);
    this.background =
        background == null
            ? null
            : new Stream(
                session,
                background,
                subject.firstLun() + measured.luns(),
                measured.depth(),
                number);
    cmdSn = session.window().cmdSn();
    maxCmdSn = session.window().maxCmdSn();
    expStatSn = session.connection().expStatSn();
    socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
  }

  SocketChannel socket() {
    return socket;
  }

  /** Measured commands that ended. */
  long completed() {
    return completed;
  }

  boolean idle() {
    return measured.idle() && (background == null || background.idle());
  }

  boolean mayStart() {
    return measured.hasRoom() && maxCmdSn - cmdSn >= 0;
  }

  /** Puts one measured command into the output; {@link #mayStart} was true. */
  void start(long now) {
    start(measured, now);
  }

  /** Puts as many commands into the output as may be in flight. */
  void fill(long now) {
    Stream other = background;
    while (other != null && other.hasRoom() && maxCmdSn - cmdSn >= 0) {
      start(other, now);
    }
    while (mayStart()) {
      start(measured, now);
    }
  }

  private void start(Stream stream, long now) {
    int tag = stream.begin(now);
    boolean read = stream.isRead(tag);
    int immediate = read ? 0 : stream.immediateBytes;
    boolean last = read || stream.unsolicitedBytes <= immediate;
    ByteBuffer header = header();
    header.put(0, (byte) 0x01);
    header.put(1, (byte) ((last ? 0x80 : 0) | (read ? 0x40 : 0x20) | 1));
    header.putInt(4, immediate);
    header.putLong(8, stream.lun(tag));
    header.putInt(16, tag);
    header.putInt(20, stream.blockBytes);
    header.putInt(24, cmdSn++);
    header.putInt(28, expStatSn);
    header.put(32, (byte) (read ? 0x28 : 0x2a));
    header.putInt(34, (int) stream.nextLba());
    header.putShort(39, (short) stream.blocksEach);
    append(header);
    if (immediate > 0) {
      append(stream.payload.slice(0, immediate));
    }
    if (!last) {
      dataOut(stream, tag, NO_TAG, immediate, stream.unsolicitedBytes);
    }
  }

  /** Sends what waits, as far as the socket takes it; true when all is sent. */
  boolean flush() throws IOException {
    while (outFirst < outEnd) {
      socket.write(out, outFirst, Math.min(MOST_BUFFERS, outEnd - outFirst));
      while (outFirst < outEnd && !out[outFirst].hasRemaining()) {
        outFirst++;
      }
      if (outFirst < outEnd && !socket.isBlocking()) {
        return false;
      }
    }
    outFirst = 0;
    outEnd = 0;
    headersUsed = 0;
    return true;
  }

  boolean hasOutput() {
    return outFirst < outEnd;
  }

  /** Reads once and takes everything that came; false when nothing did. */
  boolean receive() throws IOException {
    int bytes = socket.read(in);
    if (bytes < 0) {
      throw new EOFException("the target closed the connection");
    }
    if (bytes == 0) {
      return false;
    }
    long now = System.nanoTime();
    in.flip();
    while (true) {
      if (skip > 0) {
        int part = Math.min(skip, in.remaining());
        in.position(in.position() + part);
        skip -= part;
        if (skip > 0) {
          break;
        }
      }
      if (in.remaining() < BHS) {
        break;
      }
      take(in.position(), now);
    }
    in.compact();
    return true;
  }

  private void take(int at, long now) throws IOException {
    int dataBytes = in.getInt(at + 4) & 0xffffff;
    int opcode = in.get(at) & 0x3f;
    int flags = in.get(at + 1) & 0xff;
    int tag = in.getInt(at + 16);
    in.position(at + BHS);
    skip = dataBytes + 3 & ~3;
    maxCmdSn = in.getInt(at + 32);
    switch (opcode) {
      case 0x25 -> {
        of(tag).dataIn(tag, dataBytes);
        if ((flags & 0x01) != 0) {
          end(tag, in.get(at + 3), flags, in.getInt(at + 24), now);
        }
      }
      case 0x21 -> end(tag, in.get(at + 3), flags, in.getInt(at + 24), now);
      case 0x31 -> {
        int offset = in.getInt(at + 40);
        dataOut(of(tag), tag, in.getInt(at + 20), offset, offset + in.getInt(at + 44));
      }
      case 0x20 -> {
        int ttt = in.getInt(at + 20);
        if (ttt != NO_TAG) {
          pong(in.getLong(at + 8), ttt);
        }
      }
      default -> throw new IOException("PDU 0x%x under load".formatted(opcode));
    }
  }

  private Stream of(int tag) throws IOException {
    Stream other = background;
    if (measured.owns(tag)) {
      return measured;
    }
    if (other != null && other.owns(tag)) {
      return other;
    }
    throw new IOException("answer to tag 0x%x, which is not in use".formatted(tag));
  }

  private void end(int tag, int status, int flags, int statSn, long now) throws IOException {
    if (status != 0 || (flags & 0x06) != 0) {
      byte[] sense = new byte[Math.min(skip, in.remaining())];
      in.get(in.position(), sense);
      throw new IOException(
          "status 0x%x, flags 0x%x, sense %s"
              .formatted(status, flags, HexFormat.of().formatHex(sense)));
    }
    expStatSn = statSn + 1;
    Stream stream = of(tag);
    long begun = stream.end(tag);
    if (stream == measured) {
      latencies.record(now - begun);
      completed++;
    }
  }

  private void dataOut(Stream stream, int tag, int transferTag, int from, int to) {
    int dataSn = 0;
    for (int offset = from; offset < to; dataSn++) {
      int bytes = Math.min(targetMaxRecv, to - offset);
      ByteBuffer header = header();
      header.put(0, (byte) 0x05);
      header.put(1, (byte) (offset + bytes == to ? 0x80 : 0));
      header.putInt(4, bytes);
      header.putLong(8, stream.lun(tag));
      header.putInt(16, tag);
      header.putInt(20, transferTag);
      header.putInt(28, expStatSn);
      header.putInt(36, dataSn);
      header.putInt(40, offset);
      append(header);
      append(stream.payload.slice(offset, bytes));
      offset += bytes;
    }
  }

  /** Answers a ping of the target (RFC 7143 11.18). */
  private void pong(long lun, int transferTag) {
    ByteBuffer header = header();
    header.put(0, (byte) 0x40);
    header.put(1, (byte) 0x80);
    header.putLong(8, lun);
    header.putInt(16, NO_TAG);
    header.putInt(20, transferTag);
    header.putInt(24, cmdSn);
    header.putInt(28, expStatSn);
    append(header);
  }

  private ByteBuffer header() {
    if (headersUsed == headers.length) {
      headers = Arrays.copyOf(headers, Math.max(64, headers.length * 2));
      for (int i = headersUsed; i < headers.length; i++) {
        headers[i] = ByteBuffer.allocateDirect(BHS);
      }
    }
    ByteBuffer header = headers[headersUsed++].clear();
    for (int i = 0; i < BHS; i += Long.BYTES) {
      header.putLong(i, 0);
    }
    return header;
  }

  private void append(ByteBuffer buffer) {
    if (outEnd == out.length) {
      out = Arrays.copyOf(out, out.length * 2);
    }
    out[outEnd++] = buffer;
  }

  /** Ends the TCP connection; the target aborts what is left. */
  @Override
  public void close() throws IOException {
    session.drop();
  }
}
