// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

import java.util.Set;

/**
 * What a login agreed on (RFC 7143 section 13). Lengths are bytes.
 *
 * @param targetMaxRecv the target's MaxRecvDataSegmentLength, which bounds what the initiator sends
 * @param initiatorMaxRecv the initiator's own
 * @param protocolLevel iSCSIProtocolLevel (RFC 7144 3), 1 if not negotiated
 */
public record OperationalParameters(
    Digests digests,
    int maxConnections,
    boolean initialR2t,
    boolean immediateData,
    int targetMaxRecv,
    int initiatorMaxRecv,
    int maxBurst,
    int firstBurst,
    int time2Wait,
    int time2Retain,
    int maxOutstandingR2t,
    boolean dataPduInOrder,
    boolean dataSequenceInOrder,
    int errorRecoveryLevel,
    int protocolLevel) {

  /** The same with the values of another connection's own keys (RFC 7143 13, "CO"). */
  OperationalParameters withConnectionOf(OperationalParameters other) {
    return new OperationalParameters(
        other.digests,
        maxConnections,
        initialR2t,
        immediateData,
        other.targetMaxRecv,
        other.initiatorMaxRecv,
        maxBurst,
        firstBurst,
        time2Wait,
        time2Retain,
        maxOutstandingR2t,
        dataPduInOrder,
        dataSequenceInOrder,
        errorRecoveryLevel,
        protocolLevel);
  }

  private static final Set<String> NO_VALUES = Set.of("NotUnderstood", "Irrelevant", "Reject");

  /**
   * The results: what the target answered to an offer, or what the initiator answered to a target's
   * offer, else the key's default.
   */
  static OperationalParameters of(TextKeys agreed, TextKeys initiatorDeclared, TextKeys target) {
    return new OperationalParameters(
        new Digests(
            value(agreed, "HeaderDigest", "None").equals("CRC32C"),
            value(agreed, "DataDigest", "None").equals("CRC32C")),
        number(agreed, "MaxConnections", 1),
        yes(agreed, "InitialR2T", true),
        yes(agreed, "ImmediateData", true),
        number(target, "MaxRecvDataSegmentLength", 8192),
        number(initiatorDeclared, "MaxRecvDataSegmentLength", 8192),
        number(agreed, "MaxBurstLength", 262144),
        number(agreed, "FirstBurstLength", 65536),
        number(agreed, "DefaultTime2Wait", 2),
        number(agreed, "DefaultTime2Retain", 20),
        number(agreed, "MaxOutstandingR2T", 1),
        yes(agreed, "DataPDUInOrder", true),
        yes(agreed, "DataSequenceInOrder", true),
        number(agreed, "ErrorRecoveryLevel", 0),
        number(agreed, "iSCSIProtocolLevel", 1));
  }

  private static String value(TextKeys keys, String key, String byDefault) {
    return keys.first(key).filter(v -> !NO_VALUES.contains(v)).orElse(byDefault);
  }

  private static int number(TextKeys keys, String key, int byDefault) {
    return Integer.decode(value(keys, key, Integer.toString(byDefault)));
  }

  private static boolean yes(TextKeys keys, String key, boolean byDefault) {
    return value(keys, key, byDefault ? "Yes" : "No").equals("Yes");
  }
}
