// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.session;

import io.netty.buffer.ByteBuf;
import org.jtgt.iscsi.pdu.Bhs;

/**
 * A PDU that waits for one with a lower CmdSN.
 *
 * @param header a copy of its header
 * @param data its data segment, owned
 */
public record HeldPdu(Bhs header, ByteBuf data) {}
