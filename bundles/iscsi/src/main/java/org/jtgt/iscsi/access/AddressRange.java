// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.access;

import java.net.Inet4Address;
import java.net.InetAddress;

/**
 * An IP address, or all that share its first bits (CIDR, RFC 4632).
 *
 * @param address the address; bits after the prefix do not count
 * @param prefixBits how many bits count
 */
public record AddressRange(InetAddress address, int prefixBits) {
  /**
   * Reads {@code ADDRESS} or {@code ADDRESS/BITS}.
   *
   * @throws IllegalArgumentException when it is neither
   */
  public static AddressRange parse(String text) {
    String[] parts = text.strip().split("/", -1);
    String literal = parts[0].replaceAll("^\\[|]$", "");
    try {
      InetAddress address = InetAddress.ofLiteral(literal);
      int all = address.getAddress().length * 8;
      int bits = parts.length == 1 ? all : Integer.parseInt(parts[1]);
      if (parts.length <= 2 && bits >= 0 && bits <= all) {
        return new AddressRange(address, bits);
      }
    } catch (IllegalArgumentException e) {
      // Neither an address nor a number; said below.
    }
    throw new IllegalArgumentException(
        "'" + text + "' is no address; allowed: an IP address, or one with /BITS");
  }

  /** True when it is in the range; an IPv4 address mapped into IPv6 counts as IPv4. */
  public boolean contains(InetAddress other) {
    byte[] mine = address.getAddress();
    byte[] theirs = other.getAddress();
    if (address instanceof Inet4Address != other instanceof Inet4Address) {
      return false;
    }
    for (int bit = 0; bit < prefixBits; bit++) {
      int mask = 0x80 >> (bit & 7);
      if ((mine[bit >> 3] & mask) != (theirs[bit >> 3] & mask)) {
        return false;
      }
    }
    return true;
  }
}
