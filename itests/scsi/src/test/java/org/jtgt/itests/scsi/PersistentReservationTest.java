// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.itests.scsi.Host.requireCheck;
import static org.jtgt.itests.scsi.Host.requireConflict;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.ScsiResult;
import org.jtgt.itests.initiator.Sense;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The service actions of persistent reservations and what other I_T nexuses are told. */
@ExtendWith(DaemonUnderTest.class)
class PersistentReservationTest {
  private static final long A = 0xaaaa_0001L;
  private static final long B = 0xbbbb_0002L;
  private static final long C = 0xcccc_0003L;

  private static final int RESERVATIONS_PREEMPTED = 0x2a03;
  private static final int RESERVATIONS_RELEASED = 0x2a04;
  private static final int REGISTRATIONS_PREEMPTED = 0x2a05;
  private static final int INVALID_FIELD_IN_PARAMETER_LIST = 0x2600;
  private static final int INVALID_RELEASE = 0x2604;
  private static final int PARAMETER_LIST_LENGTH_ERROR = 0x1a00;

  @AfterEach
  void leaveNoReservation(Daemon daemon) throws Exception {
    Host.clearReservations(daemon, Daemon.DISK);
  }

  @Test
  @Section("SPC-4 5.12.7, 6.15.2")
  void registrations_are_counted_and_listed(Daemon daemon) throws Exception {
    try (Host a = Host.of(daemon, Daemon.DISK);
        Host b = Host.of(daemon, Daemon.DISK)) {
      int before = a.generation();
      a.reserveOut(Host.REGISTER, 0, 0, A).requireGood();
      b.reserveOut(Host.REGISTER, 0, 0, B).requireGood();
      assertThat(a.keys()).containsExactlyInAnyOrder(A, B);
      assertThat(a.generation()).isEqualTo(before + 2);
      // A registered nexus gives its old key to change it.
      requireConflict(a.reserveOut(Host.REGISTER, 0, 0, C));
      a.reserveOut(Host.REGISTER, 0, A, C).requireGood();
      assertThat(a.keys()).containsExactlyInAnyOrder(C, B);
      a.reserveOut(Host.REGISTER, 0, C, 0).requireGood();
      assertThat(a.keys()).containsExactly(B);
      assertThat(a.generation()).isEqualTo(before + 4);
    }
  }

  @Test
  @Section("SPC-4 5.12.7.2 table 61")
  void a_nexus_without_registration_gives_no_key_but_zero(Daemon daemon) throws Exception {
    try (Host a = Host.of(daemon, Daemon.DISK)) {
      int before = a.generation();
      requireConflict(a.reserveOut(Host.REGISTER, 0, A, B));
      a.reserveOut(Host.REGISTER, 0, 0, 0).requireGood();
      assertThat(a.keys()).isEmpty();
      for (int action : new int[] {Host.RESERVE, Host.RELEASE, Host.CLEAR, Host.PREEMPT, 5}) {
        requireConflict(a.reserveOut(action, Host.WRITE_EXCLUSIVE, 0, A));
      }
      assertThat(a.generation()).isEqualTo(before);
    }
  }

  @ParameterizedTest(name = "type {0}")
  @Section("SPC-4 5.12.9, 6.15.3")
  @ValueSource(ints = {1, 3, 5, 6, 7, 8})
  void a_reservation_is_reported_with_its_type_and_key(int type, Daemon daemon) throws Exception {
    try (Host a = Host.of(daemon, Daemon.DISK);
        Host b = Host.of(daemon, Daemon.DISK)) {
      a.register(A);
      int generation = a.generation();
      a.reserve(type, A);
      // SPC-4 6.15.3.2: zero for All Registrants.
      assertThat(b.reservation()).containsExactly(type >= 7 ? 0 : A, (long) type);
      assertThat(a.generation()).as("RESERVE counts no generation").isEqualTo(generation);
      a.reserve(type, A);
      b.register(B);
      int other = type == 1 ? 3 : 1;
      requireConflict(b.reserveOut(Host.RESERVE, other, B, 0));
      requireConflict(a.reserveOut(Host.RESERVE, other, A, 0));
    }
  }

