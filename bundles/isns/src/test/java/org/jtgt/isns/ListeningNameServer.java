// SPDX-License-Identifier: Apache-2.0
package org.jtgt.isns;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jtgt.isns.message.Attribute;
import org.jtgt.isns.message.Function;
import org.jtgt.isns.message.Message;

/** A {@link NameServer} behind a TCP port. */
final class ListeningNameServer implements AutoCloseable {
  private final NameServer database;
  private final ServerSocket socket;
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private int inquiriesAnswered;

  /**
   * @param port 0 for any free port
   */
  ListeningNameServer(NameServer database, int port) throws IOException {
    this.database = database;
    socket = bind(port);
    Thread.ofVirtual().start(this::accept);
  }

  /** The port of a server that was closed is free when its threads have noticed. */
  private static ServerSocket bind(int port) throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (true) {
      ServerSocket socket = new ServerSocket();
      try {
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return socket;
      } catch (BindException e) {
        socket.close();
        if (System.nanoTime() > end) {
          throw e;
        }
        Thread.onSpinWait();
      }
    }
  }

  int port() {
    return socket.getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        Socket connection = socket.accept();
        connections.add(connection);
        Thread.ofVirtual().start(() -> serve(connection));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      while (true) {
        Message message = Message.readFrom(connection.getInputStream());
        synchronized (database) {
          if (message.function() == (Function.ESI | Function.RESPONSE)) {
            inquiriesAnswered++;
          } else {
            database.answer(message).writeTo(connection.getOutputStream(), true);
          }
          database.notifyAll();
        }
      }
    } catch (IOException e) {
      connections.remove(connection);
    }
  }

  /** Waits for a state of the database. */
  void await(Predicate<NameServer> condition) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    synchronized (database) {
      while (!condition.test(database)) {
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (left <= 0) {
          throw new AssertionError("it never came: " + database + " " + database.functions());
        }
        database.wait(left);
      }
    }
  }

  /** Changes the database. */
  void with(java.util.function.Consumer<NameServer> change) {
    synchronized (database) {
      change.accept(database);
    }
  }

  /** Sends an inquiry on the connections of registrations and waits for an answer. */
  void inquire() throws IOException, InterruptedException {
    int before;
    synchronized (database) {
      before = inquiriesAnswered;
    }
    for (Socket connection : connections) {
      inquiry().writeTo(connection.getOutputStream(), true);
    }
    await(ignored -> inquiriesAnswered > before);
  }

  static Message inquiry() {
    return Message.request(
        Function.ESI, 77, List.of(new Attribute(4, new byte[8]), Attribute.text(1, "entity")));
  }

  @Override
  public void close() throws IOException {
    socket.close();
    for (Socket connection : connections) {
      connection.close();
    }
  }
}
