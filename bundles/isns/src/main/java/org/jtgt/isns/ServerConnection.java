// SPDX-License-Identifier: Apache-2.0
package org.jtgt.isns;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.function.Consumer;
import org.jtgt.isns.message.Function;
import org.jtgt.isns.message.Message;
import org.jtgt.isns.message.Status;

/**
 * A TCP connection with an iSNS server, whoever opened it: answers inquiries at once (RFC 4171
 * 5.6.5.13) and hands responses on.
 *
 * <p>Thread rules: any thread; {@link #read} by one.
 */
final class ServerConnection implements Closeable {
  private static final int CONNECT_MILLISECONDS = 10_000;

  private final Socket socket;

  ServerConnection(Socket socket) {
    this.socket = socket;
  }

  /** Connects. */
  static ServerConnection open(InetSocketAddress server) throws IOException {
    Socket socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.connect(server, CONNECT_MILLISECONDS);
      return new ServerConnection(socket);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** This machine's address on the way to the server. */
  InetAddress localAddress() {
    return socket.getLocalAddress();
  }

  synchronized void send(Message message) throws IOException {
    message.writeTo(socket.getOutputStream(), false);
  }

  /** Reads until the connection ends, which it tells by an exception. */
  void read(Consumer<Message> responses) throws IOException {
    var in = new BufferedInputStream(socket.getInputStream());
    while (true) {
      Message message = Message.readFrom(in);
      if (message.isResponse()) {
        responses.accept(message);
      } else if (message.function() == Function.ESI) {
        send(message.response(Status.SUCCESSFUL, message.attributes()));
      }
      // State Change Notifications are not registered for; anything else is not for a client.
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
