// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Optional;

/**
 * A session that recovers at levels 1 and 2 (RFC 7143 7): lost or damaged PDUs by SNACK, command
 * retry and pings, lost connections by a logout for recovery and task reassignment. Commands are
 * spread over its connections. It tolerates what a faulty network does, and nothing else. Used by
 * one thread at a time.
 */
public final class RecoveringSession implements AutoCloseable {
  private static final long PATIENCE_NANOS = 90_000_000_000L;

  private final RecoveryState state;
  private final OperationalParameters parameters;
  private final ResponseIntake intake;
  private final LostConnections lostConnections;
  private int nextLink;

  private RecoveringSession(
      InetSocketAddress portal,
      LoginOptions options,
      PduChannel channel,
      LoginDriver.Outcome login) {
    this.parameters = login.parameters();
    CommandWindow window =
        new CommandWindow(options.cmdSn(), login.last().expCmdSn(), login.last().maxCmdSn());
    this.state = new RecoveryState(window);
    this.intake = new ResponseIntake(state);
    this.lostConnections =
        new LostConnections(state, portal, options, parameters, login.last().tsih(), this::request);
    state.links.add(
        new RecoveringLink(channel, options.cid(), parameters, window, login.last().statSn() + 1));
  }

  /** Logs in with so many connections; the options name the recovery level. */
  public static RecoveringSession login(
      InetSocketAddress portal, LoginOptions options, int connections) throws IOException {
    PduChannel channel = PduChannel.connect(portal);
    RecoveringSession session =
        new RecoveringSession(portal, options, channel, LoginDriver.login(channel, options));
    while (session.state.links.size() < connections) {
      session.state.links.add(session.lostConnections.connect());
    }
    return session;
  }

  public OperationalParameters parameters() {
    return parameters;
  }

  public RecoveryCounts counts() {
    return state.counts;
  }

  public ScsiResult execute(ScsiCommand command) throws IOException {
    return executeAll(List.of(command)).getFirst();
  }

  /** Runs commands at once, over all connections, and gives their results in the same order. */
  public List<ScsiResult> executeAll(List<ScsiCommand> commands) throws IOException {
    state.results = new ScsiResult[commands.size()];
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    int submitted = 0;
    while (submitted < commands.size() || !state.tasks.isEmpty()) {
      if (submitted < commands.size() && state.window.isOpen()) {
        submit(commands.get(submitted), submitted);
        submitted++;
      } else {
        pump();
      }
      if (System.nanoTime() > deadline) {
        throw new AssertionError(
            state.tasks.size()
                + " of "
                + commands.size()
                + " commands do not end; "
                + state.counts);
      }
    }
    return List.of(state.results);
  }

  private void submit(ScsiCommand command, int place) throws IOException {
    RecoveringTask task = new RecoveringTask(command, place, state.newItt(), state.window.take());
    RecoveringLink link = state.links.get(nextLink++ % state.links.size());
    task.link = Optional.of(link);
    state.tasks.put(task.itt, task);
    attempt(link, () -> link.send(task));
  }

  private interface Sending {
    void send() throws IOException;
  }

  /** Does something on a connection; when that turns out to be gone, recovers it. */
  private void attempt(RecoveringLink link, Sending sending) throws IOException {
    try {
      sending.send();
    } catch (ConnectionClosedException e) {
      lostConnections.lost(link, e);
    }
  }

  private void pump() throws IOException {
    for (RecoveringLink link : List.copyOf(state.links)) {
      if (state.links.contains(link)) {
        attempt(link, () -> intake.receiveSome(link));
      }
    }
    for (RecoveringLink link : List.copyOf(state.links)) {
      if (state.links.contains(link)) {
        attempt(link, () -> lookAfter(link));
      }
    }
  }

  /** What to do when nothing comes: ping, retry, ask for what is missing. */
  private void lookAfter(RecoveringLink link) throws IOException {
    long now = System.nanoTime();
    if (state.tasks.isEmpty() && state.awaited.isEmpty()) {
      link.heard = now;
      return;
    }
    if (now - link.asked < RecoveryState.SILENCE_NANOS) {
      return;
    }
    link.asked = now;
    for (RecoveringTask task : List.copyOf(state.tasks.values())) {
      if (task.allegiantTo(link) && task.silentFor(RecoveryState.SILENCE_NANOS)) {
        askFor(link, task);
      }
    }
    if (now - link.heard > RecoveryState.DEAD_NANOS) {
      throw new ConnectionClosedException("nothing comes", new SocketTimeoutException());
    }
    int itt = state.newItt();
    state.awaited.add(itt);
    link.ping(itt);
  }

  private void askFor(RecoveringLink link, RecoveringTask task) throws IOException {
    if (!state.arrived(task)) {
      state.retry(link, task);
    } else if (task.status.isPresent()) {
      state.askForData(link, task, task.status.get().expDataSn());
    }
  }

  /** Sends an immediate request until it is answered. */
  private Response request(RecoveringLink link, int itt, Pdu pdu) throws IOException {
    state.awaited.add(itt);
    long deadline = System.nanoTime() + RecoveryState.DEAD_NANOS;
    long sent = 0;
    while (!state.answers.containsKey(itt)) {
      long now = System.nanoTime();
      if (now > deadline) {
        throw new ConnectionClosedException("no answer", new SocketTimeoutException());
      }
      if (now - sent > RecoveryState.SILENCE_NANOS) {
        link.channel.send(pdu.with(Field.EXP_STAT_SN, link.expStatSn));
        sent = now;
      }
      try {
        intake.receiveSome(link);
      } catch (ConnectionClosedException e) {
        // After the answer to a logout that is as it should be.
        if (!state.answers.containsKey(itt)) {
          throw e;
        }
      }
    }
    return state.answers.remove(itt);
  }

  /** Logs the session out. */
  public void logout() throws IOException {
    int itt = state.newItt();
    RecoveringLink link = state.links.getFirst();
    Response answer =
        request(
            link,
            itt,
            new Request.Logout(
                    true,
                    Request.Logout.CLOSE_SESSION,
                    itt,
                    link.cid,
                    state.window.cmdSn(),
                    link.expStatSn)
                .toPdu());
    close();
    if (((Response.Logout) answer).response() != 0) {
      throw new ProtocolViolation("11.15.1", "logout: " + answer.pdu());
    }
  }

  /** Closes the connections. */
  @Override
  public void close() throws IOException {
    for (RecoveringLink link : state.links) {
      link.channel.close();
    }
  }
}
