// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.net;

import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Addresses as iSCSI writes them (RFC 7143 13.8). */
public final class Addresses {
  private Addresses() {}

  /** Address and port; IPv6 in brackets, without a scope. */
  public static String text(InetSocketAddress address) {
    InetAddress ip = address.getAddress();
    return ip == null
        ? address.getHostString() + ':' + address.getPort()
        : text(ip) + ':' + address.getPort();
  }

  /** An address; IPv6 in brackets, compressed (RFC 5952) and without a scope. */
  public static String text(InetAddress address) {
    return address instanceof Inet6Address
        ? '[' + NetUtil.toAddressString(address) + ']'
        : address.getHostAddress();
  }
}
