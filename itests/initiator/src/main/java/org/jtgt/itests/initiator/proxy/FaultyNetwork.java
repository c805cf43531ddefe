// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator.proxy;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A proxy that forwards connections to a target and treats whole PDUs badly, as often as it is told
 * to and in a sequence that its seed decides. Logins pass untouched. It listens on a free port of
 * 127.0.0.1. Any thread.
 */
public final class FaultyNetwork implements AutoCloseable {
  private static final int BHS_BYTES = 48;
  private static final int LOGIN_REQUEST = 0x03;
  private static final int LOGIN_RESPONSE = 0x23;

  private final InetSocketAddress target;
  private final boolean headerDigest;
  private final boolean dataDigest;
  private final long seed;
  private final ServerSocket listener;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicLong streams = new AtomicLong();
  private final Map<NetworkFault, AtomicInteger> done = new EnumMap<>(NetworkFault.class);
  private volatile Map<NetworkFault, Double> rates = Map.of();

  /**
   * @param headerDigest and dataDigest: what the connections negotiate
   */
  public FaultyNetwork(
      InetSocketAddress target, boolean headerDigest, boolean dataDigest, long seed)
      throws IOException {
    this.target = target;
    this.headerDigest = headerDigest;
    this.dataDigest = dataDigest;
    this.seed = seed;
    for (NetworkFault fault : NetworkFault.values()) {
      done.put(fault, new AtomicInteger());
    }
    listener = new ServerSocket(0, 64, InetAddress.getByName("127.0.0.1"));
    daemon("accept", this::accept);
  }

  /** Where initiators connect to. */
  public InetSocketAddress portal() {
    return new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort());
  }

  /** How likely each fault is for a PDU, 0 to 1 in all; none is left out at zero. */
  public void faults(Map<NetworkFault, Double> likelihoods) {
    rates = Map.copyOf(likelihoods);
  }

  private AtomicInteger counter(NetworkFault fault) {
    return Objects.requireNonNull(done.get(fault));
  }

  /** How often a fault happened. */
  public int count(NetworkFault fault) {
    return counter(fault).get();
  }

  private static void daemon(String name, Runnable action) {
    Thread thread = new Thread(action, "faulty-network-" + name);
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket initiator = listener.accept();
        open.add(initiator);
        try {
          Socket onward = new Socket(target.getAddress(), target.getPort());
          open.add(onward);
          initiator.setTcpNoDelay(true);
          onward.setTcpNoDelay(true);
          Random toTarget = new Random(seed + streams.incrementAndGet());
          Random toInitiator = new Random(seed - streams.incrementAndGet());
          daemon("out", () -> forward(initiator, onward, LOGIN_REQUEST, toTarget));
          daemon("in", () -> forward(onward, initiator, LOGIN_RESPONSE, toInitiator));
        } catch (IOException e) {
          close(initiator);
        }
      } catch (IOException e) {
        return;
      }
    }
  }

  private void forward(Socket from, Socket to, int loginOpcode, Random random) {
    try {
      DataInputStream in =
          new DataInputStream(new BufferedInputStream(from.getInputStream(), 1 << 16));
      OutputStream out = to.getOutputStream();
      byte[] delayed = new byte[0];
      while (true) {
        if (delayed.length > 0 && in.available() == 0) {
          // Nothing overtakes it: it is late only.
          Thread.sleep(2);
          if (in.available() == 0) {
            out.write(delayed);
            delayed = new byte[0];
          }
        }
        byte[] header = new byte[BHS_BYTES];
        in.readFully(header);
        boolean login = (header[0] & 0x3f) == loginOpcode;
        byte[] pdu = readRest(in, header, login);
        Optional<NetworkFault> chosen = login ? Optional.empty() : choose(random, pdu);
        if (chosen.isEmpty()) {
          out.write(pdu);
        } else {
          NetworkFault fault = chosen.get();
          counter(fault).incrementAndGet();
          switch (fault) {
            case DROP -> {}
            case DUPLICATE -> {
              out.write(pdu);
              out.write(pdu);
            }
            case DELAY -> {
              out.write(delayed);
              delayed = pdu;
              continue;
            }
            case DAMAGE_DATA -> {
              pdu[pdu.length - 4 - 1 - random.nextInt(dataBytes(pdu))] ^= 0x10;
              out.write(pdu);
            }
            case DAMAGE_HEADER -> {
              // Not in the lengths, so that the damage is to what the PDU says.
              pdu[8 + random.nextInt(BHS_BYTES - 8)] ^= 0x04;
              out.write(pdu);
            }
            case CUT -> {
              out.write(pdu, 0, random.nextInt(pdu.length));
              return;
            }
          }
        }
        out.write(delayed);
        delayed = new byte[0];
      }
    } catch (IOException e) {
      // One side has closed: so does the other.
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      close(from);
      close(to);
    }
  }

  private byte[] readRest(DataInputStream in, byte[] header, boolean login) throws IOException {
    int ahs = 4 * (header[4] & 0xff);
    int data = dataBytes(header);
    int rest = ahs + (data + 3 & ~3);
    if (!login) {
      rest += (headerDigest ? 4 : 0) + (dataDigest && data > 0 ? 4 : 0);
    }
    byte[] pdu = java.util.Arrays.copyOf(header, BHS_BYTES + rest);
    in.readFully(pdu, BHS_BYTES, rest);
    return pdu;
  }

  private static int dataBytes(byte[] header) {
    return (header[5] & 0xff) << 16 | (header[6] & 0xff) << 8 | header[7] & 0xff;
  }

  private Optional<NetworkFault> choose(Random random, byte[] pdu) {
    double at = random.nextDouble();
    for (Map.Entry<NetworkFault, Double> rate : new EnumMap<>(withAll(rates)).entrySet()) {
      at -= rate.getValue();
      if (at < 0) {
        boolean possible =
            switch (rate.getKey()) {
              case DAMAGE_DATA -> dataDigest && dataBytes(pdu) > 0;
              case DAMAGE_HEADER -> headerDigest;
              default -> true;
            };
        return possible ? Optional.of(rate.getKey()) : Optional.empty();
      }
    }
    return Optional.empty();
  }

  private static Map<NetworkFault, Double> withAll(Map<NetworkFault, Double> some) {
    Map<NetworkFault, Double> all = new EnumMap<>(NetworkFault.class);
    all.putAll(some);
    return all;
  }

  private void close(Socket socket) {
    open.remove(socket);
    try {
      socket.close();
    } catch (IOException e) {
      // It is gone anyway.
      return;
    }
  }

  /** Ends every connection. */
  @Override
  public void close() throws IOException {
    listener.close();
    open.forEach(this::close);
  }
}
