// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.login;

/**
 * What makes a session the same session (RFC 7143 4.4.3.1, 6.3.5).
 *
 * @param initiatorName iSCSI name of the initiator
 * @param isid the 6-byte ISID as a number
 * @param targetName iSCSI name of the target; empty for a discovery session
 * @param portalGroupTag TPGT
 */
public record SessionIdentity(
    String initiatorName, long isid, String targetName, int portalGroupTag) {
  /** True for a discovery session, which has no target. */
  public boolean discovery() {
    return targetName.isEmpty();
  }

  /** True when only the portal group is another one. */
  public boolean sameButPortalGroup(SessionIdentity other) {
    return initiatorName.equals(other.initiatorName)
        && isid == other.isid
        && targetName.equals(other.targetName)
        && portalGroupTag != other.portalGroupTag;
  }
}
