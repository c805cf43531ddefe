// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import java.util.EnumMap;
import java.util.Map;
import org.jtgt.iscsi.text.Key;
import org.jtgt.iscsi.text.TextValue;

/**
 * What an operator sets for all connections.
 *
 * @param commandWindow most commands that an initiator may send ahead of ExpCmdSN, 1 to 4096
 * @param maxCommands most commands of a session that run or wait in the engine
 * @param unsolicitedBytes bound of unsolicited data held for commands of a session, in bytes
 * @param solicitedBytes R2Ts of a connection are sent while less than that is still to come for
 *     those sent before, in bytes
 * @param loginSeconds time for the login phase
 * @param keepAliveSeconds silence after which the target pings; 0 for never
 * @param keepAliveTimeoutSeconds time for the answer
 * @param logoutSeconds time for a logout that the target asks for
 * @param recoveryMilliseconds from recovery level 1 on, time without a Data-Out PDU that is due
 *     until it is asked for again
 * @param scsiEvents whether initiators are told of SCSI events (RFC 7143 11.9.1, AsyncEvent 0)
 * @param ownValues the target's own values of operational keys
 */
public record Settings(
    int commandWindow,
    int maxCommands,
    int unsolicitedBytes,
    int solicitedBytes,
    int loginSeconds,
    int keepAliveSeconds,
    int keepAliveTimeoutSeconds,
    int logoutSeconds,
    int recoveryMilliseconds,
    boolean scsiEvents,
    Map<Key, String> ownValues) {
  public Settings {
    ownValues = Map.copyOf(ownValues);
  }

  /** The defaults. */
  public static Settings defaults() {
    Map<Key, String> own = new EnumMap<>(Key.class);
    own.put(Key.HEADER_DIGEST, "CRC32C,None");
    own.put(Key.DATA_DIGEST, "CRC32C,None");
    own.put(Key.INITIAL_R2T, TextValue.NO);
    own.put(Key.IMMEDIATE_DATA, TextValue.YES);
    own.put(Key.MAX_RECV_DATA_SEGMENT_LENGTH, "262144");
    own.put(Key.MAX_BURST_LENGTH, "1048576");
    own.put(Key.FIRST_BURST_LENGTH, "65536");
    own.put(Key.MAX_OUTSTANDING_R2T, "8");
    own.put(Key.TASK_REPORTING, "ResponseFence,RFC3720");
    own.put(Key.ISCSI_PROTOCOL_LEVEL, "2");
    return new Settings(128, 1024, 16 << 20, 512 << 10, 15, 30, 15, 3, 2000, false, own);
  }
}
