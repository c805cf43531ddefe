// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.SortedMap;
import java.util.function.UnaryOperator;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.FreePort;
import org.jtgt.itests.initiator.LoginOptions;
import org.jtgt.itests.initiator.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A target port through which no initiator has ever come, of a portal group that is new. */
@ExtendWith(DaemonUnderTest.class)
class IdlePortTest {
  private static final String PORTAL = "org.jtgt.iscsi.portal-idle";
  private static final String IDLE = Daemon.FIRST + ",t,0x0007";
  private static final String IDLE_TOO = Daemon.SECOND + ",t,0x0007";
  private static final int INQUIRY_DATA_HAS_CHANGED = 0x3f03;
  private static final long A = 0xaaaa_0007L;
  private static final long B = 0xbbbb_0007L;
  private static final long ISID = 0x80_0000_0000_77L;

  private InetSocketAddress portal;

  @BeforeEach
  void configureAnotherPortalGroup(Daemon daemon) throws Exception {
    portal = FreePort.ofLoopback();
    daemon.configure(PORTAL, "address=127.0.0.1", "port=" + portal.getPort(), "tag=7");
    awaitPort(daemon, true);
  }

  @AfterEach
  void leaveNothing(Daemon daemon) throws Exception {
    Host.clearReservations(daemon, Daemon.DISK);
    daemon.remove(PORTAL);
    awaitPort(daemon, false);
  }

  /** The targets are offered there one after the other, and each time it is told. */
  private static void awaitPort(Daemon daemon, boolean there) throws Exception {
    Daemon.await(
        "the idle ports are " + (there ? "there" : "gone"),
        () -> {
          try (Host host = Host.of(daemon, Daemon.DISK)) {
            Collection<String> ports = InquiryTest.ports(host.disk()).values();
            return there == ports.contains(IDLE) && there == ports.contains(IDLE_TOO);
          }
        });
  }

  private static int idlePort(Host host) throws Exception {
    return InquiryTest.ports(host.disk()).entrySet().stream()
        .filter(port -> port.getValue().equals(IDLE))
        .mapToInt(SortedMap.Entry::getKey)
        .findFirst()
        .orElseThrow();
  }

  @Test
  @Section("SPC-4 7.8.14, 6.37")
  void the_ports_page_and_the_target_port_groups_agree(Daemon daemon) throws Exception {
    try (Host host = Host.of(daemon, Daemon.DISK)) {
      SortedMap<Integer, String> ports = InquiryTest.ports(host.disk());
      assertThat(ports.values())
          .containsExactlyInAnyOrder(
              Daemon.FIRST + ",t,0x0001", IDLE, Daemon.SECOND + ",t,0x0001", IDLE_TOO);
      byte[] groups = host.in("a3 0a 00 00 00 00 00 00 04 00 00 00", 1024).requireGood().data();
      assertThat(groups[4 + 7] & 0xff).as("TARGET PORT COUNT").isEqualTo(4);
      for (int at = 12; at < 28; at += 4) {
        assertThat(ports).containsKey(ByteBuffer.wrap(groups).getInt(at));
      }
    }
  }

  @Test
  @Section("SPC-4 6.6.1")
  void a_port_that_comes_or_goes_is_told_as_changed_INQUIRY_data(Daemon daemon) throws Exception {
    try (Host host = Host.of(daemon, Daemon.DISK)) {
      String third = "org.jtgt.iscsi.portal-third";
      daemon.configure(
          third, "address=127.0.0.1", "port=" + FreePort.ofLoopback().getPort(), "tag=8");
      Daemon.await("the port is told", () -> host.attention() == INQUIRY_DATA_HAS_CHANGED);
      Collection<String> names = InquiryTest.ports(host.disk()).values();
      assertThat(names).contains(Daemon.FIRST + ",t,0x0008");
      daemon.remove(third);
      Daemon.await("its end is told", () -> host.attention() == INQUIRY_DATA_HAS_CHANGED);
    }
  }

  @Test
  @Section("SPC-4 5.12.7.2, 6.16.3")
  void ALL_TG_PT_registers_at_a_port_where_nobody_was(Daemon daemon) throws Exception {
    String name = Host.freshName();
    UnaryOperator<LoginOptions> isid = options -> options.withIsid(ISID);
    try (Host host = Host.of(daemon, Daemon.DISK, Daemon.FIRST, name, isid)) {
      host.reserveOut(Host.REGISTER, 0, 0, A, 0x04).requireGood();
      assertThat(host.keys()).containsExactly(A, A, A, A);
      host.reserve(Host.EXCLUSIVE_ACCESS_RO, A);
      writes(name, ISID);
    }
  }

  @Test
  @Section("SPC-4 5.12.8, 6.16.4")
  void REGISTER_AND_MOVE_gives_the_reservation_to_a_port_where_nobody_was(Daemon daemon)
      throws Exception {
    String name = Host.freshName();
    try (Host host = Host.of(daemon, Daemon.DISK)) {
      host.register(A);
      host.reserve(Host.WRITE_EXCLUSIVE, A);
      byte[] id = PersistentReservationTest.transportId(name, ISID);
      ByteBuffer list = ByteBuffer.allocate(24 + id.length);
      list.putLong(0, A).putLong(8, B).put(17, (byte) 0x02); // UNREG
      list.putShort(18, (short) idlePort(host)).putInt(20, id.length).put(24, id);
      byte[] cdb = Cdb.persistentReserveOut(Host.REGISTER_AND_MOVE, 0, Host.WRITE_EXCLUSIVE);
      cdb[8] = (byte) list.capacity();
      host.disk().out(cdb, list.array()).requireGood();
      assertThat(host.reservation()).containsExactly(B, 1L);
      Host.requireConflict(host.disk().out(Cdb.write10(0, 1), new byte[512]));
      writes(name, ISID);
    }
  }

  /** Whether an initiator may write through the port, at its first login there. */
  private void writes(String name, long isid) throws Exception {
    try (Session session =
        Session.login(portal, LoginOptions.normal(name, Daemon.FIRST).withIsid(isid))) {
      session.logicalUnit(Daemon.DISK).clearUnitAttentions();
      session.logicalUnit(Daemon.DISK).out(Cdb.write10(0, 1), new byte[512]).requireGood();
    }
  }
}
