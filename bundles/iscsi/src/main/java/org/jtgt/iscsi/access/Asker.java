// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.access;

import java.net.InetAddress;

/**
 * Who asks for what.
 *
 * @param initiator iSCSI name of the initiator
 * @param peer its address
 * @param targetName iSCSI name of the target; empty for discovery
 * @param target name of the target's configuration; empty for discovery
 * @param portal name of the portal
 */
public record Asker(
    String initiator, InetAddress peer, String targetName, String target, String portal) {}
