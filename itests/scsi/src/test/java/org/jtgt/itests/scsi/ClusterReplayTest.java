// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.ScsiResult;
import org.jtgt.itests.initiator.TaskFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What cluster software makes a host send to a shared disk, replayed from its public documents and
 * sources: this is not a test with that software.
 */
@ExtendWith(DaemonUnderTest.class)
class ClusterReplayTest {
  private static final int APTPL = 0x01;
  private static final long LBA = 4096;

  @AfterEach
  void leaveNoReservation(Daemon daemon) throws Exception {
    Host.clearReservations(daemon, Daemon.DISK);
  }

  private static ScsiResult write(Host host) throws Exception {
    return host.disk().out(Cdb.write10(LBA, 1), new byte[512]);
  }

  @Test
  @Section(
      "fence_scsi(8) of fence-agents: sg_persist -o -I -S KEY -Z, -R -T 5, -A -T 5 -K -S; -i -k, -i -r")
  void fence_scsi_unfences_two_nodes_and_fences_one(Daemon daemon) throws Exception {
    try (Host one = Host.of(daemon, Daemon.DISK);
        Host two = Host.of(daemon, Daemon.DISK)) {
      long key1 = 0x4d5c_0000L;
      long key2 = 0x4d5c_0001L;
      // on: each node registers, kept over power loss; who finds no reservation makes it.
      one.reserveOut(Host.REGISTER_AND_IGNORE, 0, 0, key1, APTPL).requireGood();
      assertThat(one.reservation()).isEmpty();
      one.reserve(Host.WRITE_EXCLUSIVE_RO, key1);
      two.reserveOut(Host.REGISTER_AND_IGNORE, 0, 0, key2, APTPL).requireGood();
      assertThat(two.reservation()).containsExactly(key1, 5L);
      write(one).requireGood();
      write(two).requireGood();
      // off: a node takes the key of another away; that one was the holder.
      two.reserveOut(Host.PREEMPT_AND_ABORT, Host.WRITE_EXCLUSIVE_RO, key2, key1).requireGood();
      assertThat(two.keys()).containsExactly(key2);
      assertThat(two.reservation()).containsExactly(key2, 5L);
      assertThat(one.attentions()).containsExactly(0x2a05);
      Host.requireConflict(write(one));
      // monitor, also by the fenced node: it reads that its key is missing.
      assertThat(one.keys()).containsExactly(key2);
      one.disk().in(Cdb.read10(LBA, 1), 512).requireGood();
      // on, after its reboot.
      one.reserveOut(Host.REGISTER_AND_IGNORE, 0, 0, key1, APTPL).requireGood();
      write(one).requireGood();
      // A node that leaves gives its own key up; the reservation of the other stays.
      one.reserveOut(Host.REGISTER_AND_IGNORE, 0, 0, 0, APTPL).requireGood();
      Host.requireConflict(write(one));
      write(two).requireGood();
    }
  }

  private static Host path(Daemon daemon, String target, String name) throws Exception {
    return Host.of(daemon, Daemon.DISK, target, name, UnaryOperator.identity());
  }

  @Test
  @Section("fence_mpath(8), mpathpersist(8) of multipath-tools: the reservation_key on each path")
  void fence_mpath_fences_both_paths_of_a_node(Daemon daemon) throws Exception {
    String name1 = Host.freshName();
    String name2 = Host.freshName();
    try (Host one1 = path(daemon, Daemon.FIRST, name1);
        Host one2 = path(daemon, Daemon.SECOND, name1);
        Host two1 = path(daemon, Daemon.FIRST, name2);
        Host two2 = path(daemon, Daemon.SECOND, name2)) {
      for (Host host : Arrays.asList(one1, one2)) {
        host.register(0xa1);
      }
      for (Host host : Arrays.asList(two1, two2)) {
        host.register(0xa2);
      }
      one1.reserve(Host.WRITE_EXCLUSIVE_RO, 0xa1);
      for (Host host : Arrays.asList(one1, one2, two1, two2)) {
        write(host).requireGood();
      }
      // mpathpersist looks in READ FULL STATUS through which path the holder holds it.
      assertThat(one2.reserveIn(3).getInt(4)).as("four registrations").isGreaterThan(4 * 24);
      // A path that fails and comes back: the daemon sees its key in READ KEYS, and registers it.
      one2.reserveOut(Host.REGISTER_AND_IGNORE, 0, 0, 0).requireGood();
      Host.requireConflict(write(one2));
      assertThat(one2.keys()).contains(0xa1L);
      one2.register(0xa1);
      write(one2).requireGood();
      // One command through one path shuts every path of the node out.
      two2.reserveOut(Host.PREEMPT_AND_ABORT, Host.WRITE_EXCLUSIVE_RO, 0xa2, 0xa1).requireGood();
      assertThat(two1.keys()).containsExactly(0xa2L, 0xa2L);
      for (Host host : Arrays.asList(one1, one2)) {
        assertThat(host.attentions()).containsExactly(0x2a05);
        Host.requireConflict(write(host));
      }
      for (Host host : Arrays.asList(two1, two2)) {
        write(host).requireGood();
      }
    }
  }