  @Test
  @Section("SPC-4 6.15.3.3 table 184, 6.16.1")
  void scopes_and_types_that_do_not_exist_are_refused(Daemon daemon) throws Exception {
    try (Host a = Host.of(daemon, Daemon.DISK)) {
      a.register(A);
      for (int type : new int[] {0, 2, 4, 9, 15}) {
        requireCheck(a.reserveOut(Host.RESERVE, type, A, 0), Sense.ILLEGAL_REQUEST, 0x2400);
      }
      ScsiResult scope =
          a.disk().out(Cdb.persistentReserveOut(1, 2, 1), Cdb.persistentReserveParameters(A, 0, 0));
      requireCheck(scope, Sense.ILLEGAL_REQUEST, 0x2400);
      assertThat(a.reservation()).isEmpty();
    }
  }

  @Test
  @Section("SPC-4 6.16.1")
  void a_parameter_list_of_another_length_is_refused(Daemon daemon) throws Exception {
    try (Host a = Host.of(daemon, Daemon.DISK)) {
      byte[] cdb = Cdb.persistentReserveOut(Host.REGISTER, 0, 0);
      for (int bytes : new int[] {8, 23, 25}) {
        cdb[8] = (byte) bytes;
        requireCheck(
            a.disk().out(cdb, new byte[bytes]), Sense.ILLEGAL_REQUEST, PARAMETER_LIST_LENGTH_ERROR);
      }
    }
  }

  @ParameterizedTest(name = "type {0}")
  @Section("SPC-4 5.12.11.2")
  @ValueSource(ints = {1, 3, 5, 6, 7, 8})
  void a_release_tells_the_other_registrants_of_shared_types(int type, Daemon daemon)
      throws Exception {
    try (Host a = Host.of(daemon, Daemon.DISK);
        Host b = Host.of(daemon, Daemon.DISK);
        Host stranger = Host.of(daemon, Daemon.DISK)) {
      a.register(A);
      b.register(B);
      a.reserve(type, A);
      a.reserveOut(Host.RELEASE, type, A, 0).requireGood();
      assertThat(a.reservation()).isEmpty();
      assertThat(a.keys()).containsExactlyInAnyOrder(A, B);
      assertThat(a.attentions()).isEmpty();
      assertThat(stranger.attentions()).isEmpty();
      if (type >= 5) {
        assertThat(b.attentions()).containsExactly(RESERVATIONS_RELEASED);
      } else {
        assertThat(b.attentions()).isEmpty();
      }
    }
  }

  @Test
  @Section("SPC-4 5.12.11.2.1")
  void a_release_by_others_or_of_another_type_releases_nothing(Daemon daemon) throws Exception {
    try (Host a = Host.of(daemon, Daemon.DISK);
        Host b = Host.of(daemon, Daemon.DISK)) {
      a.register(A);
      b.register(B);
      a.reserveOut(Host.RELEASE, Host.WRITE_EXCLUSIVE, A, 0).requireGood();
      a.reserve(Host.WRITE_EXCLUSIVE, A);
      b.reserveOut(Host.RELEASE, Host.WRITE_EXCLUSIVE, B, 0).requireGood();
      requireCheck(
          a.reserveOut(Host.RELEASE, Host.EXCLUSIVE_ACCESS, A, 0),
          Sense.ILLEGAL_REQUEST,
          INVALID_RELEASE);
      assertThat(a.reservation()).containsExactly(A, 1L);
    }
  }

