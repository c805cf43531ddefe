// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.pdu;

/**
 * A Login Request (RFC 7143 11.12).
 *
 * @param transit the T bit
 * @param continues the C bit
 * @param currentStage CSG
 * @param nextStage NSG
 * @param versionMax highest version supported
 * @param versionMin lowest version supported
 * @param isid the 6-byte ISID as a number
 * @param tsih 0 for a new session
 * @param initiatorTaskTag ITT
 * @param cid connection ID
 * @param cmdSn first CmdSN of the session, or the current one
 * @param expStatSn ExpStatSN
 */
public record LoginRequest(
    boolean transit,
    boolean continues,
    int currentStage,
    int nextStage,
    int versionMax,
    int versionMin,
    long isid,
    int tsih,
    int initiatorTaskTag,
    int cid,
    int cmdSn,
    int expStatSn) {

  /** Reads the fields of a header. */
  public static LoginRequest of(Bhs header) {
    int flags = header.flags();
    return new LoginRequest(
        (flags & 0x80) != 0,
        (flags & 0x40) != 0,
        (flags >> 2) & 3,
        flags & 3,
        header.byteAt(2),
        header.byteAt(3),
        header.lun() >>> 16,
        header.shortAt(14),
        header.initiatorTaskTag(),
        header.shortAt(20),
        header.cmdSn(),
        header.expStatSn());
  }
}
