// SPDX-License-Identifier: Apache-2.0
package org.jtgt.isns;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.jtgt.isns.message.Message;
import org.jtgt.isns.message.Status;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one iSNS server informed: connects, registers, follows what changes, refreshes, begins anew
 * when the server has gone or has forgotten, and deregisters at the end. One thread owns it.
 */
final class IsnsClient implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(IsnsClient.class);
  private static final Duration ANSWER_TIME = Duration.ofSeconds(10);
  private static final Duration FAREWELL_TIME = Duration.ofSeconds(2);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  /** What the thread waits for. */
  private sealed interface Event {
    /** What is offered has changed. */
    record Changed() implements Event {}

    /** The end. */
    record Stop() implements Event {}

    record Answer(ServerConnection from, Message message) implements Event {}

    record Lost(ServerConnection connection, String why) implements Event {}
  }

  /** The end has come while something was under way. */
  private static final class Stopped extends Exception {
    private static final long serialVersionUID = 1;
  }

  private final String server;
  private final int port;
  private final Function<InetAddress, Inventory> offers;
  private final @Nullable EsiPorts esiPorts;
  private final Registration registration;
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final Thread thread;
  private volatile String reason = "not connected yet";
  private volatile Inventory known = Inventory.NOTHING;
  private Duration pause = FIRST_PAUSE;

  /** Something changed during an exchange. */
  private boolean changedMeanwhile;

  /**
   * The end was asked for during an exchange, whose answer says yet what there is to deregister.
   */
  private boolean stopMeanwhile;

  /**
   * Begins.
   *
   * @param server name or address of the server
   * @param esiPort where to listen for inquiries, 0 for any port; only with an ESI interval
   * @param offers what is offered, for this machine's address on the way to the server
   */
  IsnsClient(
      String server,
      int port,
      Registration.Terms terms,
      int esiPort,
      Function<InetAddress, Inventory> offers) {
    this.server = server;
    this.port = port;
    this.offers = offers;
    esiPorts = terms.esiSeconds() > 0 ? new EsiPorts(esiPort) : null;
    registration = new Registration(terms, esiPorts == null ? Map::of : esiPorts::numbers);
    thread = Thread.ofVirtual().name("isns-client").start(this::run);
  }

  /** Says that what is offered has changed. Any thread. */
  void changed() {
    events.add(new Event.Changed());
  }

  /** Why nothing is registered, or not all; empty when the server knows everything. Any thread. */
  String reason() {
    return reason;
  }

  /** What the server has confirmed. Any thread. */
  Inventory known() {
    return known;
  }

  /** Deregisters, when the server can be reached, and ends. */
  @Override
  public void close() {
    events.add(new Event.Stop());
    try {
      if (!thread.join(FAREWELL_TIME.plusSeconds(1))) {
        thread.interrupt();
      }
      if (esiPorts != null) {
        esiPorts.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      LOG.debug("a port for inquiries did not close", e);
    }
  }

  private void run() {
    try {
      while (true) {
        try (ServerConnection connection =
            ServerConnection.open(new InetSocketAddress(InetAddress.getByName(server), port))) {
          Thread.ofVirtual().name("isns-reader").start(() -> read(connection));
          serve(connection);
        } catch (IOException e) {
          told("iSNS server " + server + ": " + e.getMessage());
          pause();
        }
      }
    } catch (Stopped | InterruptedException e) {
      LOG.debug("the iSNS client ends");
    }
  }

  private void read(ServerConnection connection) {
    try {
      connection.read(message -> events.add(new Event.Answer(connection, message)));
    } catch (IOException e) {
      events.add(new Event.Lost(connection, "the connection has ended"));
    }
  }

  /** Serves one connection until it ends. */
  private void serve(ServerConnection connection)
      throws IOException, InterruptedException, Stopped {
    try {
      refresh(connection);
      while (true) {
        do {
          changedMeanwhile = false;
          synchronize(connection);
        } while (changedMeanwhile);
        long milliseconds = Math.max(1000, registration.periodSeconds() * 1000L / 3);
        switch (events.poll(milliseconds, TimeUnit.MILLISECONDS)) {
          case null -> refresh(connection);
          // One look serves all changes that wait.
          case Event.Changed() -> events.removeIf(Event.Changed.class::isInstance);
          case Event.Stop() -> throw new Stopped();
          case Event.Answer(ServerConnection _, Message _) -> {}
          case Event.Lost(ServerConnection lost, String why) -> {
            if (lost == connection) {
              throw new IOException(why);
            }
          }
        }
      }
    } catch (Stopped e) {
      leave(connection);
      throw e;
    }
  }

  private void synchronize(ServerConnection connection)
      throws IOException, InterruptedException, Stopped {
    Inventory wanted = offers.apply(connection.localAddress());
    if (esiPorts != null) {
      esiPorts.listenOn(
          wanted.portals().values().stream().map(portal -> portal.address().getAddress()).toList());
    }
    Optional<Registration.Step> next = registration.next(wanted);
    while (next.isPresent()) {
      Message answer = exchange(connection, next.get().request(), ANSWER_TIME);
      if (!registration.answered(next.get(), answer)) {
        throw new IOException("it refuses a registration: " + Status.text(answer.status()));
      }
      known = registration.registered();
      stopWhenAsked();
      next = registration.next(wanted);
    }
    known = registration.registered();
    pause = FIRST_PAUSE;
    if (!reason.isEmpty()) {
      reason = "";
      LOG.info("iSNS server {} knows {} targets", server, wanted.targets().size());
    }
  }

  /** Keeps the registration alive; a server that has forgotten it is told everything again. */
  private void refresh(ServerConnection connection)
      throws IOException, InterruptedException, Stopped {
    Optional<Message> query = registration.refresh();
    if (query.isPresent()) {
      registration.refreshed(exchange(connection, query.get(), ANSWER_TIME));
      stopWhenAsked();
    }
  }

  private void stopWhenAsked() throws Stopped {
    if (stopMeanwhile) {
      throw new Stopped();
    }
  }

  private void leave(ServerConnection connection) throws IOException, InterruptedException {
    Optional<Registration.Step> last = registration.leave();
    if (last.isPresent()) {
      exchange(connection, last.get().request(), FAREWELL_TIME);
    }
    known = Inventory.NOTHING;
  }

  /** Sends a request and waits for its response; what else happens meanwhile is looked at later. */
  private Message exchange(ServerConnection connection, Message request, Duration time)
      throws IOException, InterruptedException {
    connection.send(request);
    long end = System.nanoTime() + time.toNanos();
    while (true) {
      Event event = events.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
      switch (event) {
        case null -> throw new IOException("no answer in " + time.toSeconds() + " s");
        case Event.Answer(ServerConnection from, Message answer)
            when from == connection && answer.transaction() == request.transaction() -> {
          return answer;
        }
        case Event.Lost(ServerConnection lost, String why) when lost == connection ->
            throw new IOException(why);
        case Event.Stop() -> {
          stopMeanwhile = true;
          end = Math.min(end, System.nanoTime() + FAREWELL_TIME.toNanos());
        }
        case Event.Changed() -> changedMeanwhile = true;
        default -> {}
      }
    }
  }

  private void pause() throws InterruptedException, Stopped {
    stopWhenAsked();
    long end = System.nanoTime() + pause.toNanos();
    Duration longer = pause.multipliedBy(2);
    pause = longer.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : longer;
    for (Event event = events.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        event != null;
        event = events.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
      if (event instanceof Event.Stop) {
        throw new Stopped();
      }
    }
  }

  private void told(String why) {
    if (!why.equals(reason)) {
      LOG.warn("{}; trying again", why);
    }
    reason = why;
  }
}