  @ParameterizedTest(name = "type {0}")
  @Section("SPC-4 5.12.11.1, 5.12.11.3")
  @ValueSource(ints = {1, 3, 5, 6, 7, 8})
  void unregistering_ends_the_reservation_of_its_holder(int type, Daemon daemon) throws Exception {
    try (Host a = Host.of(daemon, Daemon.DISK);
        Host b = Host.of(daemon, Daemon.DISK)) {
      a.register(A);
      b.register(B);
      a.reserve(type, A);
      a.register(0);
      assertThat(a.keys()).containsExactly(B);
      if (type >= 7) {
        // All Registrants: it stands until the last one goes.
        assertThat(a.reservation()).containsExactly(0L, (long) type);
        assertThat(b.attentions()).isEmpty();
        b.register(0);
      } else {
        boolean told = type >= 5;
        assertThat(b.attentions())
            .isEqualTo(told ? java.util.List.of(RESERVATIONS_RELEASED) : java.util.List.of());
      }
      assertThat(a.reservation()).isEmpty();
    }
  }

  @Test
  @Section("SPC-4 5.12.11.5")
  void a_clear_takes_all_and_tells_all_others(Daemon daemon) throws Exception {
    try (Host a = Host.of(daemon, Daemon.DISK);
        Host b = Host.of(daemon, Daemon.DISK);
        Host stranger = Host.of(daemon, Daemon.DISK)) {
      a.register(A);
      b.register(B);
      a.reserve(Host.EXCLUSIVE_ACCESS, A);
      int generation = a.generation();
      b.reserveOut(Host.CLEAR, 0, B, 0).requireGood();
      assertThat(a.attentions()).containsExactly(RESERVATIONS_PREEMPTED);
      assertThat(b.attentions()).isEmpty();
      assertThat(stranger.attentions()).isEmpty();
      assertThat(b.keys()).isEmpty();
      assertThat(b.reservation()).isEmpty();
      assertThat(b.generation()).isEqualTo(generation + 1);
    }
  }

  @ParameterizedTest(name = "type {0}")
  @Section("SPC-4 5.12.11.4.2")
  @ValueSource(ints = {1, 3, 5, 6})
  void a_preempt_of_the_holder_takes_its_reservation(int type, Daemon daemon) throws Exception {
    try (Host a = Host.of(daemon, Daemon.DISK);
        Host b = Host.of(daemon, Daemon.DISK);
        Host c = Host.of(daemon, Daemon.DISK)) {
      a.register(A);
      b.register(B);
      c.register(C);
      a.reserve(type, A);
      int wanted = Host.EXCLUSIVE_ACCESS;
      int generation = b.generation();
      b.reserveOut(Host.PREEMPT, wanted, B, A).requireGood();
      assertThat(b.reservation()).containsExactly(B, (long) wanted);
      assertThat(b.keys()).containsExactlyInAnyOrder(B, C);
      assertThat(b.generation()).isEqualTo(generation + 1);
      assertThat(a.attentions()).containsExactly(REGISTRATIONS_PREEMPTED);
      assertThat(b.attentions()).isEmpty();
      // Registrants that stay are told when the type changed.
      assertThat(c.attentions())
          .isEqualTo(
              type == wanted ? java.util.List.of() : java.util.List.of(RESERVATIONS_RELEASED));
      requireConflict(a.reserveOut(Host.RESERVE, wanted, A, 0));
    }
  }

  @Test
  @Section("SPC-4 5.12.11.4.3")
  void a_preempt_of_a_registrant_leaves_the_reservation(Daemon daemon) throws Exception {
    try (Host a = Host.of(daemon, Daemon.DISK);
        Host b = Host.of(daemon, Daemon.DISK);
        Host c = Host.of(daemon, Daemon.DISK)) {
      a.register(A);
      b.register(B);
      c.register(C);
      a.reserve(Host.WRITE_EXCLUSIVE_RO, A);
      b.reserveOut(Host.PREEMPT, Host.WRITE_EXCLUSIVE_RO, B, C).requireGood();
      assertThat(a.reservation()).containsExactly(A, 5L);
      assertThat(a.keys()).containsExactlyInAnyOrder(A, B);
      assertThat(c.attentions()).containsExactly(REGISTRATIONS_PREEMPTED);
      assertThat(a.attentions()).isEmpty();
      // Nobody has this key.
      requireConflict(b.reserveOut(Host.PREEMPT, Host.WRITE_EXCLUSIVE_RO, B, 0xdead));
      requireCheck(
          b.reserveOut(Host.PREEMPT, Host.WRITE_EXCLUSIVE_RO, B, 0),
          Sense.ILLEGAL_REQUEST,
          INVALID_FIELD_IN_PARAMETER_LIST);
    }
  }

