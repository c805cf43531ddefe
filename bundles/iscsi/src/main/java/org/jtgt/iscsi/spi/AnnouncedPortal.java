// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.spi;

import java.net.InetSocketAddress;

/**
 * A portal that listens.
 *
 * @param name the instance name of its configuration
 * @param address where it listens, perhaps a wildcard
 * @param tag its portal group tag (RFC 7143 4.1)
 * @param advertised address, or address and port, that initiators are to be told instead; empty for
 *     the real one
 */
public record AnnouncedPortal(String name, InetSocketAddress address, int tag, String advertised) {}
