// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * Takes what comes to a {@link RecoveringSession}: responses in the order of their StatSN, data in
 * any, each once; and asks for what a gap shows to be lost (RFC 7143 7.2.1).
 */
final class ResponseIntake {
  private static final int MOST_AT_ONCE = 64;

  private final RecoveryState state;

  ResponseIntake(RecoveryState state) {
    this.state = state;
  }

  /** Takes what has come on a connection. */
  void receiveSome(RecoveringLink link) throws IOException {
    for (int i = 0; i < MOST_AT_ONCE; i++) {
      Optional<Pdu> pdu;
      try {
        pdu = link.channel.poll(Duration.ofMillis(1));
      } catch (WrongDigest e) {
        state.counts.damaged++;
        if (e.header()) {
          throw new ConnectionClosedException("header digest error", e);
        }
        continue;
      }
      if (pdu.isEmpty()) {
        return;
      }
      link.heard = System.nanoTime();
      take(link, Response.of(pdu.get()));
    }
  }

  private void take(RecoveringLink link, Response response) throws IOException {
    state.window.update(response.expCmdSn(), response.maxCmdSn());
    if (response instanceof Response.DataIn in && !in.carriesStatus()) {
      dataIn(link, in);
      return;
    }
    int ahead = response.statSn() - link.expStatSn;
    if (response.carriesStatus()) {
      if (ahead >= 0) {
        link.early.putIfAbsent(response.statSn(), response);
        replaceTagged(link, response);
        inOrder(link);
      }
    } else if (response instanceof Response.R2t r2t) {
      r2t(link, r2t);
    } else if (response instanceof Response.NopIn ping && ping.wantsReply()) {
      link.reply(ping);
    }
    if (ahead > 0 && !link.early.containsKey(link.expStatSn)) {
      state.counts.statusSnacks++;
      link.snackStatus(response.statSn() - link.expStatSn);
    }
  }

  /** Of two responses with one StatSN the later holds (RFC 7143 11.16.3). */
  private static void replaceTagged(RecoveringLink link, Response response) {
    if (response instanceof Response.Status) {
      link.early.put(response.statSn(), response);
    }
  }

  private void inOrder(RecoveringLink link) throws IOException {
    Response next = link.early.get(link.expStatSn);
    while (next != null && ended(link, next)) {
      link.early.remove(link.expStatSn++);
      next = link.early.get(link.expStatSn);
    }
  }

  /** Acts on a response in its turn; false when it has to wait for lost data. */
  private boolean ended(RecoveringLink link, Response response) throws IOException {
    switch (response) {
      case Response.Status status -> {
        RecoveringTask task = state.tasks.get(status.itt());
        if (task != null) {
          task.status = Optional.of(status);
          if (!task.complete(status)) {
            state.askForData(link, task, status.expDataSn());
            return false;
          }
          state.tasks.remove(task.itt);
          state.results[task.place] = task.result(status);
        }
      }
      case Response.DataIn in -> throw new ProtocolViolation("11.7.3", "status in " + in.pdu());
      case Response.Reject reject -> rejected(link, reject);
      default -> {
        if (state.awaited.remove(response.itt())) {
          state.answers.put(response.itt(), response);
        }
      }
    }
    return true;
  }

  private void dataIn(RecoveringLink link, Response.DataIn in) throws IOException {
    RecoveringTask task = state.tasks.get(in.itt());
    if (task == null) {
      return;
    }
    task.take(in);
    if (task.firstMissing() < in.dataSn()) {
      state.askForData(link, task, in.dataSn());
    }
    Optional<Response.DataIn> asks = task.acknowledgeable();
    if (asks.isPresent()) {
      state.counts.dataAcks++;
      link.acknowledge(asks.get());
    }
    if (link.early.get(link.expStatSn) instanceof Response.Status status
        && status.itt() == task.itt) {
      inOrder(link);
    }
  }

  private void r2t(RecoveringLink link, Response.R2t r2t) throws IOException {
    RecoveringTask task = state.tasks.get(r2t.itt());
    if (task == null || !task.allegiantTo(link) || !task.takeR2t(r2t.r2tSn())) {
      return;
    }
    int expected = task.nextR2tSn();
    if (expected < r2t.r2tSn()) {
      state.counts.r2tSnacks++;
      link.snack(task, expected, r2t.r2tSn() - expected);
    }
    link.sendDataOut(
        task, r2t.ttt(), (int) r2t.offset(), (int) (r2t.offset() + r2t.desiredBytes()));
  }

  private void rejected(RecoveringLink link, Response.Reject reject) throws IOException {
    state.counts.rejects++;
    Pdu of = reject.rejected();
    switch (reject.reason()) {
      case Response.Reject.DATA_DIGEST_ERROR -> {
        RecoveringTask task = state.tasks.get(of.getInt(Field.ITT));
        if (of.opcode() == Opcode.SCSI_COMMAND && task != null && task.allegiantTo(link)) {
          state.retry(link, task);
        }
      }
      case Response.Reject.PROTOCOL_ERROR, Response.Reject.INVALID_DATA_ACK -> {
        if (of.opcode() != Opcode.SNACK_REQUEST) {
          throw new ProtocolViolation("11.17", "unexpected " + reject.pdu() + " of " + of);
        }
      }
      default -> throw new ProtocolViolation("11.17", "unexpected " + reject.pdu() + " of " + of);
    }
  }
}
