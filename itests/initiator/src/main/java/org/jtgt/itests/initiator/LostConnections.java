// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Replaces lost connections of a {@link RecoveringSession} at level 2: a new one, a logout for
 * recovery, and the reassignment of each task (RFC 7143 7.2.2).
 */
final class LostConnections {
  private static final int MOST_LOGINS = 50;

  /** Sends an immediate request on a connection until it is answered. */
  interface Requests {
    Response request(RecoveringLink link, int itt, Pdu pdu) throws IOException;
  }

  private final RecoveryState state;
  private final InetSocketAddress portal;
  private final LoginOptions options;
  private final OperationalParameters parameters;
  private final int tsih;
  private final Requests requests;
  private final Set<Integer> deadCids = new HashSet<>();
  private int nextCid;

  LostConnections(
      RecoveryState state,
      InetSocketAddress portal,
      LoginOptions options,
      OperationalParameters parameters,
      int tsih,
      Requests requests) {
    this.state = state;
    this.portal = portal;
    this.options = options;
    this.parameters = parameters;
    this.tsih = tsih;
    this.requests = requests;
    this.nextCid = options.cid() + 1;
  }

  /** A further connection of the session. */
  RecoveringLink connect() throws IOException {
    return connect(nextCid++);
  }

  void lost(RecoveringLink link, IOException why) throws IOException {
    if (parameters.errorRecoveryLevel() < 2) {
      throw new IOException("connection lost at level " + parameters.errorRecoveryLevel(), why);
    }
    if (state.links.contains(link)) {
      giveUp(link);
      recover();
    }
  }

  private void giveUp(RecoveringLink link) throws IOException {
    state.links.remove(link);
    link.channel.close();
    deadCids.add(link.cid);
    for (RecoveringTask task : state.tasks.values()) {
      if (task.allegiantTo(link)) {
        task.link = Optional.empty();
      }
    }
  }

  /** Brings a new connection and the tasks of lost ones to it. */
  private void recover() throws IOException {
    for (int attempt = 0; attempt < MOST_LOGINS; attempt++) {
      Optional<RecoveringLink> fresh = Optional.empty();
      try {
        // Every other time the old CID is used again: an implicit logout.
        boolean implicit = deadCids.size() == 1 && state.counts.reconnections % 2 == 0;
        RecoveringLink link = connect(implicit ? deadCids.iterator().next() : nextCid++);
        fresh = Optional.of(link);
        state.counts.reconnections++;
        state.links.add(link);
        if (implicit) {
          deadCids.clear();
        }
        for (int cid : List.copyOf(deadCids)) {
          logoutForRecovery(link, cid);
          deadCids.remove(cid);
        }
        for (RecoveringTask task : List.copyOf(state.tasks.values())) {
          if (task.link.isEmpty() && state.tasks.containsValue(task)) {
            takeOver(link, task);
          }
        }
        return;
      } catch (ConnectionClosedException e) {
        if (fresh.isPresent()) {
          giveUp(fresh.get());
        }
      }
    }
    throw new IOException("no connection after " + MOST_LOGINS + " logins");
  }

  private RecoveringLink connect(int cid) throws IOException {
    CommandWindow window = state.window;
    PduChannel channel = PduChannel.connect(portal);
    try {
      LoginDriver.Outcome login =
          LoginDriver.login(channel, options.joining(tsih, cid, window.cmdSn()));
      // Which commands have arrived, before any is sent again.
      window.update(login.last().expCmdSn(), login.last().maxCmdSn());
      return new RecoveringLink(
          channel,
          cid,
          parameters.withConnectionOf(login.parameters()),
          window,
          login.last().statSn() + 1);
    } catch (IOException | RuntimeException | Error e) {
      channel.close();
      throw e;
    }
  }

  private void logoutForRecovery(RecoveringLink link, int cid) throws IOException {
    int itt = state.newItt();
    Response answer =
        requests.request(
            link,
            itt,
            new Request.Logout(
                    true,
                    Request.Logout.REMOVE_FOR_RECOVERY,
                    itt,
                    cid,
                    state.window.cmdSn(),
                    link.expStatSn)
                .toPdu());
    int response = ((Response.Logout) answer).response();
    // 1: the target had not got so far with that connection.
    if (response != 0 && response != 1) {
      throw new ProtocolViolation("11.15.1", "logout for recovery: " + answer.pdu());
    }
  }

  private void takeOver(RecoveringLink link, RecoveringTask task) throws IOException {
    task.link = Optional.of(link);
    if (!state.arrived(task)) {
      state.retry(link, task);
      return;
    }
    task.forgetUnacknowledged();
    int itt = state.newItt();
    state.counts.reassignments++;
    boolean writes = task.command.dataOut().length > 0;
    Response answer =
        requests.request(
            link,
            itt,
            new Request.TaskManagement(
                    true,
                    TaskFunction.TASK_REASSIGN,
                    task.command.lun(),
                    itt,
                    task.itt,
                    state.window.cmdSn(),
                    link.expStatSn,
                    task.cmdSn,
                    writes ? task.nextR2tSn() : task.firstMissing())
                .toPdu());
    task.touch();
    switch (((Response.TaskManagement) answer).response()) {
      case TaskFunction.FUNCTION_COMPLETE -> task.reassigned = true;
      case TaskFunction.TASK_STILL_ALLEGIANT -> {
        if (!task.reassigned && state.tasks.containsKey(task.itt)) {
          throw new ProtocolViolation("7.2.2", "still allegiant after a logout: " + answer.pdu());
        }
      }
      default -> throw new ProtocolViolation("11.6.1", "reassignment: " + answer.pdu());
    }
  }
}
