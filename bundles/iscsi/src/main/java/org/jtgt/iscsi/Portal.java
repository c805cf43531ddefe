// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.jtgt.iscsi.net.Addresses;

/**
 * A portal's settings.
 *
 * @param name the instance name of its configuration
 * @param pid its configuration
 * @param address where it listens; with port 0 the one that the connection came through is shown
 * @param tag portal group tag
 * @param advertise what discovery shows instead; empty for the real address
 */
record Portal(String name, String pid, InetSocketAddress address, int tag, String advertise) {

  /**
   * The TargetAddress to show to whoever connected to a local address (RFC 7143 13.8): a wildcard
   * portal shows that very address, never the wildcard; empty when it does not listen there.
   */
  Optional<String> targetAddress(InetSocketAddress local) {
    return shownAddress(local).map(shown -> shown + ',' + tag);
  }

  private Optional<String> shownAddress(InetSocketAddress local) {
    int port = address.getPort() == 0 ? local.getPort() : address.getPort();
    if (!advertise.isEmpty()) {
      return Optional.of(hasPort(advertise) ? advertise : advertise + ':' + port);
    }
    InetAddress own = address.getAddress();
    if (!own.isAnyLocalAddress()) {
      return Optional.of(Addresses.text(own) + ':' + port);
    }
    InetAddress reached = local.getAddress();
    boolean listensThere = own instanceof Inet6Address || !(reached instanceof Inet6Address);
    return listensThere ? Optional.of(Addresses.text(reached) + ':' + port) : Optional.empty();
  }

  private static boolean hasPort(String text) {
    return text.lastIndexOf(':') > text.lastIndexOf(']')
        && (text.startsWith("[") || text.indexOf(':') == text.lastIndexOf(':'));
  }
}