  @ParameterizedTest(name = "type {0}")
  @Section("SPC-4 5.12.11.4.4")
  @ValueSource(ints = {7, 8})
  void a_preempt_of_key_zero_takes_over_all_registrants(int type, Daemon daemon) throws Exception {
    try (Host a = Host.of(daemon, Daemon.DISK);
        Host b = Host.of(daemon, Daemon.DISK)) {
      a.register(A);
      b.register(B);
      a.reserve(type, A);
      b.reserveOut(Host.PREEMPT, Host.WRITE_EXCLUSIVE, B, 0).requireGood();
      assertThat(b.reservation()).containsExactly(B, 1L);
      assertThat(b.keys()).containsExactly(B);
      assertThat(a.attentions()).containsExactly(REGISTRATIONS_PREEMPTED);
    }
  }

  @Test
  @Section("SPC-4 5.12.11.4.2")
  void a_holder_may_preempt_itself_to_change_the_type(Daemon daemon) throws Exception {
    try (Host a = Host.of(daemon, Daemon.DISK)) {
      a.register(A);
      a.reserve(Host.WRITE_EXCLUSIVE, A);
      a.reserveOut(Host.PREEMPT, Host.EXCLUSIVE_ACCESS_RO, A, A).requireGood();
      assertThat(a.reservation()).containsExactly(A, 6L);
      assertThat(a.keys()).containsExactly(A);
      assertThat(a.attentions()).isEmpty();
    }
  }

  @Test
  @Section("SPC-4 5.12.1 table 67")
  void the_service_actions_conflict_as_their_table_says(Daemon daemon) throws Exception {
    try (Host holder = Host.of(daemon, Daemon.DISK);
        Host registered = Host.of(daemon, Daemon.DISK);
        Host stranger = Host.of(daemon, Daemon.DISK)) {
      holder.register(A);
      registered.register(B);
      holder.reserve(Host.EXCLUSIVE_ACCESS, A);
      requireConflict(registered.reserveOut(Host.RESERVE, Host.EXCLUSIVE_ACCESS, B, 0));
      registered.reserveOut(Host.RELEASE, Host.EXCLUSIVE_ACCESS, B, 0).requireGood();
      registered.reserveOut(Host.REGISTER, 0, B, B).requireGood();
      registered.reserveOut(Host.REGISTER_AND_IGNORE, 0, 0, B).requireGood();
      requireConflict(stranger.reserveOut(Host.RESERVE, Host.EXCLUSIVE_ACCESS, 0, 0));
      requireConflict(stranger.reserveOut(Host.RELEASE, Host.EXCLUSIVE_ACCESS, 0, 0));
      requireConflict(stranger.reserveOut(Host.CLEAR, 0, 0, 0));
      requireConflict(stranger.reserveOut(Host.PREEMPT, Host.EXCLUSIVE_ACCESS, 0, A));
      stranger.reserveOut(Host.REGISTER, 0, 0, C).requireGood();
      assertThat(holder.reservation()).containsExactly(A, 3L);
    }
  }

