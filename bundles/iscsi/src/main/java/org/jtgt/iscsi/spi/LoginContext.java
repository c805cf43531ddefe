// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.spi;

import java.net.InetAddress;

/**
 * A login that is to be authenticated.
 *
 * @param initiatorName the iSCSI name that the initiator claims, in lower case
 * @param peer the initiator's address
 * @param targetName the target's iSCSI name, in lower case; empty for a discovery session
 * @param target the name of the target's configuration; empty for a discovery session
 */
public record LoginContext(
    String initiatorName, InetAddress peer, String targetName, String target) {
  /** True for a discovery session, which has no target (RFC 7143 4.3). */
  public boolean discovery() {
    return targetName.isEmpty();
  }
}
