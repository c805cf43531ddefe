// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** Discovery by SendTargets (RFC 7143 appendix C). */
public final class Discovery {

  /**
   * One target of a SendTargets answer.
   *
   * @param addresses TargetAddress values as sent, {@code host[:port][,tag]}
   */
  public record DiscoveredTarget(String name, List<String> addresses) {}

  private Discovery() {}

  /** A discovery session with SendTargets=All. */
  public static List<DiscoveredTarget> discover(InetSocketAddress portal, String initiator)
      throws IOException {
    try (Session session = Session.login(portal, LoginOptions.discovery(initiator))) {
      return sendTargets(session.connection(), "All");
    }
  }

  /** SendTargets with any value: All, a target's name, or empty for the session's own target. */
  public static List<DiscoveredTarget> sendTargets(Connection connection, String value)
      throws IOException {
    return parse(connection.text(TextKeys.of("SendTargets", value)));
  }

  /**
   * Groups the pairs of an answer.
   *
   * @throws ProtocolViolation if an address comes before any name or another key is there
   */
  static List<DiscoveredTarget> parse(TextKeys keys) {
    List<DiscoveredTarget> targets = new ArrayList<>();
    for (TextKeys.Pair pair : keys.pairs()) {
      if (pair.key().equals("TargetName")) {
        targets.add(new DiscoveredTarget(pair.value(), List.of()));
      } else if (pair.key().equals("TargetAddress") && !targets.isEmpty()) {
        DiscoveredTarget last = targets.removeLast();
        List<String> addresses = new ArrayList<>(last.addresses());
        addresses.add(pair.value());
        targets.add(new DiscoveredTarget(last.name(), List.copyOf(addresses)));
      } else {
        throw new ProtocolViolation("appendix C", "unexpected " + pair);
      }
    }
    return List.copyOf(targets);
  }
}
