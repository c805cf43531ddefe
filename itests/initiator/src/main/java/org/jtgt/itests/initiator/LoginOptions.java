// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What a login asks for. Immutable; the {@code with} methods answer changed copies.
 *
 * @param identity keys of the first request: InitiatorName, TargetName, SessionType and what else a
 *     test adds
 * @param authMethod the AuthMethod list; empty starts at the operational stage (RFC 7143 6.3.1)
 * @param chap needed if the target may choose CHAP
 * @param operational keys offered in the operational stage, in this order
 * @param isid 48 bits (RFC 7143 11.12.5)
 * @param tsih 0 for a new session (RFC 7143 11.12.6)
 * @param cmdSn initial CmdSN
 * @param maxRequestBytes data segment of one login request; longer texts are split with the C bit,
 *     1..8192 (RFC 7143 13.12: the default segment length holds during login)
 */
public record LoginOptions(
    TextKeys identity,
    List<String> authMethod,
    Optional<Chap.Credentials> chap,
    TextKeys operational,
    long isid,
    int tsih,
    int cid,
    int cmdSn,
    int maxRequestBytes) {

  /** MaxRecvDataSegmentLength that is declared unless a test says otherwise. */
  public static final int DEFAULT_MAX_RECV = 1 << 18;

  /** The operational keys that belong to a connection (RFC 7143 13). */
  private static final Set<String> CONNECTION_KEYS =
      Set.of("HeaderDigest", "DataDigest", "MaxRecvDataSegmentLength");

  /** A normal session with AuthMethod=None, error recovery level 0 and a random ISID. */
  public static LoginOptions normal(String initiator, String target) {
    TextKeys identity =
        TextKeys.of("InitiatorName", initiator, "TargetName", target, "SessionType", "Normal");
    TextKeys operational =
        TextKeys.of(
            "HeaderDigest", "None",
            "DataDigest", "None",
            "MaxConnections", "1",
            "InitialR2T", "Yes",
            "ImmediateData", "Yes",
            "MaxRecvDataSegmentLength", Integer.toString(DEFAULT_MAX_RECV),
            "MaxBurstLength", "262144",
            "FirstBurstLength", "65536",
            "DefaultTime2Wait", "0",
            "DefaultTime2Retain", "0",
            "MaxOutstandingR2T", "1",
            "DataPDUInOrder", "Yes",
            "DataSequenceInOrder", "Yes",
            "ErrorRecoveryLevel", "0");
    return new LoginOptions(
        identity, List.of("None"), Optional.empty(), operational, randomIsid(), 0, 1, 1, 8192);
  }

  /** A discovery session (RFC 7143 4.3); keys that it finds irrelevant are left out. */
  public static LoginOptions discovery(String initiator) {
    TextKeys identity = TextKeys.of("InitiatorName", initiator, "SessionType", "Discovery");
    TextKeys operational =
        TextKeys.of(
            "HeaderDigest", "None",
            "DataDigest", "None",
            "MaxRecvDataSegmentLength", Integer.toString(DEFAULT_MAX_RECV),
            "DefaultTime2Wait", "0",
            "DefaultTime2Retain", "0",
            "ErrorRecoveryLevel", "0");
    return new LoginOptions(
        identity, List.of("None"), Optional.empty(), operational, randomIsid(), 0, 1, 1, 8192);
  }

  /** An ISID of the random kind (T = 10b, RFC 7143 11.12.5), so that sessions do not collide. */
  public static long randomIsid() {
    return 0x80L << 40 | ThreadLocalRandom.current().nextLong(1L << 40);
  }

  public String sessionType() {
    return identity.first("SessionType").orElse("Normal");
  }

  /** Sets one operational key. */
  public LoginOptions with(String key, Object value) {
    return withOperational(operational.set(key, value.toString()));
  }

  public LoginOptions without(String key) {
    return withIdentity(identity.without(key)).withOperational(operational.without(key));
  }

  public LoginOptions withOperational(TextKeys keys) {
    return new LoginOptions(
        identity, authMethod, chap, keys, isid, tsih, cid, cmdSn, maxRequestBytes);
  }

  public LoginOptions withIdentity(TextKeys keys) {
    return new LoginOptions(
        keys, authMethod, chap, operational, isid, tsih, cid, cmdSn, maxRequestBytes);
  }

  /** The AuthMethod list; none at all starts at the operational stage. */
  public LoginOptions withAuthMethod(String... methods) {
    return new LoginOptions(
        identity, List.of(methods), chap, operational, isid, tsih, cid, cmdSn, maxRequestBytes);
  }

  /** Offers CHAP alone with these credentials. */
  public LoginOptions withChap(Chap.Credentials credentials) {
    return new LoginOptions(
        identity,
        List.of("CHAP"),
        Optional.of(credentials),
        operational,
        isid,
        tsih,
        cid,
        cmdSn,
        maxRequestBytes);
  }

  public LoginOptions withIsid(long isid) {
    return new LoginOptions(
        identity, authMethod, chap, operational, isid, tsih, cid, cmdSn, maxRequestBytes);
  }

  public LoginOptions withTsih(int tsih) {
    return new LoginOptions(
        identity, authMethod, chap, operational, isid, tsih, cid, cmdSn, maxRequestBytes);
  }

  public LoginOptions withCid(int cid) {
    return new LoginOptions(
        identity, authMethod, chap, operational, isid, tsih, cid, cmdSn, maxRequestBytes);
  }

  public LoginOptions withCmdSn(int cmdSn) {
    return new LoginOptions(
        identity, authMethod, chap, operational, isid, tsih, cid, cmdSn, maxRequestBytes);
  }

  /** For a further connection of a session: only the keys of a connection are offered. */
  public LoginOptions joining(int sessionTsih, int newCid, int nextCmdSn) {
    TextKeys own = TextKeys.EMPTY;
    for (TextKeys.Pair pair : operational.pairs()) {
      if (CONNECTION_KEYS.contains(pair.key())) {
        own = own.plus(pair.key(), pair.value());
      }
    }
    return withOperational(own).withTsih(sessionTsih).withCid(newCid).withCmdSn(nextCmdSn);
  }

  public LoginOptions withMaxRequestBytes(int bytes) {
    return new LoginOptions(identity, authMethod, chap, operational, isid, tsih, cid, cmdSn, bytes);
  }
}
