// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.net;

import io.netty.channel.Channel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jtgt.iscsi.connection.Connection;

/** The open connections of one portal. Any thread. */
public final class ConnectionList {
  private final Map<Connection, Channel> connections = new ConcurrentHashMap<>();

  void add(Connection connection, Channel channel) {
    connections.put(connection, channel);
  }

  void remove(Connection connection) {
    connections.remove(connection);
    synchronized (this) {
      notifyAll();
    }
  }

  /** Waits until none is left, or the time is over. */
  public synchronized void awaitNone(Duration limit) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    long left = limit.toMillis();
    while (!connections.isEmpty() && left > 0) {
      wait(left);
      left = (end - System.nanoTime()) / 1_000_000;
    }
  }

  /** Those that are open now. */
  public List<Connection> all() {
    return List.copyOf(connections.keySet());
  }

  /** Closes all. */
  public void close() {
    connections.values().forEach(Channel::close);
  }
}