  @Test
  @Section("SPC-4 6.15.5 table 189")
  void full_status_names_each_registrant_its_port_and_the_holder(Daemon daemon) throws Exception {
    String name = Host.freshName();
    try (Host a = Host.of(daemon, Daemon.DISK, Daemon.FIRST, name, UnaryOperator.identity());
        Host b = Host.of(daemon, Daemon.DISK, Daemon.SECOND, name, UnaryOperator.identity())) {
      a.register(A);
      b.register(B);
      a.reserve(Host.EXCLUSIVE_ACCESS_RO, A);
      ByteBuffer status = a.reserveIn(3);
      boolean[] seen = new boolean[2];
      int ports = 0;
      for (int at = 8; at < status.capacity(); ) {
        long key = status.getLong(at);
        boolean first = key == A;
        seen[first ? 0 : 1] = true;
        assertThat(status.get(at + 12) & 0x01).as("R_HOLDER").isEqualTo(first ? 1 : 0);
        assertThat(status.get(at + 12) & 0x02).as("ALL_TG_PT").isZero();
        if (first) {
          assertThat(status.get(at + 13)).as("SCOPE and TYPE").isEqualTo((byte) 6);
        }
        ports += status.getShort(at + 18);
        int transportBytes = status.getInt(at + 20);
        byte[] id = Arrays.copyOfRange(status.array(), at + 24, at + 24 + transportBytes);
        // SPC-4 7.6.4.6: iSCSI initiator port, format 01b: name,i,0xISID padded to a multiple of 4.
        assertThat(id[0]).isEqualTo((byte) 0x45);
        assertThat(transportBytes % 4).isZero();
        assertThat(ByteBuffer.wrap(id).getShort(2)).isEqualTo((short) (transportBytes - 4));
        String text = new String(id, 4, id.length - 4, StandardCharsets.UTF_8);
        long isid = (first ? a : b).session().isid();
        assertThat(text.substring(0, text.indexOf('\0')))
            .isEqualTo("%s,i,0x%012x".formatted(name, isid));
        at += 24 + transportBytes;
      }
      assertThat(seen).containsExactly(true, true);
      assertThat(ports).as("relative target ports 1 and 2").isEqualTo(3);
    }
  }

  @Test
  @Section("SPC-4 6.15.2, 4.3.5.6")
  void a_short_allocation_length_cuts_but_keeps_the_additional_length(Daemon daemon)
      throws Exception {
    try (Host a = Host.of(daemon, Daemon.DISK)) {
      a.register(A);
      byte[] cut = a.disk().in(Cdb.persistentReserveIn(0, 12), 12).requireGood().data();
      assertThat(cut).hasSize(12);
      assertThat(ByteBuffer.wrap(cut).getInt(4)).isEqualTo(8);
    }
  }

  @Test
  @Section("SPC-4 5.12.5, SAM-5 6.3.4")
  void reservations_outlive_their_nexus_and_a_reset(Daemon daemon) throws Exception {
    String name = Host.freshName();
    long isid;
    try (Host a = Host.of(daemon, Daemon.DISK, Daemon.FIRST, name, UnaryOperator.identity())) {
      isid = a.session().isid();
      a.register(A);
      a.reserve(Host.WRITE_EXCLUSIVE, A);
    }
    try (Host b = Host.of(daemon, Daemon.DISK)) {
      b.session()
          .connection()
          .taskManagement(
              org.jtgt.itests.initiator.TaskFunction.LOGICAL_UNIT_RESET, b.disk().lun());
      b.attentions();
      assertThat(b.reservation()).containsExactly(A, 1L);
      requireConflict(b.out("2a 00 00 00 00 00 00 00 01 00", new byte[512]));
      // The same initiator port comes back and is the holder again.
      try (Host again =
          Host.of(daemon, Daemon.DISK, Daemon.FIRST, name, options -> options.withIsid(isid))) {
        again.out("2a 00 00 00 00 00 00 00 01 00", new byte[512]).requireGood();
      }
    }
  }

