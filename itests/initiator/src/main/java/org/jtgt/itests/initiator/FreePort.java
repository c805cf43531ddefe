// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports for what a test starts in a moment. They lie below the range from which the kernel gives
 * ports to clients: one of those, or what it leaves in TIME_WAIT, would take the port before.
 */
public final class FreePort {
  private static final int FIRST = 10_240;
  private static final int COUNT = 20_000;
  private static final int TRIES = 100;

  private FreePort() {}

  /** A port of 127.0.0.1 on which nobody listens now. */
  public static InetSocketAddress ofLoopback() throws IOException {
    return of(InetAddress.getByName("127.0.0.1"));
  }

  /** A port of a local address on which nobody listens now. */
  public static InetSocketAddress of(InetAddress address) throws IOException {
    BindException last = new BindException();
    for (int i = 0; i < TRIES; i++) {
      int port = FIRST + ThreadLocalRandom.current().nextInt(COUNT);
      try (ServerSocket socket = new ServerSocket(port, 1, address)) {
        return new InetSocketAddress(address, socket.getLocalPort());
      } catch (BindException taken) {
        last = taken;
      }
    }
    throw last;
  }
}
