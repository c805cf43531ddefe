// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.itests.scsi.Host.requireCheck;
import static org.jtgt.itests.scsi.Host.requireConflict;

import java.util.List;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.LogicalUnit;
import org.jtgt.itests.initiator.LoginOptions;
import org.jtgt.itests.initiator.ScsiResult;
import org.jtgt.itests.initiator.Sense;
import org.jtgt.itests.initiator.Session;
import org.jtgt.itests.initiator.TaskFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Unit attention conditions: who gets them, what reports and what clears them, and before what. */
@ExtendWith(DaemonUnderTest.class)
class UnitAttentionTest {
  private static final int RESET_ASC = 0x29;

  @AfterEach
  void leaveNoReservation(Daemon daemon) throws Exception {
    Host.clearReservations(daemon, Daemon.DISK);
  }

  @Test
  @Section("SAM-5 5.14.1, SPC-4 5.6")
  void a_new_nexus_learns_that_it_is_new_once_per_unit(Daemon daemon) throws Exception {
    try (Session session =
        Session.login(daemon.portal(), LoginOptions.normal(Host.freshName(), Daemon.FIRST))) {
      for (int lun = 0; lun < 2; lun++) {
        LogicalUnit unit = session.logicalUnit(lun);
        ScsiResult first = unit.testUnitReady();
        assertThat(first.status()).isEqualTo(ScsiResult.CHECK_CONDITION);
        assertThat(first.sense().orElseThrow().key()).isEqualTo(Sense.UNIT_ATTENTION);
        assertThat(first.sense().orElseThrow().asc()).isEqualTo(RESET_ASC);
        unit.testUnitReady().requireGood();
      }
    }
  }

  @Test
  @Section("SAM-5 5.14.4, SPC-4 6.6, 6.33")
  void INQUIRY_and_REPORT_LUNS_neither_report_nor_clear_it(Daemon daemon) throws Exception {
    try (Host a = Host.of(daemon, Daemon.DISK);
        Host b = Host.of(daemon, Daemon.DISK)) {
      reset(a);
      b.disk().inquiry();
      b.disk().in(Cdb.reportLuns(0, 4096), 4096).requireGood();
      b.disk().inquiry();
      assertThat(b.attention() >> 8).isEqualTo(RESET_ASC);
      assertThat(b.attention()).isZero();
    }
  }

  @Test
  @Section("SAM-5 5.14.4, SPC-4 6.39")
  void REQUEST_SENSE_gives_it_as_data_and_clears_it(Daemon daemon) throws Exception {
    try (Host a = Host.of(daemon, Daemon.DISK);
        Host b = Host.of(daemon, Daemon.DISK)) {
      for (boolean descriptors : new boolean[] {false, true}) {
        reset(a);
        byte[] data = b.disk().in(Cdb.requestSense(descriptors, 252), 252).requireGood().data();
        Sense sense = Sense.decode(data);
        assertThat(sense.responseCode()).isEqualTo(descriptors ? 0x72 : 0x70);
        assertThat(sense.key()).isEqualTo(Sense.UNIT_ATTENTION);
        assertThat(sense.asc()).isEqualTo(RESET_ASC);
        assertThat(b.attention()).isZero();
      }
      assertThat(Sense.decode(b.disk().in(Cdb.requestSense(false, 252), 252).data()).key())
          .isEqualTo(Sense.NO_SENSE);
    }
  }

  @Test
  @Section("SAM-5 5.14.1, 7.7")
  void a_reset_tells_every_nexus_of_that_unit_and_none_of_another(Daemon daemon) throws Exception {
    try (Host a = Host.of(daemon, Daemon.DISK);
        Host b = Host.of(daemon, Daemon.DISK);
        Host other = Host.of(daemon, Daemon.OTHER)) {
      reset(a);
      assertThat(a.attention() >> 8).isEqualTo(RESET_ASC);
      assertThat(b.attention() >> 8).isEqualTo(RESET_ASC);
      assertThat(other.attention()).isZero();
      assertThat(a.attention()).isZero();
      assertThat(b.attention()).isZero();
    }
  }