  @Test
  @Section("SPC-4 5.12.2.2, SPC-2 5.5.1")
  void RESERVE_and_persistent_reservations_exclude_each_other(Daemon daemon) throws Exception {
    try (Host a = Host.of(daemon, Daemon.DISK);
        Host b = Host.of(daemon, Daemon.DISK)) {
      new Claims(a).assume(0x16);
      a.none("16 00 00 00 00 00").requireGood();
      requireConflict(b.reserveOut(Host.REGISTER, 0, 0, B));
      requireConflict(b.out("2a 00 00 00 00 00 00 00 01 00", new byte[512]));
      requireConflict(b.in("28 00 00 00 00 00 00 00 01 00", 512));
      a.none("17 00 00 00 00 00").requireGood();
      b.register(B);
      requireConflict(a.none("16 00 00 00 00 00"));
    }
  }

  @Test
  @Section("SPC-4 5.12.4, 6.16.3")
  void APTPL_keeps_registrations_and_the_reservation_over_a_restart(Daemon daemon)
      throws Exception {
    String name = Host.freshName();
    long isid;
    try (Host a = Host.of(daemon, Daemon.DISK, Daemon.FIRST, name, UnaryOperator.identity());
        Host b = Host.of(daemon, Daemon.DISK)) {
      isid = a.session().isid();
      assumeTrue((a.reserveIn(2).get(2) & 0x01) != 0, "PTPL_C is 0");
      a.reserveOut(Host.REGISTER, 0, 0, A, 0x01).requireGood();
      b.reserveOut(Host.REGISTER, 0, 0, B, 0x01).requireGood();
      a.reserve(Host.WRITE_EXCLUSIVE, A);
      assertThat(a.reserveIn(2).get(3) & 0x01).as("PTPL_A").isEqualTo(1);
    }
    daemon.crash();
    try (Host b = Host.of(daemon, Daemon.DISK)) {
      assertThat(b.reservation()).containsExactly(A, 1L);
      assertThat(b.keys()).containsExactlyInAnyOrder(A, B);
      requireConflict(b.out("2a 00 00 00 00 00 00 00 01 00", new byte[512]));
    }
    try (Host a =
        Host.of(daemon, Daemon.DISK, Daemon.FIRST, name, options -> options.withIsid(isid))) {
      a.out("2a 00 00 00 00 00 00 00 01 00", new byte[512]).requireGood();
      // The last registration with APTPL 0 forgets it.
      a.reserveOut(Host.REGISTER, 0, A, A, 0).requireGood();
      assertThat(a.reserveIn(2).get(3) & 0x01).as("PTPL_A").isZero();
    }
    daemon.restart();
    try (Host b = Host.of(daemon, Daemon.DISK)) {
      assertThat(b.keys()).isEmpty();
      assertThat(b.reservation()).isEmpty();
    }
  }

  @Test
  @Section("SPC-4 5.12.7.2, 6.16.3")
  void ALL_TG_PT_registers_at_every_target_port(Daemon daemon) throws Exception {
    String name = Host.freshName();
    try (Host first =
        Host.of(daemon, Daemon.DISK, Daemon.FIRST, name, o -> o.withIsid(0x80_0000_0000_42L))) {
      new Claims(first).assume(0xa3, 0x0a);
      assumeTrue((first.reserveIn(2).get(2) & 0x04) != 0, "ATP_C is 0");
      first.reserveOut(Host.REGISTER, 0, 0, A, 0x04).requireGood();
      first.reserve(Host.EXCLUSIVE_ACCESS_RO, A);
      try (Host second =
          Host.of(daemon, Daemon.DISK, Daemon.SECOND, name, o -> o.withIsid(0x80_0000_0000_42L))) {
        second.in("28 00 00 00 00 00 00 00 01 00", 512).requireGood();
      }
    }
  }

