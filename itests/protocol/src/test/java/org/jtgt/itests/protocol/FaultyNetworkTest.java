// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import org.jtgt.itests.initiator.LoginOptions;
import org.jtgt.itests.initiator.Lun;
import org.jtgt.itests.initiator.RecoveringSession;
import org.jtgt.itests.initiator.proxy.FaultyNetwork;
import org.jtgt.itests.initiator.proxy.NetworkFault;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A verified load over a network that loses, doubles, delays and damages PDUs, and at level 2 ends
 * connections: no byte may be wrong. {@code -Djtgt.recovery.seconds=600} is the long form.
 */
@ExtendWith(TargetUnderTest.class)
class FaultyNetworkTest {
  private static final int SECONDS = Integer.getInteger("jtgt.recovery.seconds", 4);
  private static final long SEED = Long.getLong("jtgt.recovery.seed", 7143);

  private static final Map<NetworkFault, Double> WITHIN_CONNECTION =
      Map.of(
          NetworkFault.DROP, 0.01,
          NetworkFault.DUPLICATE, 0.01,
          NetworkFault.DELAY, 0.01,
          NetworkFault.DAMAGE_DATA, 0.01);
  private static final Map<NetworkFault, Double> WHOLE_CONNECTION =
      Map.of(
          NetworkFault.DROP, 0.003,
          NetworkFault.DUPLICATE, 0.003,
          NetworkFault.DELAY, 0.003,
          NetworkFault.DAMAGE_DATA, 0.003,
          NetworkFault.DAMAGE_HEADER, 0.002,
          NetworkFault.CUT, 0.002);

  private static LoginOptions options(TestedTarget target, int level, boolean unsolicited) {
    return target
        .options()
        .with("ErrorRecoveryLevel", level)
        .with("MaxConnections", 4)
        .with("HeaderDigest", level == 2 ? "CRC32C" : "None")
        .with("DataDigest", "CRC32C")
        .with("DefaultTime2Retain", 20)
        .with("InitialR2T", unsolicited ? "No" : "Yes")
        .with("ImmediateData", unsolicited ? "Yes" : "No")
        .with("MaxRecvDataSegmentLength", 8192)
        .with("FirstBurstLength", 16384)
        .with("MaxBurstLength", 32768);
  }

  @ParameterizedTest
  @CsvSource({"1,true", "1,false", "3,true"})
  @Section("7.2.1, 7.2.2, 7.8, 7.9, 11.16")
  void at_level_1_lost_and_damaged_PDUs_leave_no_wrong_byte(
      int connections, boolean unsolicited, TestedTarget target) throws Exception {
    run(target, options(target, 1, unsolicited), connections, WITHIN_CONNECTION);
  }

  @ParameterizedTest
  @CsvSource({"1,true", "3,false"})
  @Section("7.2.2, 7.3, 7.7, 11.14, 11.5.1")
  void at_level_2_lost_connections_leave_no_wrong_byte(
      int connections, boolean unsolicited, TestedTarget target) throws Exception {
    run(target, options(target, 2, unsolicited), connections, WHOLE_CONNECTION);
  }

  private static void run(
      TestedTarget target, LoginOptions options, int connections, Map<NetworkFault, Double> faults)
      throws IOException {
    boolean level2 = faults.containsKey(NetworkFault.CUT);
    try (FaultyNetwork network = new FaultyNetwork(target.portal(), level2, true, SEED);
        RecoveringSession session =
            RecoveringSession.login(network.portal(), options, connections)) {
      assertThat(session.parameters().errorRecoveryLevel()).isEqualTo(level2 ? 2 : 1);
      VerifiedLoad load = new VerifiedLoad(session, Lun.of(target.otherDisk()), 4096, SEED);
      load.prepare();
      network.faults(faults);
      long end = System.nanoTime() + SECONDS * 1_000_000_000L;
      do {
        load.round();
      } while (System.nanoTime() < end || !happened(network, faults));
      network.faults(Map.of());
      load.readBack();
      session.logout();
      System.out.println("level " + (level2 ? 2 : 1) + ": " + load + "; " + session.counts());
    }
    target.mustServeOthers();
  }

  /** A run in which a kind of fault did not happen shows nothing about it. */
  private static boolean happened(FaultyNetwork network, Map<NetworkFault, Double> faults) {
    return faults.keySet().stream().allMatch(fault -> network.count(fault) > 0);
  }

  @Test
  @Section("7.3")
  void a_session_that_is_not_faulted_needs_no_recovery(TestedTarget target) throws Exception {
    try (RecoveringSession session =
        RecoveringSession.login(target.portal(), options(target, 2, true), 2)) {
      VerifiedLoad load = new VerifiedLoad(session, Lun.of(target.otherDisk()), 4096, SEED);
      load.prepare();
      for (int i = 0; i < 20; i++) {
        load.round();
      }
      load.readBack();
      session.logout();
      assertThat(session.counts().statusSnacks).isZero();
      assertThat(session.counts().dataSnacks).isZero();
      assertThat(session.counts().reconnections).isZero();
    }
  }
}
