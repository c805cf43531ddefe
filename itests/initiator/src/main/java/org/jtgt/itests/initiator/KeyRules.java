// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** How each key of RFC 7143 section 13 is negotiated, so that answers can be checked and given. */
final class KeyRules {
  private enum Rule {
    LIST,
    MINIMUM,
    MAXIMUM,
    OR,
    AND
  }

  private static final Map<String, Rule> RULES =
      Map.ofEntries(
          Map.entry("HeaderDigest", Rule.LIST),
          Map.entry("DataDigest", Rule.LIST),
          Map.entry("TaskReporting", Rule.LIST),
          Map.entry("MaxConnections", Rule.MINIMUM),
          Map.entry("MaxBurstLength", Rule.MINIMUM),
          Map.entry("FirstBurstLength", Rule.MINIMUM),
          Map.entry("DefaultTime2Wait", Rule.MAXIMUM),
          Map.entry("DefaultTime2Retain", Rule.MINIMUM),
          Map.entry("MaxOutstandingR2T", Rule.MINIMUM),
          Map.entry("ErrorRecoveryLevel", Rule.MINIMUM),
          Map.entry("iSCSIProtocolLevel", Rule.MINIMUM),
          Map.entry("InitialR2T", Rule.OR),
          Map.entry("ImmediateData", Rule.AND),
          Map.entry("DataPDUInOrder", Rule.OR),
          Map.entry("DataSequenceInOrder", Rule.OR));

  private static final Set<String> DECLARED =
      Set.of(
          "MaxRecvDataSegmentLength",
          "TargetAlias",
          "InitiatorAlias",
          "TargetPortalGroupTag",
          "TargetAddress",
          "TargetName",
          "InitiatorName",
          "SessionType");

  private KeyRules() {}

  static boolean isDeclared(String key) {
    return DECLARED.contains(key);
  }

  static boolean isNegotiated(String key) {
    return RULES.containsKey(key);
  }

  private static Rule rule(String key) {
    Rule rule = RULES.get(key);
    if (rule == null) {
      throw new IllegalArgumentException(key + " is not negotiated");
    }
    return rule;
  }

  /**
   * Whether a target may answer {@code offered} with {@code answered} (RFC 7143 6.2).
   * NotUnderstood, Irrelevant and Reject are always possible answers here; a test that forbids one
   * looks itself.
   */
  static boolean mayAnswer(String key, String offered, String answered) {
    if (!isNegotiated(key) || Set.of("NotUnderstood", "Irrelevant", "Reject").contains(answered)) {
      return true;
    }
    return switch (rule(key)) {
      case LIST -> Arrays.asList(offered.split(",")).contains(answered);
      case MINIMUM -> Long.decode(answered) <= Long.decode(offered);
      case MAXIMUM -> Long.decode(answered) >= Long.decode(offered);
      case OR -> answered.equals("Yes") || offered.equals("No") && answered.equals("No");
      case AND -> answered.equals("No") || offered.equals("Yes") && answered.equals("Yes");
    };
  }

  /**
   * Whether an offer that got no answer is agreed on all the same: the result of OR with Yes and of
   * AND with No is certain (RFC 7143 6.2.2).
   */
  static boolean isCertain(String key, String offered) {
    return RULES.get(key) == Rule.OR && offered.equals("Yes")
        || RULES.get(key) == Rule.AND && offered.equals("No");
  }

  /** The answer of an initiator whose own wish is {@code own} to a target's offer. */
  static String answer(String key, String offered, String own) {
    return switch (rule(key)) {
      case LIST -> {
        List<String> mine = Arrays.asList(own.split(","));
        yield Arrays.stream(offered.split(",")).filter(mine::contains).findFirst().orElse("Reject");
      }
      case MINIMUM -> Long.toString(Math.min(Long.decode(offered), Long.decode(own)));
      case MAXIMUM -> Long.toString(Math.max(Long.decode(offered), Long.decode(own)));
      case OR -> offered.equals("Yes") || own.equals("Yes") ? "Yes" : "No";
      case AND -> offered.equals("Yes") && own.equals("Yes") ? "Yes" : "No";
    };
  }
}