  @Test
  @Section("SPC-4 5.12.7.3, 6.16.3")
  void SPEC_I_PT_registers_another_initiator_port(Daemon daemon) throws Exception {
    String name = Host.freshName();
    long isid = 0x80_0000_0000_43L;
    try (Host a = Host.of(daemon, Daemon.DISK)) {
      assumeTrue((a.reserveIn(2).get(2) & 0x08) != 0, "SIP_C is 0");
      byte[] id = transportId(name, isid);
      ByteBuffer list = ByteBuffer.allocate(28 + id.length);
      list.putLong(8, A).put(20, (byte) 0x08).putInt(24, id.length).put(28, id);
      byte[] cdb = Cdb.persistentReserveOut(Host.REGISTER, 0, 0);
      cdb[8] = (byte) list.capacity();
      a.disk().out(cdb, list.array()).requireGood();
      assertThat(a.keys()).containsExactly(A, A);
      a.reserve(Host.EXCLUSIVE_ACCESS_RO, A);
      try (Host b =
          Host.of(daemon, Daemon.DISK, Daemon.FIRST, name, options -> options.withIsid(isid))) {
        b.in("28 00 00 00 00 00 00 00 01 00", 512).requireGood();
      }
    }
  }

  @Test
  @Section("SPC-4 5.12.8, 6.16.4")
  void REGISTER_AND_MOVE_gives_the_reservation_to_another_port(Daemon daemon) throws Exception {
    String name = Host.freshName();
    long isid = 0x80_0000_0000_44L;
    try (Host a = Host.of(daemon, Daemon.DISK)) {
      new Claims(a).assume(0x5f, Host.REGISTER_AND_MOVE);
      a.register(A);
      a.reserve(Host.WRITE_EXCLUSIVE, A);
      byte[] id = transportId(name, isid);
      ByteBuffer list = ByteBuffer.allocate(24 + id.length);
      list.putLong(0, A).putLong(8, B).put(17, (byte) 0x02); // UNREG
      list.putShort(18, (short) 1).putInt(20, id.length).put(24, id);
      byte[] cdb = Cdb.persistentReserveOut(Host.REGISTER_AND_MOVE, 0, Host.WRITE_EXCLUSIVE);
      cdb[8] = (byte) list.capacity();
      a.disk().out(cdb, list.array()).requireGood();
      assertThat(a.keys()).containsExactly(B);
      assertThat(a.reservation()).containsExactly(B, 1L);
      requireConflict(a.out("2a 00 00 00 00 00 00 00 01 00", new byte[512]));
      try (Host b =
          Host.of(daemon, Daemon.DISK, Daemon.FIRST, name, options -> options.withIsid(isid))) {
        b.out("2a 00 00 00 00 00 00 00 01 00", new byte[512]).requireGood();
      }
    }
  }

  @Test
  @Section("SPC-4 6.15.4 table 187")
  void REPORT_CAPABILITIES_tells_what_is_accepted(Daemon daemon) throws Exception {
    try (Host a = Host.of(daemon, Daemon.DISK)) {
      ByteBuffer data = a.reserveIn(2);
      assertThat(data.getShort(0)).isEqualTo((short) 8);
      assertThat(data.capacity()).isEqualTo(8);
      assertThat(data.get(3) & 0x80).as("TMV").isEqualTo(0x80);
      assertThat(data.getShort(4) & 0xffff).as("all six types").isEqualTo(0xea01);
      for (int flag : new int[] {0x01, 0x04, 0x08}) {
        // SIP_C, ATP_C and PTPL_C lie where SPEC_I_PT, ALL_TG_PT and APTPL do.
        boolean offered = (data.get(2) & flag) != 0;
        ScsiResult result = a.reserveOut(Host.REGISTER_AND_IGNORE, 0, 0, A, flag);
        if (!offered) {
          requireCheck(result, Sense.ILLEGAL_REQUEST, INVALID_FIELD_IN_PARAMETER_LIST);
        } else if (flag != 0x08) {
          result.requireGood();
        }
      }
    }
  }

  static byte[] transportId(String name, long isid) {
    byte[] text = "%s,i,0x%012x\0".formatted(name, isid).getBytes(StandardCharsets.UTF_8);
    int padded = text.length + 3 & ~3;
    ByteBuffer id = ByteBuffer.allocate(4 + padded);
    id.put(0, (byte) 0x45).putShort(2, (short) padded).put(4, text);
    return id.array();
  }
}
