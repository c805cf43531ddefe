// SPDX-License-Identifier: Apache-2.0
package org.jtgt.isns;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A host, by its name or address, and a port.
 *
 * @param host without brackets
 */
record Address(String host, int port) {
  /** A host name (RFC 1123 2.1), or an IPv4 address; underscores occur. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}");

  /**
   * Reads HOST or HOST:PORT; an IPv6 address before a port is in brackets.
   *
   * @param otherwise the port where the text has none
   * @return empty when it is neither
   */
  static Optional<Address> parse(String text, int otherwise) {
    int bracket = text.indexOf(']');
    int colon = text.lastIndexOf(':');
    boolean hasPort = bracket >= 0 ? colon > bracket : colon >= 0 && colon == text.indexOf(':');
    String host = (hasPort ? text.substring(0, colon) : text).replaceAll("^\\[|]$", "");
    String port = hasPort ? text.substring(colon + 1) : Integer.toString(otherwise);
    boolean literal = bracket >= 0 || host.indexOf(':') >= 0;
    if (!(literal ? isIpv6(host) : NAME.matcher(host).matches())
        || !port.matches("\\d{1,5}")
        || Integer.parseInt(port) < 1
        || Integer.parseInt(port) > 65535) {
      return Optional.empty();
    }
    return Optional.of(new Address(host, Integer.parseInt(port)));
  }

  private static boolean isIpv6(String host) {
    try {
      return host.indexOf(':') >= 0 && InetAddress.ofLiteral(host).getAddress().length > 0;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** The address without a look-up; empty for a name. */
  Optional<InetSocketAddress> literal() {
    try {
      return Optional.of(new InetSocketAddress(InetAddress.ofLiteral(host), port));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
