// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.jtgt.iscsi.connection.Connection;
import org.jtgt.iscsi.net.Addresses;
import org.jtgt.iscsi.net.ConnectionList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A portal that listens, or tries to: a taken port is tried again with growing pauses. Any thread.
 */
final class RunningPortal {
  /** Sessions end when their time for the logout is over; so much later what is left is closed. */
  private static final Duration GRACE = Duration.ofSeconds(1);

  private static final Logger LOG = LoggerFactory.getLogger(RunningPortal.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private final IscsiTransport transport;
  private final Portal portal;
  private final ConnectionList connections = new ConnectionList();
  private @Nullable Channel channel;
  private Duration pause = FIRST_PAUSE;
  private String reason = "";
  private boolean closed;

  RunningPortal(IscsiTransport transport, Portal portal) {
    this.transport = transport;
    this.portal = portal;
  }

  Portal portal() {
    return portal;
  }

  ConnectionList connections() {
    return connections;
  }

  synchronized boolean listening() {
    return channel != null;
  }

  /** Where it listens; the configured address when it does not. */
  synchronized InetSocketAddress boundAddress() {
    return channel != null && channel.localAddress() instanceof InetSocketAddress bound
        ? bound
        : portal.address();
  }

  /** Why it does not listen; empty when it does. */
  synchronized String reason() {
    return reason;
  }

  /** Tries to listen now and, when that fails, again later. Waits for the first try. */
  void open() {
    transport.opened(this);
    CompletableFuture<Void> tried = new CompletableFuture<>();
    // Told after the listener that notes the outcome.
    bind().addListener(ignored -> tried.complete(null));
    tried.join();
  }

  private ChannelFuture bind() {
    ChannelFuture future = transport.listen(portal, connections);
    future.addListener(ignored -> bound(future));
    return future;
  }

  private void bound(ChannelFuture future) {
    synchronized (this) {
      if (!future.isSuccess()) {
        retry(future.cause());
        return;
      }
      if (!closed) {
        channel = future.channel();
        reason = "";
        LOG.info("portal {} listens on {}", portal.name(), Addresses.text(portal.address()));
      } else {
        future.channel().close();
        return;
      }
    }
    transport.offersChanged();
  }

  private void retry(Throwable cause) {
    String why = "cannot listen on " + Addresses.text(portal.address()) + ": " + cause.getMessage();
    if (!why.equals(reason)) {
      LOG.warn("portal {} {}; trying again", portal.name(), why);
    }
    reason = why;
    if (!closed) {
      transport.schedule(this::tryAgain, pause);
      Duration longer = pause.multipliedBy(2);
      pause = longer.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : longer;
    }
  }

  private void tryAgain() {
    synchronized (this) {
      if (closed) {
        return;
      }
    }
    bind();
  }

  /** Stops listening, asks the initiators to log out, and closes what is left after that time. */
  void close() {
    closeAll(List.of(this), transport.settings().logoutSeconds());
  }

  /**
   * Closes portals together: the time for the logout runs for all at once, and for each session
   * from when it is asked.
   *
   * @param seconds what is announced to the initiators
   */
  static void closeAll(List<RunningPortal> portals, int seconds) {
    portals.forEach(RunningPortal::stopListening);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds) + GRACE.toNanos();
    for (RunningPortal each : portals) {
      for (Connection connection : each.connections.all()) {
        connection.requestLogout(seconds, "portal " + each.portal.name() + " closes");
      }
    }
    for (RunningPortal each : portals) {
      try {
        each.connections.awaitNone(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      each.connections.close();
    }
  }

  private void stopListening() {
    Channel open;
    synchronized (this) {
      closed = true;
      open = channel;
      channel = null;
    }
    transport.closed(this);
    if (open != null) {
      open.close().awaitUninterruptibly();
    }
  }
}
