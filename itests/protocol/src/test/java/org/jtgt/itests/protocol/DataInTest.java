// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.Field;
import org.jtgt.itests.initiator.LogicalUnit;
import org.jtgt.itests.initiator.Response;
import org.jtgt.itests.initiator.ScsiCommand;
import org.jtgt.itests.initiator.ScsiResult;
import org.jtgt.itests.initiator.ScsiTask;
import org.jtgt.itests.initiator.Sense;
import org.jtgt.itests.initiator.Session;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Data-In sequences, collapsed status and residuals. */
@ExtendWith(TargetUnderTest.class)
class DataInTest {
  private static final long LBA = 4000;

  @ParameterizedTest(name = "MaxRecvDataSegmentLength={0}, MaxBurstLength={1}")
  @Section("11.7, 13.12, 13.13")
  @CsvSource({"512,512", "512,4096", "4096,4096", "65536,16384", "1000,3000", "262144,262144"})
  void data_in_is_numbered_placed_and_grouped_into_bursts(
      int segment, int burst, TestedTarget target) throws Exception {
    try (Session session =
        target.login(o ->
            o.with("MaxRecvDataSegmentLength", segment)
                .with("MaxBurstLength", burst)
                .with("FirstBurstLength", Math.min(burst, 512)))) {
      LogicalUnit disk = target.disk(session);
      byte[] data = new byte[128 * 512];
      new Random(segment).nextBytes(data);
      disk.write(LBA, data, 512);
      // ScsiTask checks DataSN, Buffer Offset, segment and burst lengths, S, F and the residual.
      for (int blocks : new int[] {1, 2, 7, 8, 9, 127, 128}) {
        ScsiResult result = disk.in(Cdb.read16(LBA, blocks), 512 * blocks).requireGood();
        assertThat(result.data()).isEqualTo(Arrays.copyOf(data, 512 * blocks));
        List<Response.DataIn> pdus = result.pdus(Response.DataIn.class);
        assertThat(pdus.getLast().fin()).isTrue();
        assertThat(result.underflow() || result.overflow()).isFalse();
      }
    }
  }

  @Test
  @Section("11.4.8, 11.7.3")
  void status_comes_once_with_the_last_data_or_after_it(TestedTarget target) throws Exception {
    try (Session session = target.login(o -> o.with("MaxRecvDataSegmentLength", 4096))) {
      ScsiResult result = target.disk(session).in(Cdb.read16(LBA, 32), 32 * 512).requireGood();
      assertThat(result.pdus()).filteredOn(Response::carriesStatus).hasSize(1);
      assertThat(result.pdus().getLast().carriesStatus()).isTrue();
    }
  }