  @Test
  @Section("SAM-5 5.14.2")
  void a_reset_clears_what_it_precedes(Daemon daemon) throws Exception {
    try (Host a = Host.of(daemon, Daemon.DISK);
        Host b = Host.of(daemon, Daemon.DISK)) {
      a.register(0xa);
      b.register(0xb);
      a.reserveOut(Host.CLEAR, 0, 0xa, 0).requireGood();
      reset(a);
      // BUS DEVICE RESET FUNCTION OCCURRED is above all that a logical unit reset ends.
      List<Integer> told = b.attentions();
      assertThat(told.getFirst() >> 8).isEqualTo(RESET_ASC);
    }
  }

  @Test
  @Section("SAM-5 5.14.1")
  void attentions_of_several_kinds_are_all_reported(Daemon daemon) throws Exception {
    try (Host a = Host.of(daemon, Daemon.DISK);
        Host b = Host.of(daemon, Daemon.DISK)) {
      a.register(0xa);
      b.register(0xb);
      a.reserve(Host.WRITE_EXCLUSIVE_RO, 0xa);
      a.reserveOut(Host.RELEASE, Host.WRITE_EXCLUSIVE_RO, 0xa, 0).requireGood();
      a.reserveOut(Host.PREEMPT, Host.WRITE_EXCLUSIVE_RO, 0xa, 0xb).requireGood();
      assertThat(b.attentions()).containsExactlyInAnyOrder(0x2a04, 0x2a05);
    }
  }

  @Test
  @Section("SAM-5 5.14.4, SPC-4 5.12.1")
  void it_comes_before_a_reservation_conflict(Daemon daemon) throws Exception {
    try (Host a = Host.of(daemon, Daemon.DISK);
        Host b = Host.of(daemon, Daemon.DISK)) {
      a.register(0xa);
      a.reserve(Host.EXCLUSIVE_ACCESS, 0xa);
      reset(a);
      a.attentions();
      ScsiResult first = b.in("28 00 00 00 00 00 00 00 01 00", 512);
      assertThat(first.sense().orElseThrow().key()).isEqualTo(Sense.UNIT_ATTENTION);
      requireConflict(b.in("28 00 00 00 00 00 00 00 01 00", 512));
    }
  }

  @Test
  @Section("SAM-5 5.14.4")
  void the_command_that_reports_it_is_not_done(Daemon daemon) throws Exception {
    try (Host a = Host.of(daemon, Daemon.DISK);
        Host b = Host.of(daemon, Daemon.DISK)) {
      byte[] before = a.disk().read(7, 1, 512);
      byte[] data = before.clone();
      data[0] ^= 0x5a;
      reset(a);
      ScsiResult refused = b.out("2a 00 00 00 00 07 00 00 01 00", data);
      assertThat(refused.sense().orElseThrow().key()).isEqualTo(Sense.UNIT_ATTENTION);
      a.attentions();
      assertThat(a.disk().read(7, 1, 512)).isEqualTo(before);
      b.out("2a 00 00 00 00 07 00 00 01 00", data).requireGood();
      assertThat(a.disk().read(7, 1, 512)).isEqualTo(data);
    }
  }

  @Test
  @Section("SPC-4 4.5.6")
  void a_unit_that_is_not_there_says_so_without_attention(Daemon daemon) throws Exception {
    try (Host a = Host.of(daemon, Daemon.DISK)) {
      LogicalUnit none = a.session().logicalUnit(77);
      requireCheck(none.testUnitReady(), Sense.ILLEGAL_REQUEST, 0x2500);
      byte[] sense = none.in(Cdb.requestSense(false, 252), 252).requireGood().data();
      assertThat(Sense.decode(sense).additional()).isEqualTo(0x2500);
      // SPC-4 6.6.1: peripheral qualifier 011b, device type 1Fh.
      assertThat(none.in(Cdb.inquiry(96), 96).requireGood().data()[0]).isEqualTo((byte) 0x7f);
    }
  }

  static void reset(Host by) throws Exception {
    assertThat(
            by.session()
                .connection()
                .taskManagement(TaskFunction.LOGICAL_UNIT_RESET, by.disk().lun()))
        .isEqualTo(TaskFunction.FUNCTION_COMPLETE);
  }
}
