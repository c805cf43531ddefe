// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.LogicalUnit;
import org.jtgt.itests.initiator.LoginOptions;
import org.jtgt.itests.initiator.Lun;
import org.jtgt.itests.initiator.ScsiResult;
import org.jtgt.itests.initiator.Sense;
import org.jtgt.itests.initiator.Session;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What every logical unit number answers, mapped or not, and the attentions after login. */
@ExtendWith(TargetUnderTest.class)
class LogicalUnitTest {

  @Test
  @Section("SPC-4 6.33")
  void REPORT_LUNS_lists_the_mapped_units(TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      byte[] data = session.logicalUnit(0).in(Cdb.reportLuns(0, 4096), 4096).requireGood().data();
      ByteBuffer buffer = ByteBuffer.wrap(data);
      int listBytes = buffer.getInt(0);
      assertThat(listBytes % 8).isZero();
      assertThat(data).hasSize(8 + listBytes);
      List<Long> luns = new ArrayList<>();
      for (int at = 8; at < data.length; at += 8) {
        luns.add(buffer.getLong(at));
      }
      assertThat(luns)
          .doesNotHaveDuplicates()
          .contains(Lun.of(target.disk()), Lun.of(target.otherDisk()))
          .doesNotContain(Lun.of(target.unmapped()));
    }
  }

  @Test
  @Section("SPC-4 6.33, SAM-5 4.7")
  void REPORT_LUNS_to_an_unmapped_unit_lists_the_same_or_finds_no_unit(TestedTarget target)
      throws Exception {
    try (Session session = target.login()) {
      byte[] luns = session.logicalUnit(0).in(Cdb.reportLuns(0, 4096), 4096).data();
      ScsiResult result = session.logicalUnit(target.unmapped()).in(Cdb.reportLuns(0, 4096), 4096);
      if (result.isGood()) {
        assertThat(result.data()).isEqualTo(luns);
      } else {
        assertThat(result.sense().orElseThrow().additional()).isEqualTo(0x2500);
      }
    }
  }

  @Test
  @Section("SPC-4 6.6.2")
  void INQUIRY_of_an_unmapped_unit_has_peripheral_qualifier_3_and_device_type_1F(
      TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      assertThat(session.logicalUnit(target.unmapped()).inquiry()[0]).isEqualTo((byte) 0x7f);
    }
  }

  @Test
  @Section("SPC-4 6.6, SAM-5 4.7")
  void other_commands_to_an_unmapped_unit_find_no_logical_unit(TestedTarget target)
      throws Exception {
    try (Session session = target.login()) {
      LogicalUnit nothing = session.logicalUnit(target.unmapped());
      for (ScsiResult result :
          List.of(
              nothing.testUnitReady(),
              nothing.in(Cdb.read10(0, 1), 512),
              nothing.out(Cdb.write10(0, 1), new byte[512]),
              nothing.in(Cdb.readCapacity10(), 8),
              nothing.in(Cdb.modeSense6(0, 0x3f, 0, 255), 255))) {
        assertThat(result.status()).isEqualTo(ScsiResult.CHECK_CONDITION);
        assertThat(result.sense().orElseThrow().key()).isEqualTo(Sense.ILLEGAL_REQUEST);
        assertThat(result.sense().orElseThrow().additional()).isEqualTo(0x2500);
      }
    }
  }

  @Test
  @Section("SPC-4 6.39")
  void REQUEST_SENSE_to_an_unmapped_unit_returns_the_sense_as_data(TestedTarget target)
      throws Exception {
    try (Session session = target.login()) {
      ScsiResult result =
          session.logicalUnit(target.unmapped()).in(Cdb.requestSense(false, 252), 252);
      assertThat(result.isGood()).as(result.toString()).isTrue();
      assertThat(Sense.decode(result.data()).additional()).isEqualTo(0x2500);
    }
  }

  @Test
  @Section("SAM-5 5.14, SPC-4 5.1")
  void a_new_nexus_hears_of_power_on_once(TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      LogicalUnit disk = session.logicalUnit(target.disk());
      ScsiResult first = disk.testUnitReady();
      assertThat(first.status()).isEqualTo(ScsiResult.CHECK_CONDITION);
      assertThat(first.sense().orElseThrow().key()).isEqualTo(Sense.UNIT_ATTENTION);
      assertThat(first.sense().orElseThrow().asc()).isEqualTo(0x29);
      disk.testUnitReady().requireGood();
    }
  }

  @Test
  @Section("SAM-5 5.14")
  void INQUIRY_and_REPORT_LUNS_neither_report_nor_clear_a_unit_attention(TestedTarget target)
      throws Exception {
    try (Session session = target.login()) {
      LogicalUnit disk = session.logicalUnit(target.disk());
      disk.inquiry();
      disk.in(Cdb.reportLuns(0, 256), 256).requireGood();
      assertThat(disk.testUnitReady().sense().orElseThrow().key()).isEqualTo(Sense.UNIT_ATTENTION);
    }
  }

  @Test
  @Section("SPC-4 6.39, SAM-5 5.14")
  void REQUEST_SENSE_reports_a_unit_attention_as_data_and_clears_it(TestedTarget target)
      throws Exception {
    try (Session session = target.login()) {
      LogicalUnit disk = session.logicalUnit(target.disk());
      byte[] data = disk.in(Cdb.requestSense(false, 252), 252).requireGood().data();
      assertThat(Sense.decode(data).key()).isEqualTo(Sense.UNIT_ATTENTION);
      disk.testUnitReady().requireGood();
    }
  }

  @Test
  @Section("RFC 7143 6.3.5.1, SAM-5 6.3.4")
  void a_reinstated_session_hears_that_its_nexus_was_lost(TestedTarget target) throws Exception {
    LoginOptions options = target.options();
    try (Session old = Session.login(target.portal(), options)) {
      target.disk(old);
      try (Session young = Session.login(target.portal(), options)) {
        ScsiResult first = young.logicalUnit(target.disk()).testUnitReady();
        assertThat(first.sense().orElseThrow().key()).isEqualTo(Sense.UNIT_ATTENTION);
        assertThat(first.sense().orElseThrow().asc()).isEqualTo(0x29);
      }
      old.drop();
    }
  }

  @Test
  @Section("SBC-3 5.15, 5.16")
  void both_READ_CAPACITY_agree(TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      LogicalUnit disk = target.disk(session);
      LogicalUnit.Capacity capacity = disk.capacity();
      assertThat(capacity.blockBytes()).isEqualTo(512);
      assertThat(capacity.blocks() * 512).isGreaterThanOrEqualTo(64L << 20);
      ByteBuffer ten = ByteBuffer.wrap(disk.in(Cdb.readCapacity10(), 8).requireGood().data());
      assertThat(Integer.toUnsignedLong(ten.getInt(0)))
          .isEqualTo(Math.min(capacity.blocks() - 1, 0xffffffffL));
      assertThat(ten.getInt(4)).isEqualTo(512);
    }
  }

  @Test
  @Section("SPC-4 4.5")
  void an_unknown_opcode_is_an_invalid_command_operation_code(TestedTarget target)
      throws Exception {
    try (Session session = target.login()) {
      ScsiResult result = target.disk(session).none(new byte[] {(byte) 0xff, 0, 0, 0, 0, 0});
      assertThat(result.sense().orElseThrow().key()).isEqualTo(Sense.ILLEGAL_REQUEST);
      assertThat(result.sense().orElseThrow().additional()).isEqualTo(0x2000);
    }
  }
}
