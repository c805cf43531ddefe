// SPDX-License-Identifier: Apache-2.0
package org.jtgt.isns;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Listens for the server's inquiries on the addresses of the portals (RFC 4171 6.3.5): a server may
 * connect to the ESI port of a portal instead of using the connection of the registration.
 *
 * <p>Thread rules: any thread.
 */
final class EsiPorts implements Closeable {
  private final Map<InetAddress, ServerSocket> sockets = new ConcurrentHashMap<>();
  private final Set<ServerConnection> connections = ConcurrentHashMap.newKeySet();
  private final int port;

  /**
   * @param port where to listen; 0 for any free port
   */
  EsiPorts(int port) {
    this.port = port;
  }

  /** Listens on addresses too; one that cannot be bound has no inquiries. */
  void listenOn(Iterable<InetAddress> addresses) {
    for (InetAddress address : addresses) {
      sockets.computeIfAbsent(address, this::listen);
    }
  }

  /** Where it listens: ports by address. */
  Map<InetAddress, Integer> numbers() {
    Map<InetAddress, Integer> numbers = new HashMap<>();
    sockets.forEach((address, socket) -> numbers.put(address, socket.getLocalPort()));
    return numbers;
  }

  private @Nullable ServerSocket listen(InetAddress address) {
    try {
      ServerSocket socket = new ServerSocket();
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(address, port));
      Thread.ofVirtual().name("isns-esi").start(() -> accept(socket));
      return socket;
    } catch (IOException e) {
      // The address of another machine, or a taken port.
      return null;
    }
  }

  private void accept(ServerSocket socket) {
    try (socket) {
      while (true) {
        Socket accepted = socket.accept();
        Thread.ofVirtual().name("isns-esi").start(() -> serve(new ServerConnection(accepted)));
      }
    } catch (IOException e) {
      // It was closed.
    }
  }

  private void serve(ServerConnection connection) {
    connections.add(connection);
    try (connection) {
      connection.read(response -> {});
    } catch (IOException e) {
      // The server has asked what it wanted.
    } finally {
      connections.remove(connection);
    }
  }

  @Override
  public void close() throws IOException {
    for (ServerSocket socket : sockets.values()) {
      socket.close();
    }
    for (ServerConnection connection : connections) {
      connection.close();
    }
  }
}
