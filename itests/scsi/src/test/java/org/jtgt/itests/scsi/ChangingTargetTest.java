// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.itests.scsi.Host.requireCheck;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.LogicalUnit;
import org.jtgt.itests.initiator.Sense;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What initiators see when an operator changes a size or the LUNs while they are logged in. */
@ExtendWith(DaemonUnderTest.class)
class ChangingTargetTest {
  private static final int CAPACITY_DATA_HAS_CHANGED = 0x2a09;
  private static final int REPORTED_LUNS_DATA_HAS_CHANGED = 0x3f0e;
  private static final String LUNS = "0:disk,1:other,2:fourk,3:thick,4:readonly";

  @Test
  @Section("SBC-3 4.7.4, 5.16, SPC-4 5.6")
  void a_larger_disk_is_told_to_every_nexus_and_keeps_its_data(Daemon daemon) throws Exception {
    try (Host a = Host.of(daemon, Daemon.OTHER);
        Host b =
            Host.of(
                daemon, Daemon.OTHER, Daemon.SECOND, Host.freshName(), UnaryOperator.identity())) {
      byte[] mark = new byte[512];
      mark[7] = 0x5e;
      a.disk().write(100, mark, 512);
      long before = a.disk().capacity().blocks();
      daemon.size("other", (before * 512) + 16 * Daemon.MEBIBYTE);
      List<Integer> toldA = awaitAttention(a);
      List<Integer> toldB = awaitAttention(b);
      assertThat(toldA).containsExactly(CAPACITY_DATA_HAS_CHANGED);
      assertThat(toldB).containsExactly(CAPACITY_DATA_HAS_CHANGED);
      long after = a.disk().capacity().blocks();
      assertThat(after).isEqualTo(before + 16 * Daemon.MEBIBYTE / 512);
      assertThat(a.disk().read(100, 1, 512)).isEqualTo(mark);
      a.disk().write(after - 1, mark, 512);
      assertThat(b.disk().read(after - 1, 1, 512)).isEqualTo(mark);
      requireCheck(b.disk().in(Cdb.read16(after, 1), 512), Sense.ILLEGAL_REQUEST, 0x2100);
    }
  }

  @Test
  @Section("SPC-4 6.33, SAM-5 5.14.1")
  void another_LUN_is_told_to_every_nexus_and_a_removed_one_is_gone(Daemon daemon)
      throws Exception {
    try (Host a = Host.of(daemon, Daemon.DISK);
        Host b = Host.of(daemon, Daemon.DISK);
        Host c =
            Host.of(
                daemon, Daemon.DISK, Daemon.SECOND, Host.freshName(), UnaryOperator.identity())) {
      b.disk().testUnitReady().requireGood();
      daemon.luns(LUNS + ",9:disk");
      try {
        assertThat(awaitAttention(a)).containsExactly(REPORTED_LUNS_DATA_HAS_CHANGED);
        assertThat(awaitAttention(b)).containsExactly(REPORTED_LUNS_DATA_HAS_CHANGED);
        assertThat(awaitAttention(c)).containsExactly(REPORTED_LUNS_DATA_HAS_CHANGED);
        assertThat(luns(a)).containsExactly(0, 1, 2, 3, 4, 9);
        LogicalUnit added = a.session().logicalUnit(9);
        added.clearUnitAttentions();
        assertThat(added.vpd(0x83)).isEqualTo(a.disk().vpd(0x83));
      } finally {
        daemon.luns(LUNS);
      }
      assertThat(awaitAttention(a)).containsExactly(REPORTED_LUNS_DATA_HAS_CHANGED);
      // The other target too, before the next test.
      assertThat(awaitAttention(c)).containsExactly(REPORTED_LUNS_DATA_HAS_CHANGED);
      assertThat(luns(a)).containsExactly(0, 1, 2, 3, 4);
      requireCheck(a.session().logicalUnit(9).testUnitReady(), Sense.ILLEGAL_REQUEST, 0x2500);
      // The disk itself never went away.
      a.disk().read(0, 1, 512);
    }
  }

  @Test
  @Section("SPC-4 6.33 table 212")
  void SELECT_REPORT_chooses_among_well_known_and_other_units(Daemon daemon) throws Exception {
    try (Host a = Host.of(daemon, Daemon.DISK)) {
      List<Long> ordinary = reported(a, 0x00);
      List<Long> wellKnown = reported(a, 0x01);
      List<Long> all = reported(a, 0x02);
      assertThat(wellKnown).allMatch(lun -> (lun >>> 56) == 0xc1);
      assertThat(ordinary).noneMatch(lun -> (lun >>> 56) == 0xc1).hasSize(5);
      List<Long> both = new ArrayList<>(ordinary);
      both.addAll(wellKnown);
      assertThat(all).containsExactlyInAnyOrderElementsOf(both);
      requireCheck(a.disk().in(Cdb.reportLuns(0x7f, 4096), 4096), Sense.ILLEGAL_REQUEST, 0x2400);
      // SPC-4: an allocation length below 16 was an error once; now it cuts.
      byte[] cut = a.disk().in(Cdb.reportLuns(0, 8), 8).requireGood().data();
      assertThat(ByteBuffer.wrap(cut).getInt(0)).isEqualTo(40);
    }
  }

  private static List<Integer> awaitAttention(Host host) throws Exception {
    List<Integer> told = new ArrayList<>();
    Daemon.await(
        "a unit attention",
        () -> {
          told.addAll(host.attentions());
          return !told.isEmpty();
        });
    return told;
  }

  private static List<Integer> luns(Host host) throws Exception {
    return reported(host, 0).stream().map(lun -> (int) (lun >>> 48)).sorted().toList();
  }

  private static List<Long> reported(Host host, int select) throws Exception {
    byte[] data = host.disk().in(Cdb.reportLuns(select, 4096), 4096).requireGood().data();
    List<Long> luns = new ArrayList<>();
    for (int at = 8; at < data.length; at += 8) {
      luns.add(ByteBuffer.wrap(data).getLong(at));
    }
    return luns;
  }
}
