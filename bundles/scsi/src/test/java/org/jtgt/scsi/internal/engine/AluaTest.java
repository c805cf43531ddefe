// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.jtgt.scsi.ScsiStatus.GOOD;

import java.util.List;
import org.jtgt.scsi.ScsiPort;
import org.jtgt.scsi.device.AccessState;
import org.jtgt.scsi.device.UnitMemory;
import org.junit.jupiter.api.Test;

/** Asymmetric logical unit access (SPC-4 5.15.2) over two target ports of one target. */
class AluaTest {
  private static final ScsiPort SECOND =
      new ScsiPort("iqn.2026-11.org.jtgt:t", "iqn.2026-11.org.jtgt:t,t,0x0002", 5, "");
  private static final String REPORT = "A3 0A 00 00 00 00 00000400 00 00";

  private final UnitMemory memory = UnitMemory.ofProcess();

  private Bench bench() {
    Bench bench = new Bench(memory);
    bench.engine.addStore("store0", new MemoryStore(100 * 512));
    bench.clearAttentions(bench.nexus);
    return bench;
  }

  private static Nexus connectSecond(Bench bench) {
    String name = "iqn.2026-11.org.jtgt.test:a";
    Nexus nexus = bench.target.connect(Bench.initiatorPort(name), SECOND, () -> {});
    bench.clearAttentions(nexus);
    return nexus;
  }

  private static Engine.GroupHandle group(Bench bench, AccessState state, boolean explicit) {
    return bench.engine.addPortGroup("", 2, List.of("*,t,0x0002"), state, false, explicit);
  }

  private static FakeCommand set(int state, int id) {
    byte[] list = {0, 0, 0, 0, (byte) state, 0, (byte) (id >> 8), (byte) id};
    return FakeCommand.of("A4 0A 00 00 00 00 00000008 00 00").sends(list);
  }

  private static String report(Bench bench) {
    return Bench.hex(bench.runIn(REPORT, 1024).data());
  }

  @Test
  void withoutConfigurationThereIsOneGroupThatIsActive() {
    try (Bench bench = bench()) {
      assertThat(report(bench)).isEqualTo("0000000C" + "00CF000100000001" + "00000001");
      byte[] inquiry = bench.runIn("12 00 00 00 60 00", 96).data();
      assertThat(inquiry[5] & 0x30).isEqualTo(0x10);
      assertThat(bench.run(set(2, 1)).sense()).isEqualTo("5/26/00");
    }
  }

  @Test
  void portsAreReportedInTheirGroupsBeforeAnyoneCameThroughThem() {
    try (Bench bench = bench()) {
      group(bench, AccessState.STANDBY, false);
      bench.clearAttentions(bench.nexus);
      bench.target.offeredAt(List.of(Bench.TARGET_PORT, SECOND));
      // The SCSI Ports page has changed.
      assertThat(bench.run("00").sense()).isEqualTo("6/3F/03");
      assertThat(Bench.hex(bench.runIn("12 01 88 04 00 00", 1024).data()))
          .contains("00000001", "00000002");
      bench.target.offeredAt(List.of(SECOND));
      assertThat(bench.run("00").status()).isEqualTo(GOOD);
      assertThat(report(bench))
          .isEqualTo(
              "00000018" + "00CF000100000001" + "00000001" + "02CF000200000001" + "00000002");
      assertThat(Bench.hex(bench.runIn("A3 2A 00 00 00 00 00000400 00 00", 1024).data()))
          .startsWith("0000001C" + "10000000" + "00CF0001");
    }
  }

  @Test
  void aPortThatIsOfferedNoMoreIsKnownUntilItsLastNexusEnds() {
    try (Bench bench = bench()) {
      bench.target.offeredAt(List.of(Bench.TARGET_PORT, SECOND));
      Nexus second = connectSecond(bench);
      bench.target.offeredAt(List.of(Bench.TARGET_PORT));
      bench.clearAttentions(bench.nexus);
      String both = "00000010" + "00CF000100000002" + "00000001" + "00000002";
      assertThat(report(bench)).isEqualTo(both);

      second.close(() -> {});

      assertThat(bench.run("00").sense()).isEqualTo("6/3F/03");
      assertThat(report(bench)).isEqualTo("0000000C" + "00CF000100000001" + "00000001");
    }
  }

  @Test
  void aPortThatIsOfferedStaysKnownWhenItsLastNexusEnds() {
    try (Bench bench = bench()) {
      bench.target.offeredAt(List.of(Bench.TARGET_PORT, SECOND));
      Nexus second = connectSecond(bench);
      bench.clearAttentions(bench.nexus);

      second.close(() -> {});

      assertThat(bench.run("00").status()).isEqualTo(GOOD);
      assertThat(report(bench))
          .isEqualTo("00000010" + "00CF000100000002" + "00000001" + "00000002");
    }
  }

