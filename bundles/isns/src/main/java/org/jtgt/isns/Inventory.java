// SPDX-License-Identifier: Apache-2.0
package org.jtgt.isns;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jtgt.iscsi.spi.AnnouncedPortal;
import org.jtgt.iscsi.spi.AnnouncedTarget;

/**
 * What a server is to know of one Network Entity (RFC 4171 2.1): its portals, its targets, and
 * which target is on which portal with which portal group tag.
 *
 * @param portals portals by their addresses
 * @param targets targets by name
 */
record Inventory(SortedMap<String, Portal> portals, SortedMap<String, Target> targets) {
  static final Inventory NOTHING = new Inventory(new TreeMap<>(), new TreeMap<>());

  /** A portal as initiators reach it; the name is for people. */
  record Portal(InetSocketAddress address, String name) {}

  /**
   * A target.
   *
   * @param groups portal group tags by the keys of portals
   */
  record Target(String name, String alias, Map<String, Integer> groups) {}

  /**
   * Takes what is offered.
   *
   * @param shown which targets are to be known
   * @param reached what a wildcard portal counts as: this machine's address on the way to the
   *     server
   */
  static Inventory of(
      List<AnnouncedTarget> offered, Predicate<AnnouncedTarget> shown, InetAddress reached) {
    SortedMap<String, Portal> portals = new TreeMap<>();
    SortedMap<String, Target> targets = new TreeMap<>();
    // A portal on which no target is shown is nobody's business.
    for (AnnouncedTarget target : offered.stream().filter(shown).toList()) {
      SortedMap<String, Integer> groups = new TreeMap<>();
      for (AnnouncedPortal portal : target.portals()) {
        address(portal, reached)
            .ifPresent(address -> {
              groups.put(key(address), portal.tag());
              portals.putIfAbsent(key(address), new Portal(address, portal.name()));
            });
      }
      if (!groups.isEmpty()) {
        targets.put(target.name(), new Target(target.name(), target.alias(), groups));
      }
    }
    return new Inventory(portals, targets);
  }

  private static String key(InetSocketAddress address) {
    return address.getAddress().getHostAddress() + ' ' + address.getPort();
  }

  /** Where initiators reach a portal; empty for a wildcard that does not listen there. */
  private static Optional<InetSocketAddress> address(AnnouncedPortal portal, InetAddress reached) {
    return advertised(portal).or(() -> own(portal.address(), reached));
  }

  private static Optional<InetSocketAddress> own(InetSocketAddress address, InetAddress reached) {
    if (!address.getAddress().isAnyLocalAddress()) {
      return Optional.of(address);
    }
    boolean listensThere =
        address.getAddress() instanceof Inet6Address || !(reached instanceof Inet6Address);
    return listensThere
        ? Optional.of(new InetSocketAddress(reached, address.getPort()))
        : Optional.empty();
  }

  /** The advertised address; a server knows addresses only, so a host name does not count. */
  private static Optional<InetSocketAddress> advertised(AnnouncedPortal portal) {
    return Address.parse(portal.advertised(), portal.address().getPort()).flatMap(Address::literal);
  }

  /** True when there is nothing to register: an entity needs a node and a portal. */
  boolean isEmpty() {
    return targets.isEmpty();
  }

  /** The node that speaks for the entity (RFC 4171 5.6.1). */
  String source() {
    return targets.firstKey();
  }

  /** The keys of targets that another inventory has not. */
  List<String> targetsBeyond(Inventory other) {
    List<String> gone = new ArrayList<>(targets.keySet());
    gone.removeAll(other.targets.keySet());
    return gone;
  }

  /** The portals that another inventory has not. */
  List<Portal> portalsBeyond(Inventory other) {
    return portals.entrySet().stream()
        .filter(entry -> !other.portals.containsKey(entry.getKey()))
        .map(Map.Entry::getValue)
        .toList();
  }
}
