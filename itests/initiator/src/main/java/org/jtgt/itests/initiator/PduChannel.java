// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Sends and receives single PDUs over one TCP connection and knows nothing of sessions.
 *
 * <p>Used by one thread at a time. A timeout in the middle of a PDU loses nothing: the next call
 * goes on where the last one stopped.
 */
public final class PduChannel implements AutoCloseable {
  /** How long {@link #receive()} waits. */
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(20);

  private static final int RECEIVE_BYTES = 1 << 18;

  private final SocketChannel socket;
  private final InputStream in;
  private final byte[] chunk = new byte[RECEIVE_BYTES];
  private ByteBuffer received = ByteBuffer.allocate(RECEIVE_BYTES).limit(0);
  private Digests digests = Digests.NONE;

  /** Takes over a connected channel in blocking mode. */
  public PduChannel(SocketChannel socket) throws IOException {
    this.socket = socket;
    socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
    this.in = socket.socket().getInputStream();
  }

  /** Connects to a portal. */
  public static PduChannel connect(InetSocketAddress portal) throws IOException {
    return new PduChannel(SocketChannel.open(portal));
  }

  /** The digests of every PDU from now on, in both directions. */
  public void useDigests(Digests digests) {
    this.digests = digests;
  }

  public Digests digests() {
    return digests;
  }

  public InetSocketAddress localAddress() throws IOException {
    return (InetSocketAddress) socket.getLocalAddress();
  }

  /** Sends a PDU as it is, with right digests but for the faults asked for. */
  public void send(Pdu pdu, Fault... faults) throws IOException {
    byte[] wire = pdu.encode(digests);
    for (Fault fault : faults) {
      switch (fault) {
        case WRONG_HEADER_DIGEST -> {
          if (digests.header()) {
            invert(wire, pdu.header().length);
          }
        }
        case WRONG_DATA_DIGEST -> {
          if (digests.data() && pdu.dataBytes() > 0) {
            invert(wire, wire.length - 4);
          }
        }
      }
    }
    sendRaw(wire);
  }

  /** Sends several PDUs in one write, so that the target may find them in one segment. */
  public void sendTogether(List<Pdu> pdus) throws IOException {
    ByteBuffer wire =
        ByteBuffer.allocate(pdus.stream().mapToInt(pdu -> pdu.wireBytes(digests)).sum());
    pdus.forEach(pdu -> pdu.encode(wire, digests));
    sendRaw(wire.array());
  }

  /** Sends bytes that need not be a PDU. */
  public void sendRaw(byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    try {
      while (buffer.hasRemaining()) {
        socket.write(buffer);
      }
    } catch (SocketException | java.nio.channels.ClosedChannelException e) {
      throw new ConnectionClosedException("closed while sending", e);
    } catch (IOException e) {
      throw closedOr(e);
    }
  }

  /** Half-closes: the target sees end of file, replies can still be read. */
  public void shutdownOutput() throws IOException {
    socket.shutdownOutput();
  }

  /** Whether bytes have come that were not received yet. */
  public boolean hasInput() throws IOException {
    return received.hasRemaining() || in.available() > 0;
  }

  /** The next PDU, waiting for {@link #DEFAULT_TIMEOUT}. */
  public Pdu receive() throws IOException {
    return receive(DEFAULT_TIMEOUT);
  }