  @Test
  @Section("lvmpersist(8) of LVM: Write Exclusive, All Registrants (type 7) for a shared VG")
  void a_shared_volume_group_of_LVM(Daemon daemon) throws Exception {
    try (Host one = Host.of(daemon, Daemon.DISK);
        Host two = Host.of(daemon, Daemon.DISK)) {
      byte[] capabilities = one.reserveIn(2).array();
      assertThat(capabilities[4] & 0x80).as("WR_EX_AR").isEqualTo(0x80);
      one.register(0x10000000_00000001L);
      one.reserve(Host.WRITE_EXCLUSIVE_AR, 0x10000000_00000001L);
      Host.requireConflict(write(two));
      two.register(0x10000000_00000002L);
      write(two).requireGood();
      // Every registrant is a holder: for each the reservation is made already.
      two.reserve(Host.WRITE_EXCLUSIVE_AR, 0x10000000_00000002L);
      assertThat(two.reservation()).containsExactly(0L, 7L);
      // A host that leaves: the reservation stays with the others.
      one.reserveOut(Host.REGISTER, 0, 0x10000000_00000001L, 0).requireGood();
      Host.requireConflict(write(one));
      write(two).requireGood();
      // A host that died is removed by its key, and nobody else.
      one.register(0x10000000_00000001L);
      two.reserveOut(
              Host.PREEMPT_AND_ABORT,
              Host.WRITE_EXCLUSIVE_AR,
              0x10000000_00000002L,
              0x10000000_00000001L)
          .requireGood();
      assertThat(two.keys()).containsExactly(0x10000000_00000002L);
      assertThat(two.reservation()).containsExactly(0L, 7L);
      one.attentions();
      Host.requireConflict(write(one));
    }
  }

  @Test
  @Section("sanlock(8): a sector for each host in a lease, written and read whole with O_DIRECT")
  void a_lease_of_sanlock(Daemon daemon) throws Exception {
    try (Host one = Host.of(daemon, Daemon.DISK);
        Host two = Host.of(daemon, Daemon.DISK)) {
      long lease = 2048;
      byte[] mine = filled(0x11);
      byte[] theirs = filled(0x22);
      one.disk().out(Cdb.write10(lease + 1, 1), mine).requireGood();
      two.disk().out(Cdb.write10(lease + 2, 1), theirs).requireGood();
      // A ballot is what all sectors of 1 MiB say, read at once.
      byte[] all = one.disk().read(lease, 2048, 512);
      assertThat(Arrays.copyOfRange(all, 512, 1024)).isEqualTo(mine);
      assertThat(Arrays.copyOfRange(all, 1024, 1536)).isEqualTo(theirs);
      assertThat(two.disk().read(lease, 2048, 512)).isEqualTo(all);
    }
  }

  @Test
  @Section("VMware: VMFS without ATS locks with RESERVE(6); vmkfstools -L lunreset breaks the lock")
  void a_VMFS_lock_of_a_host_that_died(Daemon daemon) throws Exception {
    try (Host one = Host.of(daemon, Daemon.DISK);
        Host two = Host.of(daemon, Daemon.DISK)) {
      one.none("16 00 00 00 00 00").requireGood();
      Host.requireConflict(two.none("16 00 00 00 00 00"));
      Host.requireConflict(two.none("00 00 00 00 00 00"));
      two.disk().in(Cdb.inquiry(36), 36).requireGood();
      int answer =
          two.session()
              .connection()
              .taskManagement(TaskFunction.LOGICAL_UNIT_RESET, two.disk().lun());
      assertThat(answer).as("function complete").isZero();
      assertThat(one.attentions()).containsExactly(0x2903);
      two.attentions();
      two.none("16 00 00 00 00 00").requireGood();
      Host.requireConflict(write(one));
      two.none("17 00 00 00 00 00").requireGood();
      write(one).requireGood();
    }
  }

  private static byte[] filled(int value) {
    byte[] data = new byte[512];
    Arrays.fill(data, (byte) value);
    return data;
  }
}
