// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.protocol;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jtgt.itests.initiator.Connection;
import org.jtgt.itests.initiator.ConnectionClosedException;
import org.jtgt.itests.initiator.Field;
import org.jtgt.itests.initiator.Pdu;
import org.jtgt.itests.initiator.PduChannel;
import org.jtgt.itests.initiator.Request;
import org.jtgt.itests.initiator.Response;
import org.jtgt.itests.initiator.TaskFunction;

/**
 * What a target did about PDUs that it did not like: everything that it sent up to the answer to an
 * immediate request that came after them, the fence, or up to the end of the connection. The fence
 * makes waiting for "no answer" needless.
 *
 * @param fence the answer to the fence; empty if the target closed the connection before
 */
record Provocation(List<Response> seen, Optional<Response> fence) {
  private static final int FENCE = 0x66656e63;

  /** Sends the PDUs over a session's connection, then a ping. */
  static Provocation of(Connection connection, int cmdSn, Pdu... pdus) throws IOException {
    Pdu ping =
        new Request.NopOut(
                true, 0, FENCE, Request.TTT_NONE, cmdSn, connection.expStatSn(), new byte[0])
            .toPdu();
    return of(connection, ping, pdus);
  }

  /**
   * Sends the PDUs, then ABORT TASK for a task of theirs: once that is answered the task sends no
   * status any more (RFC 7143 11.5.1), so a status that has not come will not come.
   */
  static Provocation upToAbort(
      Connection connection, long lun, int itt, int refCmdSn, int cmdSn, Pdu... pdus)
      throws IOException {
    Pdu abort =
        new Request.TaskManagement(
                true,
                TaskFunction.ABORT_TASK,
                lun,
                FENCE,
                itt,
                cmdSn,
                connection.expStatSn(),
                refCmdSn,
                0)
            .toPdu();
    return of(connection, abort, pdus);
  }

  private static Provocation of(Connection connection, Pdu fence, Pdu... pdus) throws IOException {
    PduChannel channel = connection.channel();
    List<Response> seen = new ArrayList<>();
    try {
      for (Pdu pdu : pdus) {
        channel.send(pdu);
      }
      channel.send(fence);
    } catch (ConnectionClosedException e) {
      // The target may close before it has read all; what it sent is still read below.
    }
    while (true) {
      try {
        Response response = Response.of(channel.receive(Duration.ofSeconds(30)));
        if (response.itt() == FENCE) {
          return new Provocation(seen, Optional.of(response));
        }
        seen.add(response);
      } catch (ConnectionClosedException e) {
        return new Provocation(seen, Optional.empty());
      }
    }
  }

  /** The target closed the connection. */
  boolean closed() {
    return fence.isEmpty();
  }

  List<Response.Reject> rejects() {
    return seen.stream()
        .filter(Response.Reject.class::isInstance)
        .map(Response.Reject.class::cast)
        .toList();
  }

  /** Whether a command with this tag ended with GOOD. */
  boolean isGood(int itt) {
    return seen.stream()
        .filter(r -> r.itt() == itt && r.carriesStatus())
        .anyMatch(r -> r.pdu().get(Field.RESPONSE) == 0 && r.pdu().get(Field.STATUS) == 0);
  }

  /**
   * RFC 7143 7.7 and 7.8: a format or protocol error ends in a Reject or in a closed connection.
   */
  boolean refused() {
    return closed() || !rejects().isEmpty();
  }
}