  @Test
  @Section("11.4.5.1")
  void reading_less_than_expected_is_an_underflow(TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      LogicalUnit disk = target.disk(session);
      for (int missing : new int[] {1, 511, 512, 65536}) {
        ScsiResult result = disk.in(Cdb.read10(LBA, 2), 1024 + missing).requireGood();
        assertThat(result.data()).hasSize(1024);
        assertThat(result.underflow()).isTrue();
        assertThat(result.residualBytes()).isEqualTo(missing);
      }
      ScsiResult inquiry = disk.in(Cdb.inquiry(5), 36).requireGood();
      assertThat(inquiry.data()).hasSize(5);
      assertThat(inquiry.residualBytes()).isEqualTo(31);
    }
  }

  @Test
  @Section("11.4.5.1")
  void reading_more_than_expected_is_an_overflow(TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      LogicalUnit disk = target.disk(session);
      byte[] data = disk.read(LBA, 2, 512);
      for (int expected : new int[] {512, 1000, 1}) {
        ScsiResult result = disk.in(Cdb.read10(LBA, 2), expected).requireGood();
        assertThat(result.overflow()).isTrue();
        assertThat(result.residualBytes()).isEqualTo(1024 - expected);
        assertThat(result.data()).isEqualTo(Arrays.copyOf(data, expected));
      }
      ScsiResult inquiry = disk.in(Cdb.inquiry(36), 5).requireGood();
      assertThat(inquiry.overflow()).isTrue();
      assertThat(inquiry.residualBytes()).isEqualTo(31);
    }
  }

  @Test
  @Section("11.3, 11.4.5.1")
  void a_read_with_neither_R_nor_W_moves_no_data(TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      ScsiResult result = target.disk(session).none(Cdb.read10(LBA, 1));
      assertThat(result.pdus(Response.DataIn.class)).allMatch(in -> in.pdu().dataBytes() == 0);
      if (result.isGood()) {
        assertThat(result.overflow()).isTrue();
        assertThat(result.residualBytes()).isEqualTo(512);
      }
    }
  }

  @Test
  @Section("11.4.5.1")
  void writing_less_than_expected_is_an_underflow_and_the_rest_is_not_written(TestedTarget target)
      throws Exception {
    for (String initialR2t : new String[] {"Yes", "No"}) {
      try (Session session = target.login(o -> o.with("InitialR2T", initialR2t))) {
        LogicalUnit disk = target.disk(session);
        byte[] before = new byte[4 * 512];
        new Random(1).nextBytes(before);
        disk.write(LBA, before, 512);
        byte[] data = new byte[3 * 512];
        new Random(2).nextBytes(data);
        ScsiResult result = disk.out(Cdb.write10(LBA, 2), data);
        if (result.isGood()) {
          assertThat(result.underflow()).isTrue();
          assertThat(result.residualBytes()).isEqualTo(512);
          System.arraycopy(data, 0, before, 0, 1024);
        } else {
          assertThat(result.sense().orElseThrow().key()).isEqualTo(Sense.ILLEGAL_REQUEST);
        }
        assertThat(disk.read(LBA, 4, 512)).isEqualTo(before);
      }
    }
  }

  @Test
  @Section("11.4.5.1, SPC-4 4.5")
  void writing_more_than_expected_is_an_overflow_or_an_illegal_request(TestedTarget target)
      throws Exception {
    try (Session session = target.login()) {
      LogicalUnit disk = target.disk(session);
      byte[] before = new byte[3 * 512];
      new Random(3).nextBytes(before);
      disk.write(LBA, before, 512);
      byte[] data = new byte[512];
      new Random(4).nextBytes(data);
      ScsiResult result = disk.out(Cdb.write10(LBA, 2), data);
      byte[] after = disk.read(LBA, 3, 512);
      if (result.isGood()) {
        assertThat(result.overflow()).isTrue();
        assertThat(result.residualBytes()).isEqualTo(512);
        System.arraycopy(data, 0, before, 0, 512);
      } else {
        assertThat(result.sense().orElseThrow().key())
            .isIn(Sense.ILLEGAL_REQUEST, Sense.ABORTED_COMMAND);
        System.arraycopy(after, 0, before, 0, 512);
      }
      assertThat(after).as("nothing was written that was not sent").isEqualTo(before);
    }
  }

  @Test
  @Section("11.4")
  void a_failed_read_has_sense_data_and_no_data(TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      LogicalUnit disk = target.disk(session);
      long end = disk.capacity().blocks();
      ScsiResult result = disk.in(Cdb.read16(end, 1), 512);
      assertThat(result.status()).isEqualTo(ScsiResult.CHECK_CONDITION);
      assertThat(result.sense().orElseThrow().key()).isEqualTo(Sense.ILLEGAL_REQUEST);
      assertThat(result.sense().orElseThrow().additional()).isEqualTo(0x2100);
      assertThat(result.data()).isEmpty();
      assertThat(disk.read(end - 1, 1, 512)).hasSize(512);
    }
  }

  @Test
  @Section("11.4")
  void the_reserved_fields_of_a_SCSI_response_are_zero(TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      ScsiResult result = target.disk(session).testUnitReady().requireGood();
      Response.Status status = result.pdus(Response.Status.class).getFirst();
      assertThat(status.pdu().get(Field.LUN)).isZero();
      assertThat(status.pdu().get(Field.FLAGS)).isEqualTo(0x80);
      assertThat(status.pdu().get(Field.TOTAL_AHS_LENGTH)).isZero();
    }
  }

  @Test
  @Section("4.2.2.3")
  void many_reads_under_way_do_not_mix_their_data(TestedTarget target) throws Exception {
    try (Session session = target.login(o -> o.with("MaxRecvDataSegmentLength", 2048))) {
      LogicalUnit disk = target.disk(session);
      byte[] data = new byte[64 * 8 * 512];
      new Random(9).nextBytes(data);
      disk.write(LBA, data, 512);
      List<ScsiTask> tasks = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        tasks.add(session.submit(ScsiCommand.in(disk.lun(), Cdb.read10(LBA + 8 * i, 8), 8 * 512)));
      }
      for (int i = 63; i >= 0; i--) {
        assertThat(session.connection().await(tasks.get(i)).requireGood().data())
            .isEqualTo(Arrays.copyOfRange(data, i * 4096, (i + 1) * 4096));
      }
    }
  }
}
