// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.ScsiResult;
import org.jtgt.itests.initiator.Sense;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The command sequences of Windows, ESXi, Hyper-V, Linux and its multipath-tools, replayed: this is
 * not a test with these systems. What cluster software sends is in {@link ClusterReplayTest}.
 */
@ExtendWith(DaemonUnderTest.class)
class ProbeReplayTest {

  @AfterEach
  void leaveNoReservation(Daemon daemon) throws Exception {
    Host.clearReservations(daemon, Daemon.DISK);
  }

  @ParameterizedTest
  @Section("probes.tsv")
  @ValueSource(strings = {"windows", "esxi", "hyper-v", "linux", "multipath"})
  void the_questions_about_a_new_disk_are_answered(String initiator, Daemon daemon)
      throws Exception {
    try (Host host = Host.of(daemon, Daemon.DISK)) {
      List<String> wrong = new ArrayList<>();
      int steps = 0;
      for (String[] step : probes(initiator)) {
        steps++;
        int bytes = Integer.parseInt(step[3]);
        byte[] cdb = Host.hex(step[2]);
        ScsiResult result = bytes > 0 ? host.disk().in(cdb, bytes) : host.disk().none(cdb);
        boolean refused =
            result.status() == ScsiResult.CHECK_CONDITION
                && result.sense().orElseThrow().key() == Sense.ILLEGAL_REQUEST;
        if (!result.isGood() && !(refused && step[4].equals("either"))) {
          wrong.add(step[1] + ": " + result);
        }
      }
      assertThat(wrong).isEmpty();
      assertThat(steps).isGreaterThan(10);
    }
  }

