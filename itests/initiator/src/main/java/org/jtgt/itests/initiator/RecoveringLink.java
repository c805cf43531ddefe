// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** One connection of a {@link RecoveringSession}: its status numbers, and what it sends. */
final class RecoveringLink {
  final PduChannel channel;
  final int cid;
  final OperationalParameters parameters;

  /** Numbered responses whose turn has not come, by StatSN. */
  final Map<Integer, Response> early = new TreeMap<>();

  int expStatSn;
  long heard = System.nanoTime();
  long asked = heard;
  private final CommandWindow window;

  RecoveringLink(
      PduChannel channel,
      int cid,
      OperationalParameters parameters,
      CommandWindow window,
      int expStatSn) {
    this.channel = channel;
    this.cid = cid;
    this.parameters = parameters;
    this.window = window;
    this.expStatSn = expStatSn;
  }

  /** Sends a command with its unsolicited data, for the first time or again. */
  void send(RecoveringTask task) throws IOException {
    ScsiCommand command = task.command;
    task.touch();
    int immediate = command.immediateBytes(parameters);
    int unsolicited = command.unsolicitedBytes(parameters);
    boolean fin = unsolicited <= immediate;
    channel.send(command.request(task.itt, task.cmdSn, expStatSn, immediate, fin).toPdu());
    if (!fin) {
      sendDataOut(task, Request.TTT_NONE, immediate, unsolicited);
    }
  }

  void sendDataOut(RecoveringTask task, int ttt, int from, int to) throws IOException {
    int dataSn = 0;
    for (int at = from; at < to; ) {
      int end = Math.min(to, at + parameters.targetMaxRecv());
      byte[] part = Arrays.copyOfRange(task.command.dataOut(), at, end);
      channel.send(
          new Request.DataOut(
                  end == to, task.command.lun(), task.itt, ttt, expStatSn, dataSn++, at, part)
              .toPdu());
      at = end;
    }
  }

  void snackStatus(int run) throws IOException {
    snack(Request.Snack.STATUS, 0, Request.ITT_NONE, Request.TTT_NONE, expStatSn, run);
  }

  /** Asks for Data-In or R2Ts of a task again. */
  void snack(RecoveringTask task, int begRun, int run) throws IOException {
    snack(Request.Snack.DATA_OR_R2T, task.command.lun(), task.itt, Request.TTT_NONE, begRun, run);
  }

  void acknowledge(Response.DataIn asks) throws IOException {
    snack(
        Request.Snack.DATA_ACK,
        asks.pdu().get(Field.LUN),
        Request.ITT_NONE,
        asks.ttt(),
        asks.dataSn() + 1,
        0);
  }

  private void snack(int type, long lun, int itt, int ttt, int begRun, int run) throws IOException {
    channel.send(new Request.Snack(type, lun, itt, ttt, expStatSn, begRun, run).toPdu());
  }

  void reply(Response.NopIn ping) throws IOException {
    nopOut(ping.pdu().get(Field.LUN), Request.ITT_NONE, ping.ttt());
  }

  void ping(int itt) throws IOException {
    nopOut(0, itt, Request.TTT_NONE);
  }

  private void nopOut(long lun, int itt, int ttt) throws IOException {
    channel.send(
        new Request.NopOut(true, lun, itt, ttt, window.cmdSn(), expStatSn, new byte[0]).toPdu());
  }
}
