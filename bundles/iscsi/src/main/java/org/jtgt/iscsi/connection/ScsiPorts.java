// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jtgt.iscsi.login.SessionIdentity;
import org.jtgt.scsi.ScsiPort;

/** The SCSI ports of iSCSI (RFC 7143 4.4.3.2, SPC-4 7.6.4.6). */
public final class ScsiPorts {
  /** PROTOCOL IDENTIFIER of iSCSI (SPC-4 table 361). */
  private static final int ISCSI = 5;

  /** FORMAT CODE 01b: the TransportID names the initiator port, not only the device. */
  private static final int FORMAT_PORT = 0x40;

  private ScsiPorts() {}

  static ScsiPort initiator(SessionIdentity identity) {
    String port =
        identity.initiatorName() + ",i,0x" + HexFormat.of().toHexDigits(identity.isid(), 12);
    return new ScsiPort(identity.initiatorName(), port, ISCSI, transportId(port));
  }

  static ScsiPort target(SessionIdentity identity) {
    return target(identity.targetName(), identity.portalGroupTag());
  }

  /**
   * The target port of a target and a portal group.
   *
   * @param targetName its iSCSI name in normal form
   * @param portalGroupTag TargetPortalGroupTag
   */
  public static ScsiPort target(String targetName, int portalGroupTag) {
    String port = targetName + ",t,0x" + HexFormat.of().toHexDigits((short) portalGroupTag);
    return new ScsiPort(targetName, port, ISCSI, "");
  }

  /** The name ends in NUL and is padded with NULs to a multiple of 4, at least 20 in all. */
  private static String transportId(String port) {
    byte[] name = port.getBytes(StandardCharsets.UTF_8);
    int padded = Math.max(20, (name.length + 1 + 3) & ~3);
    byte[] id = new byte[4 + padded];
    id[0] = (byte) (FORMAT_PORT | ISCSI);
    id[2] = (byte) (padded >> 8);
    id[3] = (byte) padded;
    System.arraycopy(name, 0, id, 4, name.length);
    return HexFormat.of().formatHex(id);
  }
}
