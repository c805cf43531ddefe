// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jtgt.iscsi.net.Transport;
import org.jtgt.iscsi.text.Key;
import org.jtgt.state.StateRow;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a changed configuration of the transport does, key by key. */
class ChangedTransportTest {
  private final Map<String, Object> present =
      new HashMap<>(
          Map.of("transport", "nio", "threads", 1, "loginSeconds", 7, "maxBurstLength", 4096));
  private final IscsiTransport transport =
      new IscsiTransport(new AccessControl(), Fakes.config(IscsiConfig.class, present));

  @AfterEach
  void end() {
    transport.deactivate();
  }

  private void change(String key, Object value) {
    Map<String, Object> wanted = new HashMap<>(present);
    wanted.put("loginSeconds", 8);
    wanted.put(key, value);
    transport.modified(Fakes.config(IscsiConfig.class, wanted));
  }

  private Map<String, Object> row() {
    StateRow row = new TransportRows(transport).rows().getFirst();
    assertThat(row.pid()).isEqualTo("org.jtgt.iscsi");
    return row.values();
  }

  record Wrong(String key, Object value, String told) {}

  static List<Wrong> wrong() {
    return List.of(
        new Wrong("transport", "tcp", "transport: tcp; allowed: auto, epoll, nio"),
        new Wrong("threads", 257, "threads: 257; allowed: 0 to 256"),
        new Wrong("threads", -1, "threads: -1; allowed: 0 to 256"),
        new Wrong("busyPollMicros", 1_000_001, "busyPollMicros: 1000001; allowed: 0 to 1000000"),
        new Wrong("commandWindow", 0, "commandWindow: 0; allowed: 1 to 4096"),
        new Wrong("maxCommands", 0, "maxCommands: 0; allowed: 1 to 65536"),
        new Wrong("unsolicitedBytes", 1, "unsolicitedBytes: 1; allowed: 65536 to 1073741824"),
        new Wrong("solicitedBytes", 65535, "solicitedBytes: 65535; allowed: 65536 to 1073741824"),
        new Wrong("loginSeconds", 0, "loginSeconds: 0; allowed: 1 to 3600"),
        new Wrong("keepAliveSeconds", -1, "keepAliveSeconds: -1; allowed: 0 to 3600"),
        new Wrong("keepAliveTimeoutSeconds", 0, "keepAliveTimeoutSeconds: 0; allowed: 1 to 3600"),
        new Wrong("logoutSeconds", 61, "logoutSeconds: 61; allowed: 0 to 60"),
        new Wrong("recoveryMilliseconds", 49, "recoveryMilliseconds: 49; allowed: 50 to 60000"),
        new Wrong(
            "maxRecvDataSegmentLength",
            511,
            "maxRecvDataSegmentLength: 511; allowed: 512 to 16777215"),
        new Wrong("maxBurstLength", 511, "maxBurstLength: 511; allowed: 512 to 16777215"),
        new Wrong(
            "firstBurstLength", 1 << 24, "firstBurstLength: 16777216; allowed: 512 to 16777215"),
        new Wrong("maxOutstandingR2T", 0, "maxOutstandingR2T: 0; allowed: 1 to 65535"),
        new Wrong("maxConnections", 65, "maxConnections: 65; allowed: 1 to 64"),
        new Wrong("errorRecoveryLevel", 3, "errorRecoveryLevel: 3; allowed: 0 to 2"),
        new Wrong("defaultTime2Wait", 3601, "defaultTime2Wait: 3601; allowed: 0 to 3600"),
        new Wrong("defaultTime2Retain", -1, "defaultTime2Retain: -1; allowed: 0 to 3600"),
        new Wrong("headerDigest", new String[] {"MD5"}, "headerDigest: MD5; allowed: None, CRC32C"),
        new Wrong("dataDigest", new String[] {"crc"}, "dataDigest: crc; allowed: None, CRC32C"),
        new Wrong("auth", "yes", "auth: 'yes'; allowed: none, chap, optional, auto"),
        new Wrong(
            "discoveryAuth", "yes", "discoveryAuth: 'yes'; allowed: none, chap, optional, auto"),
        new Wrong(
            "chapAlgorithms",
            new String[] {"SHA-265"},
            "chapAlgorithms: SHA-265; allowed: MD5, SHA1, SHA-256, SHA3-256"),
        new Wrong(
            "chapAlgorithms",
            new String[0],
            "chapAlgorithms: none; allowed: MD5, SHA1, SHA-256, SHA3-256"),
        new Wrong("chapChallengeBytes", 0, "chapChallengeBytes: 0; allowed: 1 to 1024"));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void aWrongValueIsToldAndChangesNothing(Wrong wrong) {
    change(wrong.key(), wrong.value());

    assertThat(row()).containsEntry("state", "failed").containsEntry("reason", wrong.told());
    assertThat(transport.settings().loginSeconds()).isEqualTo(7);
    assertThat(transport.settings().ownValues()).containsEntry(Key.MAX_BURST_LENGTH, "4096");
  }

  @Test
  void aValueThatWasPutRightIsInForceAndNothingIsToldAnyMore() {
    change("maxBurstLength", 1);
    change("maxBurstLength", 8192);

    assertThat(row()).doesNotContainKeys("state", "reason");
    assertThat(transport.settings().loginSeconds()).isEqualTo(8);
    assertThat(transport.settings().ownValues()).containsEntry(Key.MAX_BURST_LENGTH, "8192");
  }

  @Test
  void whatOnlyAStartTakesOverIsToldAndAllElseIsInForce() {
    change("threads", 2);

    assertThat(row())
        .doesNotContainKey("state")
        .containsEntry(
            "reason", "threads: in force from the next start on; all sessions would end for it")
        .containsEntry("loops", "nio x 1");
    assertThat(transport.settings().loginSeconds()).isEqualTo(8);

    change("threads", 1);
    assertThat(row()).doesNotContainKey("reason");
  }

  @Test
  void anotherTransportWaitsForAStartUnlessItIsTheSameHere() {
    change("transport", "auto");
    String auto = Transport.nameOf(Transport.Kind.AUTO);
    assertThat(row().containsKey("reason")).isEqualTo(auto.equals("epoll"));
  }
}
