// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A request that waits for what the target sends with its Initiator Task Tag. */
public abstract sealed class Exchange permits ScsiTask, SimpleExchange {
  private final int itt;
  private final int cmdSn;
  private final List<Response> pdus = new ArrayList<>();
  private Optional<Response.Reject> reject = Optional.empty();
  private boolean done;

  Exchange(int itt, int cmdSn) {
    this.itt = itt;
    this.cmdSn = cmdSn;
  }

  public int itt() {
    return itt;
  }

  /** The CmdSN that the request carried, what a RefCmdSN names. */
  public int cmdSn() {
    return cmdSn;
  }

  /** Whether the last PDU for this request has come, or the target rejected the request. */
  public boolean isDone() {
    return done;
  }

  /** The Reject that ended this exchange. */
  public Optional<Response.Reject> reject() {
    return reject;
  }

  /** What came so far, in order. */
  public List<Response> pdus() {
    return List.copyOf(pdus);
  }

  final void receive(Response response, Connection connection) throws IOException {
    pdus.add(response);
    accept(response, connection);
  }

  final void rejected(Response.Reject by) {
    reject = Optional.of(by);
    done = true;
  }

  final void finish() {
    done = true;
  }

  abstract void accept(Response response, Connection connection) throws IOException;
}
