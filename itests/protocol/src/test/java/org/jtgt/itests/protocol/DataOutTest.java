// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.Connection;
import org.jtgt.itests.initiator.Field;
import org.jtgt.itests.initiator.LogicalUnit;
import org.jtgt.itests.initiator.Pdu;
import org.jtgt.itests.initiator.Request;
import org.jtgt.itests.initiator.Response;
import org.jtgt.itests.initiator.ScsiCommand;
import org.jtgt.itests.initiator.ScsiResult;
import org.jtgt.itests.initiator.ScsiTask;
import org.jtgt.itests.initiator.Session;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Immediate, unsolicited and solicited data, each write read back. */
@ExtendWith(TargetUnderTest.class)
class DataOutTest {
  private static final int FIRST_BURST = 4096;
  private static final int MAX_BURST = 16384;
  private static final long LBA = 1000;

  @ParameterizedTest(name = "InitialR2T={0}, ImmediateData={1}")
  @Section("13.10, 13.11, 13.13, 13.14")
  @CsvSource({"Yes,Yes", "Yes,No", "No,Yes", "No,No"})
  void writes_of_every_boundary_length_read_back(
      String initialR2t, String immediateData, TestedTarget target) throws Exception {
    try (Session session = login(target, initialR2t, immediateData, 1)) {
      LogicalUnit disk = target.disk(session);
      int segment = Math.min(session.parameters().targetMaxRecv(), 1 << 18);
      int[] lengths = {
        512,
        FIRST_BURST - 512,
        FIRST_BURST,
        FIRST_BURST + 512,
        MAX_BURST - 512,
        MAX_BURST,
        MAX_BURST + 512,
        FIRST_BURST + MAX_BURST,
        FIRST_BURST + MAX_BURST + 512,
        segment - 512,
        segment,
        segment + 512,
        3 * MAX_BURST
      };
      for (int length : lengths) {
        byte[] data = random(length);
        ScsiCommand command = write(disk, length, data);
        ScsiResult result = session.execute(command).requireGood();
        assertThat(disk.read(LBA, length / 512, 512)).as("%d bytes", length).isEqualTo(data);
        long solicited =
            result.pdus(Response.R2t.class).stream().mapToLong(Response.R2t::desiredBytes).sum();
        assertThat(solicited)
            .as("%d bytes", length)
            .isEqualTo(length - unsolicited(session, length));
      }
    }
  }

  @Test
  @Section("4.2.5.2, 13.11")
  void an_initiator_may_send_less_immediate_data_than_it_could(TestedTarget target)
      throws Exception {
    try (Session session = login(target, "Yes", "Yes", 1)) {
      LogicalUnit disk = target.disk(session);
      byte[] data = random(8192);
      session.execute(write(disk, 8192, data).withUnsolicited(512, 512)).requireGood();
      assertThat(disk.read(LBA, 16, 512)).isEqualTo(data);
    }
  }

  @Test
  @Section("11.3.1, 13.10")
  void an_initiator_may_send_no_unsolicited_data_although_InitialR2T_is_No(TestedTarget target)
      throws Exception {
    try (Session session = login(target, "No", "Yes", 1)) {
      LogicalUnit disk = target.disk(session);
      byte[] data = random(8192);
      session.execute(write(disk, 8192, data).withUnsolicited(0, 0)).requireGood();
      assertThat(disk.read(LBA, 16, 512)).isEqualTo(data);
    }
  }

  @ParameterizedTest(name = "MaxOutstandingR2T={0}")
  @Section("11.8, 13.17")
  @ValueSource(ints = {1, 2, 8})
  void no_more_R2Ts_are_outstanding_than_agreed(int offered, TestedTarget target) throws Exception {
    try (Session session = login(target, "Yes", "No", offered)) {
      LogicalUnit disk = target.disk(session);
      byte[] data = random(6 * MAX_BURST);
      ScsiTask task = session.submit(write(disk, data.length, data).leavingR2ts());
      while (!task.isDone()) {
        // ScsiTask counts the R2Ts that are open against MaxOutstandingR2T; the ping lets all come.
        session.connection().ping(new byte[0]);
        if (task.openR2ts().isEmpty() && !task.isDone()) {
          session.connection().receive(Connection.TIMEOUT);
        }
        for (Response.R2t r2t : task.openR2ts()) {
          task.answer(r2t, session.connection());
        }
      }
      task.result().orElseThrow().requireGood();
      assertThat(disk.read(LBA, data.length / 512, 512)).isEqualTo(data);
    }
  }