  @Test
  void eachStateLetsThroughWhatTheStandardSays() {
    try (Bench bench = bench()) {
      Nexus second = connectSecond(bench);
      Object[][] states = {
        {AccessState.ACTIVE_NON_OPTIMIZED, null, true, true},
        {AccessState.STANDBY, "2/04/0B", true, true},
        {AccessState.UNAVAILABLE, "2/04/0C", false, true},
        {AccessState.OFFLINE, "2/04/12", false, true},
        {AccessState.TRANSITIONING, "2/04/0A", false, true},
      };
      Engine.GroupHandle handle = group(bench, AccessState.ACTIVE_OPTIMIZED, false);
      for (Object[] row : states) {
        handle =
            bench.engine.changePortGroup(
                handle, 2, List.of("*,t,0x0002"), (AccessState) row[0], false, false);
        bench.clearAttentions(second);
        bench.clearAttentions(bench.nexus);
        FakeCommand read = bench.run(second, Bench.read10Command(0, 1));
        FakeCommand ready = bench.run(second, FakeCommand.of("00"));
        if (row[1] == null) {
          assertThat(read.status()).isEqualTo(GOOD);
          assertThat(ready.status()).isEqualTo(GOOD);
        } else {
          assertThat(read.sense()).isEqualTo(row[1]);
          assertThat(ready.sense()).isEqualTo(row[1]);
        }
        FakeCommand reserveIn =
            bench.run(second, FakeCommand.of("5E 00 00 00 00 00 00 01 00 00").expectsIn(256));
        assertThat(reserveIn.status() == GOOD).as("%s", row[0]).isEqualTo(row[2]);
        assertThat(bench.run(second, FakeCommand.of("12 00 00 00 60 00").expectsIn(96)).status())
            .isEqualTo(GOOD);
        assertThat(bench.run(second, FakeCommand.of(REPORT).expectsIn(1024)).status() == GOOD)
            .isEqualTo(row[3]);
        // The other port's group is not concerned.
        assertThat(bench.read10(0, 1).status()).isEqualTo(GOOD);
      }
    }
  }

  @Test
  void aChangeByTheOperatorIsToldToEveryNexusWithItsCause() {
    try (Bench bench = bench()) {
      Nexus second = connectSecond(bench);
      Engine.GroupHandle handle = group(bench, AccessState.ACTIVE_OPTIMIZED, false);
      bench.clearAttentions(second);
      bench.clearAttentions(bench.nexus);
      bench.engine.changePortGroup(
          handle, 2, List.of("*,t,0x0002"), AccessState.STANDBY, true, false);
      assertThat(bench.run(FakeCommand.of("00")).sense()).isEqualTo("6/2A/06");
      assertThat(bench.run(second, FakeCommand.of("00")).sense()).isEqualTo("6/2A/06");
      // PREF, standby; STATUS CODE 2
      assertThat(report(bench)).contains("82CF0002" + "00020001");
    }
  }

  @Test
  void setTargetPortGroupsChangesAndKeepsTheStateUntilTheOperatorSetsAnother() {
    try (Bench bench = bench()) {
      Nexus second = connectSecond(bench);
      group(bench, AccessState.STANDBY, true);
      bench.clearAttentions(second);
      bench.clearAttentions(bench.nexus);
      assertThat(bench.runIn("12 00 00 00 60 00", 96).data()[5] & 0x30).isEqualTo(0x30);
      assertThat(bench.run(second, set(0, 2)).status()).isEqualTo(GOOD);
      assertThat(bench.run(FakeCommand.of("00")).sense()).isEqualTo("6/2A/06");
      assertThat(bench.run(second, Bench.read10Command(0, 1)).status()).isEqualTo(GOOD);
      assertThat(report(bench)).contains("00CF0002" + "00010001");
      assertThat(bench.run(set(0xF, 2)).sense()).isEqualTo("5/26/00");
      assertThat(bench.run(set(0, 3)).sense()).isEqualTo("5/26/00");
    }
    try (Bench bench = bench()) {
      Nexus second = connectSecond(bench);
      Engine.GroupHandle handle = group(bench, AccessState.STANDBY, true);
      bench.clearAttentions(second);
      assertThat(bench.run(second, Bench.read10Command(0, 1)).status()).isEqualTo(GOOD);
      bench.engine.changePortGroup(
          handle, 2, List.of("*,t,0x0002"), AccessState.UNAVAILABLE, false, true);
      bench.clearAttentions(second);
      assertThat(bench.run(second, Bench.read10Command(0, 1)).sense()).isEqualTo("2/04/0C");
    }
  }

  @Test
  void twoGroupsCannotHaveOneIdentifier() {
    try (Bench bench = bench()) {
      group(bench, AccessState.STANDBY, false);
      assertThatThrownBy(() -> group(bench, AccessState.STANDBY, false))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("id=2");
    }
  }

  @Test
  void relativePortIdentifiersAreTheSameAfterARestartWhateverComesFirst() {
    int first;
    int second;
    try (Bench bench = bench()) {
      first = bench.nexus.relativePort();
      second = connectSecond(bench).relativePort();
    }
    assertThat(second).isNotEqualTo(first);
    try (Bench bench = new Bench(memory)) {
      bench.target.offeredAt(List.of(SECOND));
      assertThat(connectSecond(bench).relativePort()).isEqualTo(second);
      assertThat(bench.connect("z").relativePort()).isEqualTo(first);
    }
  }
}