  private static List<String[]> probes(String initiator) throws Exception {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                ProbeReplayTest.class.getResourceAsStream("probes.tsv"), StandardCharsets.UTF_8))) {
      return reader
          .lines()
          .filter(line -> line.startsWith(initiator + "\t"))
          .map(line -> line.split("\t"))
          .toList();
    }
  }

  @Test
  @Section("Windows Failover Clustering: Validate SCSI-3 Persistent Reservation, Disk Arbitration")
  void the_storage_tests_of_a_windows_cluster(Daemon daemon) throws Exception {
    try (Host one = Host.of(daemon, Daemon.DISK);
        Host two = Host.of(daemon, Daemon.DISK)) {
      long key1 = 0x0000_7a5a_0001_734dL;
      long key2 = 0x0000_7a5a_0002_734dL;
      // Each node registers, with a key of its own, and may do so again.
      one.reserveOut(Host.REGISTER_AND_IGNORE, 0, 0, key1).requireGood();
      one.reserveOut(Host.REGISTER_AND_IGNORE, 0, 0, key1).requireGood();
      one.reserveOut(Host.RESERVE, Host.WRITE_EXCLUSIVE_RO, key1, 0).requireGood();
      // The other may read but not write, reserve or release.
      two.disk().in(Cdb.read10(0, 1), 512).requireGood();
      Host.requireConflict(two.disk().out(Cdb.write10(2048, 1), new byte[512]));
      two.reserveOut(Host.REGISTER_AND_IGNORE, 0, 0, key2).requireGood();
      Host.requireConflict(two.reserveOut(Host.RESERVE, Host.WRITE_EXCLUSIVE_RO, key2, 0));
      // Arbitration: the challenger preempts a defender that does not renew; the defender is out.
      assertThat(two.keys()).containsExactlyInAnyOrder(key1, key2);
      assertThat(two.reservation()).containsExactly(key1, 5L);
      two.reserveOut(Host.PREEMPT, Host.WRITE_EXCLUSIVE_RO, key2, key1).requireGood();
      assertThat(two.reservation()).containsExactly(key2, 5L);
      assertThat(one.attentions()).containsExactly(0x2a05);
      Host.requireConflict(one.disk().out(Cdb.write10(2048, 1), new byte[512]));
      Host.requireConflict(one.reserveOut(Host.RESERVE, Host.WRITE_EXCLUSIVE_RO, key1, 0));
      // It comes back as a registrant and may write.
      one.reserveOut(Host.REGISTER_AND_IGNORE, 0, 0, key1).requireGood();
      one.disk().out(Cdb.write10(2048, 1), new byte[512]).requireGood();
      two.reserveOut(Host.RELEASE, Host.WRITE_EXCLUSIVE_RO, key2, 0).requireGood();
      assertThat(one.attentions()).containsExactly(0x2a04);
      // Pulled by its cluster, a disk is cleared.
      two.reserveOut(Host.CLEAR, 0, key2, 0).requireGood();
      assertThat(one.attentions()).containsExactly(0x2a03);
      assertThat(one.keys()).isEmpty();
    }
  }

  @Test
  @Section("Windows Failover Clustering with MPIO: one key through each path")
  void a_windows_cluster_node_with_two_paths(Daemon daemon) throws Exception {
    String name = Host.freshName();
    try (Host path1 = Host.of(daemon, Daemon.DISK, Daemon.FIRST, name, UnaryOperator.identity());
        Host path2 = Host.of(daemon, Daemon.DISK, Daemon.SECOND, name, UnaryOperator.identity())) {
      path1.register(0x77);
      path2.register(0x77);
      path1.reserve(Host.WRITE_EXCLUSIVE_RO, 0x77);
      path2.disk().out(Cdb.write10(2049, 1), new byte[512]).requireGood();
      assertThat(path1.keys()).containsExactly(0x77L, 0x77L);
      // Cluster Shared Volumes: released through the path that holds it, taken through the other.
      path1.reserveOut(Host.PREEMPT, Host.WRITE_EXCLUSIVE_RO, 0x77, 0x77).requireGood();
      assertThat(path1.reservation()).containsExactly(0x77L, 5L);
    }
  }

  @Test
  @Section("VMware VAAI: ATS, SBC-3 5.2")
  void an_ESXi_heartbeat_with_ATS(Daemon daemon) throws Exception {
    try (Host one = Host.of(daemon, Daemon.DISK);
        Host two = Host.of(daemon, Daemon.DISK)) {
      long lba = 3072;
      byte[] free = new byte[512];
      one.disk().write(lba, free, 512);
      byte[] mine = filled(512, 0x11);
      byte[] theirs = filled(512, 0x22);
      one.disk().out(Cdb.compareAndWrite(lba, 1), both(free, mine)).requireGood();
      Host.requireCheck(
          two.disk().out(Cdb.compareAndWrite(lba, 1), both(free, theirs)),
          Sense.MISCOMPARE,
          0x1d00);
      assertThat(two.disk().read(lba, 1, 512)).isEqualTo(mine);
      one.disk().out(Cdb.compareAndWrite(lba, 1), both(mine, free)).requireGood();
      two.disk().out(Cdb.compareAndWrite(lba, 1), both(free, theirs)).requireGood();
    }
  }

  @Test
  @Section("VMware VAAI: block zeroing and UNMAP, SBC-3 5.43, 5.28")
  void an_ESXi_zeroing_and_reclaiming(Daemon daemon) throws Exception {
    try (Host host = Host.of(daemon, Daemon.DISK)) {
      long lba = 16384;
      host.disk().write(lba, filled(4096 * 512 / 4, 0x5a), 512);
      // 1 MiB of zeros, without UNMAP.
      host.disk().out(Cdb.writeSame16(lba, 2048), new byte[512]).requireGood();
      assertThat(host.disk().read(lba, 2048, 512)).containsOnly(0);
      host.disk().write(lba, filled(1 << 20, 0x5b), 512);
      byte[] list = Cdb.unmapParameters(lba, 1024, lba + 1024, 1024);
      host.disk().out(Cdb.unmap(list.length), list).requireGood();
      byte[] status = host.disk().in(Cdb.getLbaStatus(lba, 24), 24).requireGood().data();
      assertThat(status[20] & 0x0f).as("deallocated").isEqualTo(1);
      assertThat(host.disk().read(lba, 2048, 512)).containsOnly(0);
    }
  }

  @Test
  @Section("VMware VAAI: full copy (XCOPY), SPC-4 6.4, 6.5, 6.18")
  void an_ESXi_clone_with_EXTENDED_COPY(Daemon daemon) throws Exception {
    try (Host host = Host.of(daemon, Daemon.DISK);
        Host other = Host.of(daemon, Daemon.OTHER)) {
      new Claims(host).assume(0x83, 0x00);
      byte[] parameters =
          host.in("84 03 00 00 00 00 00 00 00 00 00 00 10 00 00 00", 4096).requireGood().data();
      ByteBuffer limits = ByteBuffer.wrap(parameters);
      assertThat(limits.getShort(8) & 0xffff).as("MAXIMUM CSCD COUNT").isGreaterThan(1);
      assertThat(limits.getShort(10) & 0xffff).as("MAXIMUM SEGMENT COUNT").isPositive();
      byte[] data = new byte[1 << 20];
      for (int i = 0; i < data.length; i++) {
        data[i] = (byte) (i * 31 + i / 512);
      }
      host.disk().write(20480, data, 512);
      other.disk().write(40960, new byte[data.length], 512);
      byte[] list = CopyLists.extendedCopy(host.disk(), 20480, other.disk(), 40960, 2048);
      ByteBuffer cdb = ByteBuffer.allocate(16).put(0, (byte) 0x83).putInt(10, list.length);
      host.disk().out(cdb.array(), list).requireGood();
      assertThat(other.disk().read(40960, 2048, 512)).isEqualTo(data);
    }
  }

  @Test
  @Section("Windows ODX: SBC-3 5.7, 5.48, SPC-4 6.28, 7.8.17")
  void an_offloaded_data_transfer_of_windows(Daemon daemon) throws Exception {
    try (Host host = Host.of(daemon, Daemon.DISK);
        Host other = Host.of(daemon, Daemon.OTHER)) {
      new Claims(host).assume(0x83, 0x10);
      byte[] page = InquiryTest.vpd(host.disk(), 0x8f);
      assertThat(page.length - 4).as("Windows wants 24h at least").isGreaterThanOrEqualTo(0x24);
      assertThat(ByteBuffer.wrap(page).getShort(4))
          .as("Block Device ROD Token Limits comes first")
          .isZero();
      byte[] data = filled(256 * 512, 0x3d);
      host.disk().write(24576, data, 512);
      other.disk().write(50000, new byte[data.length], 512);
      int list = 0x4f445801;
      byte[] populate = CopyLists.populateToken(24576, 256);
      host.disk().out(CopyLists.cdb(0x10, list, populate.length), populate).requireGood();
      byte[] token = CopyLists.token(host.disk(), list);
      byte[] write = CopyLists.writeUsingToken(token, 50000, 256);
      other.disk().out(CopyLists.cdb(0x11, list + 1, write.length), write).requireGood();
      assertThat(CopyLists.status(other.disk(), list + 1)).as("COPY OPERATION STATUS").isEqualTo(1);
      assertThat(other.disk().read(50000, 256, 512)).isEqualTo(data);
      // A token of somebody's own making is worth nothing.
      token[100] ^= 0x01;
      byte[] forged = CopyLists.writeUsingToken(token, 50000, 256);
      ScsiResult refused = other.disk().out(CopyLists.cdb(0x11, list + 2, forged.length), forged);
      assertThat(refused.sense().orElseThrow().key()).isEqualTo(Sense.ILLEGAL_REQUEST);
      assertThat(refused.sense().orElseThrow().asc()).as("INVALID TOKEN OPERATION").isEqualTo(0x23);
    }
  }

  @Test
  @Section("SBC-3 4.28.4 (block device zero ROD token)")
  void the_zero_token_of_windows_writes_zeros(Daemon daemon) throws Exception {
    try (Host host = Host.of(daemon, Daemon.DISK)) {
      Claims claims = new Claims(host);
      claims.assume(0x83, 0x11);
      host.disk().write(30000, filled(64 * 512, 0x66), 512);
      byte[] token = new byte[512];
      ByteBuffer.wrap(token).putInt(0, 0xffff0001).putShort(6, (short) 0x01f8);
      byte[] write = CopyLists.writeUsingToken(token, 30000, 64);
      ScsiResult result = host.disk().out(CopyLists.cdb(0x11, 0x5a01, write.length), write);
      assumeTrue(
          result.isGood() || result.sense().orElseThrow().asc() != 0x23, "no zero token offered");
      result.requireGood();
      assertThat(host.disk().read(30000, 64, 512)).containsOnly(0);
    }
  }

  private static byte[] filled(int bytes, int value) {
    byte[] data = new byte[bytes];
    Arrays.fill(data, (byte) value);
    return data;
  }

  private static byte[] both(byte[] compare, byte[] write) {
    return ByteBuffer.allocate(compare.length + write.length).put(compare).put(write).array();
  }
}
