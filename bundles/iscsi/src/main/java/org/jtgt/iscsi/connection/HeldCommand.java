// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import io.netty.buffer.ByteBuf;
import org.jtgt.iscsi.pdu.Bhs;

/**
 * A PDU that waits for one with a lower CmdSN, which may come on another connection.
 *
 * @param from the connection that it is allegiant to (RFC 7143 4.2.5.1)
 * @param header a copy of its header
 * @param data its data segment, owned
 */
record HeldCommand(FullFeature from, Bhs header, ByteBuf data) {}