  /**
   * The next PDU.
   *
   * @throws SocketTimeoutException if it is not complete in time
   * @throws ConnectionClosedException if the target closed or reset the connection
   * @throws WrongDigest if a digest is wrong; the PDU is taken out of the stream
   */
  public Pdu receive(Duration timeout) throws IOException {
    long deadline = System.nanoTime() + timeout.toNanos();
    fill(Pdu.BHS_BYTES, deadline);
    int start = received.position();
    int ahsBytes = 4 * (received.get(start + 4) & 0xff);
    int dataBytes = received.getInt(start + 4) & 0xffffff;
    int headerBytes = Pdu.BHS_BYTES + ahsBytes;
    int total = headerBytes + (digests.header() ? 4 : 0) + Pdu.padded(dataBytes);
    total += digests.data() && dataBytes > 0 ? 4 : 0;
    fill(total, deadline);
    byte[] bhs = take(Pdu.BHS_BYTES);
    byte[] ahs = take(ahsBytes);
    Pdu header = Pdu.of(bhs, ahs, new byte[0]);
    if (digests.header()) {
      check(true, header, header.header(), take(4));
    }
    byte[] segment = take(Pdu.padded(dataBytes));
    if (digests.data() && dataBytes > 0) {
      check(false, header, segment, take(4));
    }
    return Pdu.of(bhs, ahs, Arrays.copyOf(segment, dataBytes));
  }

  /** The next PDU, or empty if none came in time. */
  public Optional<Pdu> poll(Duration timeout) throws IOException {
    try {
      return Optional.of(receive(timeout));
    } catch (SocketTimeoutException e) {
      return Optional.empty();
    }
  }

  /**
   * Reads until the target closes the connection and answers the PDUs that came before.
   *
   * @throws SocketTimeoutException if the connection is still open after {@code timeout}
   */
  public List<Pdu> receiveUntilClosed(Duration timeout) throws IOException {
    long deadline = System.nanoTime() + timeout.toNanos();
    List<Pdu> pdus = new ArrayList<>();
    while (true) {
      try {
        pdus.add(receive(Duration.ofNanos(Math.max(1, deadline - System.nanoTime()))));
      } catch (ConnectionClosedException e) {
        return pdus;
      }
    }
  }

  /** Closes with a TCP reset instead of an orderly end. */
  public void reset() throws IOException {
    socket.setOption(StandardSocketOptions.SO_LINGER, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  private void fill(int bytes, long deadline) throws IOException {
    while (received.remaining() < bytes) {
      long millis = Math.ceilDiv(deadline - System.nanoTime(), 1_000_000L);
      if (millis <= 0) {
        throw new SocketTimeoutException("no PDU in time");
      }
      int count;
      try {
        socket.socket().setSoTimeout((int) Math.min(Integer.MAX_VALUE, millis));
        count = in.read(chunk);
      } catch (SocketTimeoutException e) {
        throw e;
      } catch (SocketException | java.nio.channels.ClosedChannelException e) {
        throw new ConnectionClosedException("reset by the target", e);
      } catch (IOException e) {
        throw closedOr(e);
      }
      if (count < 0) {
        throw new ConnectionClosedException(
            "closed by the target, " + received.remaining() + " bytes into a PDU",
            new EOFException());
      }
      append(count, bytes);
    }
  }

  private void append(int count, int wanted) {
    int needed = received.remaining() + count;
    if (received.capacity() - received.limit() < count) {
      int capacity = Math.max(Math.max(needed, wanted) + RECEIVE_BYTES, received.capacity());
      received = ByteBuffer.allocate(capacity).put(received).flip();
    }
    int limit = received.limit();
    System.arraycopy(chunk, 0, received.array(), limit, count);
    received.limit(limit + count);
  }

  private byte[] take(int bytes) {
    byte[] taken = new byte[bytes];
    received.get(taken);
    return taken;
  }

  private static void check(boolean ofHeader, Pdu header, byte[] covered, byte[] digest) {
    byte[] expected = Digests.crc32c(covered);
    if (!Arrays.equals(expected, digest)) {
      throw new WrongDigest(ofHeader, header);
    }
  }

  private static void invert(byte[] wire, int from) {
    for (int i = from; i < from + 4; i++) {
      wire[i] = (byte) ~wire[i];
    }
  }

  private static IOException closedOr(IOException e) {
    String message = String.valueOf(e.getMessage());
    return message.contains("reset") || message.contains("Broken pipe")
        ? new ConnectionClosedException(message, e)
        : e;
  }
}
