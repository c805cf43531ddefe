// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.text;

/**
 * The operational parameters in force (RFC 7143 clause 13); lengths in bytes, times in seconds.
 *
 * @param headerDigest CRC32C on headers
 * @param dataDigest CRC32C on data segments
 * @param maxConnections connections allowed in the session
 * @param initialR2t no unsolicited Data-Out PDUs
 * @param immediateData data in SCSI Command PDUs is allowed
 * @param initiatorMaxRecvDataSegmentLength largest data segment the initiator takes
 * @param targetMaxRecvDataSegmentLength largest data segment the target takes
 * @param maxBurstLength largest Data-In or solicited Data-Out sequence
 * @param firstBurstLength most unsolicited data of a command
 * @param defaultTime2Wait time before reconnecting
 * @param defaultTime2Retain time that tasks are kept
 * @param maxOutstandingR2t R2Ts of one task that may be open at once
 * @param dataPduInOrder Data PDUs of a sequence come by increasing offset
 * @param dataSequenceInOrder sequences come by increasing offset
 * @param errorRecoveryLevel 0 to 2
 * @param protocolLevel iSCSIProtocolLevel (RFC 7144)
 */
public record Parameters(
    boolean headerDigest,
    boolean dataDigest,
    int maxConnections,
    boolean initialR2t,
    boolean immediateData,
    int initiatorMaxRecvDataSegmentLength,
    int targetMaxRecvDataSegmentLength,
    int maxBurstLength,
    int firstBurstLength,
    int defaultTime2Wait,
    int defaultTime2Retain,
    int maxOutstandingR2t,
    boolean dataPduInOrder,
    boolean dataSequenceInOrder,
    int errorRecoveryLevel,
    int protocolLevel) {

  /** CRC32C as a digest's name (RFC 7143 13.1). */
  public static final String CRC32C = "CRC32C";

  /** Collects the results of a negotiation. */
  public static Parameters of(Negotiator negotiator, int targetMaxRecvDataSegmentLength) {
    int maxBurst = number(negotiator, Key.MAX_BURST_LENGTH);
    return new Parameters(
        negotiator.result(Key.HEADER_DIGEST).equals(CRC32C),
        negotiator.result(Key.DATA_DIGEST).equals(CRC32C),
        number(negotiator, Key.MAX_CONNECTIONS),
        yes(negotiator, Key.INITIAL_R2T),
        yes(negotiator, Key.IMMEDIATE_DATA),
        number(negotiator, Key.MAX_RECV_DATA_SEGMENT_LENGTH),
        targetMaxRecvDataSegmentLength,
        maxBurst,
        Math.min(maxBurst, number(negotiator, Key.FIRST_BURST_LENGTH)),
        number(negotiator, Key.DEFAULT_TIME2WAIT),
        number(negotiator, Key.DEFAULT_TIME2RETAIN),
        number(negotiator, Key.MAX_OUTSTANDING_R2T),
        yes(negotiator, Key.DATA_PDU_IN_ORDER),
        yes(negotiator, Key.DATA_SEQUENCE_IN_ORDER),
        number(negotiator, Key.ERROR_RECOVERY_LEVEL),
        number(negotiator, Key.ISCSI_PROTOCOL_LEVEL));
  }

  /** The same with the values of another connection's own keys (RFC 7143 clause 13, "CO"). */
  public Parameters withConnectionParametersOf(Parameters other) {
    return new Parameters(
        other.headerDigest,
        other.dataDigest,
        maxConnections,
        initialR2t,
        immediateData,
        other.initiatorMaxRecvDataSegmentLength,
        other.targetMaxRecvDataSegmentLength,
        maxBurstLength,
        firstBurstLength,
        defaultTime2Wait,
        defaultTime2Retain,
        maxOutstandingR2t,
        dataPduInOrder,
        dataSequenceInOrder,
        errorRecoveryLevel,
        protocolLevel);
  }

  /** The same with a length that the initiator declared anew (RFC 7143 13.12). */
  public Parameters withInitiatorMaxRecvDataSegmentLength(int bytes) {
    return new Parameters(
        headerDigest,
        dataDigest,
        maxConnections,
        initialR2t,
        immediateData,
        bytes,
        targetMaxRecvDataSegmentLength,
        maxBurstLength,
        firstBurstLength,
        defaultTime2Wait,
        defaultTime2Retain,
        maxOutstandingR2t,
        dataPduInOrder,
        dataSequenceInOrder,
        errorRecoveryLevel,
        protocolLevel);
  }

  private static int number(Negotiator negotiator, Key key) {
    return Integer.parseInt(negotiator.result(key));
  }

  private static boolean yes(Negotiator negotiator, Key key) {
    return negotiator.result(key).equals(TextValue.YES);
  }
}