  @Test
  @Section("11.8")
  void data_of_two_writes_may_come_in_the_other_order(TestedTarget target) throws Exception {
    try (Session session = login(target, "Yes", "No", 1)) {
      LogicalUnit disk = target.disk(session);
      byte[] one = random(4096);
      byte[] two = random(4096);
      ScsiTask first = session.submit(write(disk, 4096, one).leavingR2ts());
      ScsiTask second =
          session.submit(ScsiCommand.out(disk.lun(), Cdb.write10(LBA + 8, 8), two).leavingR2ts());
      session.connection().awaitR2ts(first, 1, Connection.TIMEOUT);
      session.connection().awaitR2ts(second, 1, Connection.TIMEOUT);
      second.answer(second.openR2ts().getFirst(), session.connection());
      first.answer(first.openR2ts().getFirst(), session.connection());
      session.connection().await(second).requireGood();
      session.connection().await(first).requireGood();
      assertThat(disk.read(LBA, 8, 512)).isEqualTo(one);
      assertThat(disk.read(LBA + 8, 8, 512)).isEqualTo(two);
    }
  }

  @Test
  @Section("11.7")
  void solicited_data_may_come_in_segments_of_any_length(TestedTarget target) throws Exception {
    try (Session session = login(target, "Yes", "No", 1)) {
      LogicalUnit disk = target.disk(session);
      byte[] data = random(4096);
      ScsiTask task = solicited(session, disk, data);
      Response.R2t r2t = task.openR2ts().getFirst();
      int[] ends = {1, 4, 513, 1024, 1027, 4096};
      int from = 0;
      for (int sn = 0; sn < ends.length; sn++) {
        session.connection().channel().send(out(task, r2t, sn, from, ends[sn], data));
        from = ends[sn];
      }
      session.connection().await(task).requireGood();
      assertThat(disk.read(LBA, 8, 512)).isEqualTo(data);
    }
  }

  @Test
  @Section("11.7.5")
  void a_skipped_DataSN_never_ends_in_GOOD(TestedTarget target) throws Exception {
    spoiled(target, (out, sn) -> sn == 1 ? out.with(Field.DATA_SN, 2) : out);
  }

  @Test
  @Section("13.18")
  void a_wrong_Buffer_Offset_never_ends_in_GOOD(TestedTarget target) throws Exception {
    spoiled(target, (out, sn) -> sn == 1 ? out.with(Field.BUFFER_OFFSET, 3072) : out);
  }

  @Test
  @Section("11.7.4, 11.8.4")
  void a_Buffer_Offset_beyond_the_R2T_never_ends_in_GOOD(TestedTarget target) throws Exception {
    spoiled(target, (out, sn) -> sn == 1 ? out.with(Field.BUFFER_OFFSET, 1 << 20) : out);
  }

  @Test
  @Section("11.7.4")
  void a_wrong_Target_Transfer_Tag_never_ends_in_GOOD(TestedTarget target) throws Exception {
    spoiled(target, (out, sn) -> out.with(Field.TTT, out.get(Field.TTT) ^ 0x5a5a5a5aL));
  }

  @Test
  @Section("11.7.1")
  void a_sequence_that_ends_early_never_ends_in_GOOD(TestedTarget target) throws Exception {
    spoiled(target, (out, sn) -> sn == 0 ? out.with(Field.FINAL, true) : out);
  }

  @Test
  @Section("13.14")
  void unsolicited_data_beyond_FirstBurstLength_never_ends_in_GOOD(TestedTarget target)
      throws Exception {
    try (Session session = login(target, "No", "Yes", 1)) {
      LogicalUnit disk = target.disk(session);
      ScsiCommand command =
          write(disk, 3 * FIRST_BURST, random(3 * FIRST_BURST))
              .withUnsolicited(512, 2 * FIRST_BURST)
              .leavingR2ts();
      ScsiTask task = session.submit(command);
      assertNeverGood(session, task);
    }
    target.mustServeOthers();
  }

