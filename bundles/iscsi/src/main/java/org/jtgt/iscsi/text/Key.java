// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.text;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The keys of RFC 7143 clause 13, of RFC 7144 clause 7, and their rules. */
public enum Key {
  /** RFC 7143 12.1. */
  AUTH_METHOD("AuthMethod", Use.SECURITY, false, false, TextValue.NONE, new Rule.Choice()),
  /** RFC 7143 13.1. */
  HEADER_DIGEST("HeaderDigest", Use.OPERATIONAL, false, false, TextValue.NONE, new Rule.Choice()),
  /** RFC 7143 13.1. */
  DATA_DIGEST("DataDigest", Use.OPERATIONAL, false, false, TextValue.NONE, new Rule.Choice()),
  /** RFC 7143 13.2. */
  MAX_CONNECTIONS("MaxConnections", Use.OPERATIONAL, true, true, "1", new Rule.Minimum(1, 65535)),
  /** RFC 7143 13.3; served by the text exchange itself. */
  SEND_TARGETS("SendTargets", Use.FULL_FEATURE, false, false, "", new Rule.Text()),
  /** RFC 7143 13.4. */
  TARGET_NAME("TargetName", Use.ANY_LOGIN, false, false, "", new Rule.Text()),
  /** RFC 7143 13.5. */
  INITIATOR_NAME("InitiatorName", Use.ANY_LOGIN, false, false, "", new Rule.Text()),
  /** RFC 7143 13.6. */
  TARGET_ALIAS("TargetAlias", Use.TARGET_ONLY, false, false, "", new Rule.Text()),
  /** RFC 7143 13.7. */
  INITIATOR_ALIAS("InitiatorAlias", Use.ANY, false, false, "", new Rule.Text()),
  /** RFC 7143 13.8. */
  TARGET_ADDRESS("TargetAddress", Use.TARGET_ONLY, false, false, "", new Rule.Text()),
  /** RFC 7143 13.9. */
  TARGET_PORTAL_GROUP_TAG(
      "TargetPortalGroupTag", Use.TARGET_ONLY, false, false, "", new Rule.Text()),
  /** RFC 7143 13.10. */
  INITIAL_R2T("InitialR2T", Use.OPERATIONAL, true, true, TextValue.YES, new Rule.Or()),
  /** RFC 7143 13.11. */
  IMMEDIATE_DATA("ImmediateData", Use.OPERATIONAL, true, true, TextValue.YES, new Rule.And()),
  /** RFC 7143 13.12. */
  MAX_RECV_DATA_SEGMENT_LENGTH(
      "MaxRecvDataSegmentLength",
      Use.ANY,
      false,
      false,
      "8192",
      new Rule.DeclaredNumber(512, 0xffffff)),
  /** RFC 7143 13.13. */
  MAX_BURST_LENGTH(
      "MaxBurstLength", Use.OPERATIONAL, true, true, "262144", new Rule.Minimum(512, 0xffffff)),
  /** RFC 7143 13.14. */
  FIRST_BURST_LENGTH(
      "FirstBurstLength", Use.OPERATIONAL, true, true, "65536", new Rule.Minimum(512, 0xffffff)),
  /** RFC 7143 13.15. */
  DEFAULT_TIME2WAIT(
      "DefaultTime2Wait", Use.OPERATIONAL, true, false, "2", new Rule.Maximum(0, 3600)),
  /** RFC 7143 13.16. */
  DEFAULT_TIME2RETAIN(
      "DefaultTime2Retain", Use.OPERATIONAL, true, false, "20", new Rule.Minimum(0, 3600)),
  /** RFC 7143 13.17. */
  MAX_OUTSTANDING_R2T(
      "MaxOutstandingR2T", Use.OPERATIONAL, true, true, "1", new Rule.Minimum(1, 65535)),
  /** RFC 7143 13.18. */
  DATA_PDU_IN_ORDER("DataPDUInOrder", Use.OPERATIONAL, true, true, TextValue.YES, new Rule.Or()),
  /** RFC 7143 13.19. */
  DATA_SEQUENCE_IN_ORDER(
      "DataSequenceInOrder", Use.OPERATIONAL, true, true, TextValue.YES, new Rule.Or()),
  /** RFC 7143 13.20. */
  ERROR_RECOVERY_LEVEL(
      "ErrorRecoveryLevel", Use.OPERATIONAL, true, false, "0", new Rule.Minimum(0, 2)),
  /** RFC 7143 13.21. */
  SESSION_TYPE("SessionType", Use.ANY_LOGIN, true, false, "Normal", new Rule.Text()),
  /** RFC 7143 13.23. */
  TASK_REPORTING("TaskReporting", Use.OPERATIONAL, true, true, "RFC3720", new Rule.Choice()),
  /** RFC 7143 13.24, RFC 7144 7.1.1. */
  ISCSI_PROTOCOL_LEVEL(
      "iSCSIProtocolLevel", Use.OPERATIONAL, true, true, "1", new Rule.Minimum(0, 31)),
  /** RFC 7143 13.25: No is one of the two allowed answers, and the one old initiators survive. */
  IF_MARKER("IFMarker", Use.OPERATIONAL, false, false, "", new Rule.Obsolete(TextValue.NO)),
  /** RFC 7143 13.25. */
  OF_MARKER("OFMarker", Use.OPERATIONAL, false, false, "", new Rule.Obsolete(TextValue.NO)),
  /** RFC 7143 13.25. */
  IF_MARK_INT("IFMarkInt", Use.OPERATIONAL, false, false, "", new Rule.Obsolete(TextValue.REJECT)),
  /** RFC 7143 13.25. */
  OF_MARK_INT("OFMarkInt", Use.OPERATIONAL, false, false, "", new Rule.Obsolete(TextValue.REJECT));

  /** When and by whom a key may be sent (RFC 7143 clause 13, "Use" and "Senders"). */
  public enum Use {
    /** The security stage. */
    SECURITY,
    /** The operational stage. */
    OPERATIONAL,
    /** Either login stage. */
    ANY_LOGIN,
    /** The full feature phase only. */
    FULL_FEATURE,
    /** Any phase. */
    ANY,
    /** Only targets send it. */
    TARGET_ONLY
  }

  private static final Map<String, Key> BY_NAME = new HashMap<>();

  static {
    for (Key key : values()) {
      BY_NAME.put(key.text, key);
    }
  }

  private final String text;
  private final Use use;
  private final boolean leadingOnly;
  private final boolean irrelevantInDiscovery;
  private final String defaultValue;
  private final Rule rule;

  Key(
      String text,
      Use use,
      boolean leadingOnly,
      boolean irrelevantInDiscovery,
      String defaultValue,
      Rule rule) {
    this.text = text;
    this.use = use;
    this.leadingOnly = leadingOnly;
    this.irrelevantInDiscovery = irrelevantInDiscovery;
    this.defaultValue = defaultValue;
    this.rule = rule;
  }

  /** The key of a name; empty for one that is not understood. */
  public static Optional<Key> of(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }

  /** The name on the wire. */
  public String text() {
    return text;
  }

  public Use use() {
    return use;
  }

  /** True for keys of the leading connection only (RFC 7143 clause 13, "LO"). */
  public boolean leadingOnly() {
    return leadingOnly;
  }

  /** True when the key means nothing in a discovery session. */
  public boolean irrelevantInDiscovery() {
    return irrelevantInDiscovery;
  }

  public String defaultValue() {
    return defaultValue;
  }

  public Rule rule() {
    return rule;
  }
}
