// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.protocol;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jtgt.itests.initiator.Connection;
import org.jtgt.itests.initiator.ConnectionClosedException;
import org.jtgt.itests.initiator.Pdu;
import org.jtgt.itests.initiator.PduChannel;
import org.jtgt.itests.initiator.Request;
import org.jtgt.itests.initiator.Response;

/**
 * What a target did about PDUs that it did not like: everything that it sent up to the answer to a
 * ping that came after them, or up to the end of the connection. The ping makes waiting for "no
 * answer" needless.
 *
 * @param closed the target closed the connection
 */
record Provocation(List<Response> seen, boolean closed) {
  private static final int PING = 0x70696e67;

  /** Sends the PDUs over a session's connection, then an immediate ping. */
  static Provocation of(Connection connection, int cmdSn, Pdu... pdus) throws IOException {
    PduChannel channel = connection.channel();
    List<Response> seen = new ArrayList<>();
    try {
      for (Pdu pdu : pdus) {
        channel.send(pdu);
      }
      channel.send(
          new Request.NopOut(
                  true, 0, PING, Request.TTT_NONE, cmdSn, connection.expStatSn(), new byte[0])
              .toPdu());
    } catch (ConnectionClosedException e) {
      // The target may close before it has read all; what it sent is still read below.
    }
    while (true) {
      try {
        Response response = Response.of(channel.receive(Duration.ofSeconds(30)));
        if (response instanceof Response.NopIn && response.itt() == PING) {
          return new Provocation(seen, false);
        }
        seen.add(response);
      } catch (ConnectionClosedException e) {
        return new Provocation(seen, true);
      }
    }
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
        .filter(r -> r.itt() == itt)
        .anyMatch(r -> r instanceof Response.Status s && s.response() == 0 && s.status() == 0);
  }

  /**
   * RFC 7143 7.7 and 7.8: a format or protocol error ends in a Reject or in a closed connection.
   */
  boolean refused() {
    return closed || !rejects().isEmpty();
  }
}