  @Test
  @Section("13.11")
  void immediate_data_that_was_not_agreed_never_ends_in_GOOD(TestedTarget target) throws Exception {
    try (Session session = login(target, "Yes", "No", 1)) {
      LogicalUnit disk = target.disk(session);
      ScsiTask task = session.submit(write(disk, 512, random(512)).withUnsolicited(512, 512));
      assertNeverGood(session, task);
    }
    target.mustServeOthers();
  }

  @Test
  @Section("11.7")
  void data_out_for_no_task_does_no_harm(TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      Pdu stray = new Request.DataOut(true, 0, 0x7777, 0x1234, 0, 0, 0, new byte[512]).toPdu();
      Provocation.of(session.connection(), session.window().cmdSn(), stray);
      session.drop();
    }
    target.mustServeOthers();
  }

  private interface Spoiler {
    Pdu spoil(Pdu dataOut, int dataSn);
  }

  /** Answers an R2T of 4096 bytes with four Data-Outs, some spoiled. */
  private static void spoiled(TestedTarget target, Spoiler spoiler) throws IOException {
    try (Session session = login(target, "Yes", "No", 1)) {
      LogicalUnit disk = target.disk(session);
      byte[] data = random(4096);
      ScsiTask task = solicited(session, disk, data);
      Response.R2t r2t = task.openR2ts().getFirst();
      Pdu[] pdus = new Pdu[4];
      for (int sn = 0; sn < 4; sn++) {
        pdus[sn] = spoiler.spoil(out(task, r2t, sn, 1024 * sn, 1024 * (sn + 1), data), sn);
      }
      assertNeverGood(session, task, pdus);
    }
    target.mustServeOthers();
  }

  private static void assertNeverGood(Session session, ScsiTask task, Pdu... pdus)
      throws IOException {
    Provocation result =
        Provocation.upToAbort(
            session.connection(),
            task.command().lun(),
            task.itt(),
            task.cmdSn(),
            session.window().cmdSn(),
            pdus);
    assertThat(result.isGood(task.itt())).isFalse();
    session.drop();
  }

  /** Submits a write and waits for its one R2T over all of the data. */
  private static ScsiTask solicited(Session session, LogicalUnit disk, byte[] data)
      throws IOException {
    ScsiTask task = session.submit(write(disk, data.length, data).leavingR2ts());
    session.connection().awaitR2ts(task, 1, Duration.ofSeconds(30));
    assertThat(task.openR2ts().getFirst().desiredBytes()).isEqualTo(data.length);
    return task;
  }

  private static Pdu out(ScsiTask task, Response.R2t r2t, int sn, int from, int to, byte[] data) {
    return new Request.DataOut(
            to == data.length,
            task.command().lun(),
            task.itt(),
            r2t.ttt(),
            r2t.statSn(),
            sn,
            from,
            Arrays.copyOfRange(data, from, to))
        .toPdu();
  }

  private static int unsolicited(Session session, int length) {
    var agreed = session.parameters();
    int immediate =
        agreed.immediateData()
            ? Math.min(length, Math.min(agreed.firstBurst(), agreed.targetMaxRecv()))
            : 0;
    return agreed.initialR2t() ? immediate : Math.min(length, agreed.firstBurst());
  }

  private static Session login(
      TestedTarget target, String initialR2t, String immediateData, int outstanding)
      throws IOException {
    return target.login(o ->
        o.with("InitialR2T", initialR2t)
            .with("ImmediateData", immediateData)
            .with("FirstBurstLength", FIRST_BURST)
            .with("MaxBurstLength", MAX_BURST)
            .with("MaxOutstandingR2T", outstanding));
  }

  private static ScsiCommand write(LogicalUnit disk, int length, byte[] data) {
    return ScsiCommand.out(disk.lun(), Cdb.write10(LBA, length / 512), data);
  }

  private static byte[] random(int bytes) {
    byte[] data = new byte[bytes];
    new Random().nextBytes(data);
    return data;
  }
}
