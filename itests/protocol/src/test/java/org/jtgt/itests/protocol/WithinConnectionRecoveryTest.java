// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.Connection;
import org.jtgt.itests.initiator.Fault;
import org.jtgt.itests.initiator.Field;
import org.jtgt.itests.initiator.Lun;
import org.jtgt.itests.initiator.Pdu;
import org.jtgt.itests.initiator.Request;
import org.jtgt.itests.initiator.Response;
import org.jtgt.itests.initiator.Session;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Recovery level 1: SNACKs, recovery R2Ts, digests, retries (RFC 7143 7.2, 7.8, 7.9, 11.16). */
@ExtendWith(TargetUnderTest.class)
class WithinConnectionRecoveryTest {
  private static final int BLOCK_BYTES = TestedTarget.BLOCK_BYTES;
  private static final int ITT = 0x51;
  private static final long LBA = 2048;

  private final byte[] data = new byte[32 * BLOCK_BYTES];

  WithinConnectionRecoveryTest() {
    new Random(7143).nextBytes(data);
  }

  private static Session login(TestedTarget target) throws IOException {
    Session session =
        target.login(o ->
            o.with("ErrorRecoveryLevel", 1)
                .with("DataDigest", "CRC32C")
                .with("ImmediateData", "No")
                .with("MaxRecvDataSegmentLength", 4096)
                .with("MaxBurstLength", 8192)
                .with("FirstBurstLength", 8192));
    assertThat(session.parameters().errorRecoveryLevel()).isEqualTo(1);
    assertThat(session.parameters().digests().data()).isTrue();
    target.disk(session);
    return session.endingAbruptly();
  }

  private static Pdu command(
      TestedTarget target, Session session, boolean write, int blocks, int cmdSn) {
    return new Request.Command(
            false,
            true,
            !write,
            write,
            1,
            Lun.of(target.disk()),
            ITT,
            blocks * BLOCK_BYTES,
            cmdSn,
            session.connection().expStatSn(),
            write ? Cdb.write16(LBA, blocks) : Cdb.read16(LBA, blocks),
            new byte[0],
            new byte[0])
        .toPdu();
  }

  private static Pdu snack(
      Session session, int type, long lun, int itt, int ttt, int from, int run) {
    return new Request.Snack(type, lun, itt, ttt, session.connection().expStatSn(), from, run)
        .toPdu();
  }

  private static Pdu receive(Session session) throws IOException {
    return session.connection().channel().receive();
  }

  private static void send(Session session, Pdu pdu, Fault... faults) throws IOException {
    session.connection().channel().send(pdu, faults);
  }

  /** All PDUs of a command, up to its SCSI Response. */
  private static List<Pdu> answers(Session session) throws IOException {
    List<Pdu> pdus = new ArrayList<>();
    do {
      pdus.add(receive(session));
    } while (!(Response.of(pdus.getLast()) instanceof Response.Status));
    return pdus;
  }

  /** The same but for ExpCmdSN and MaxCmdSN, and StatSN of what carries no status. */
  private static void assertReplica(Pdu again, Pdu original) {
    assertThat(again.with(Field.EXP_CMD_SN, 0).with(Field.MAX_CMD_SN, 0))
        .isEqualTo(original.with(Field.EXP_CMD_SN, 0).with(Field.MAX_CMD_SN, 0));
  }

  private static void assertRejected(Pdu pdu, int reason) {
    assertThat(Response.of(pdu))
        .isInstanceOfSatisfying(
            Response.Reject.class, r -> assertThat(r.reason()).isEqualTo(reason));
  }

  private void writeData(TestedTarget target) throws IOException {
    try (Session session = target.login()) {
      target.disk(session).write(LBA, data, BLOCK_BYTES);
    }
  }

  @Test
  @Section("11.16.1")
  void a_status_SNACK_brings_the_response_again(TestedTarget target) throws Exception {
    try (Session session = login(target)) {
      send(session, command(target, session, false, 8, session.window().take()));
      Pdu status = answers(session).getLast();
      int statSn = status.getInt(Field.STAT_SN);
      send(
          session,
          snack(session, Request.Snack.STATUS, 0, Request.ITT_NONE, Request.TTT_NONE, statSn, 1));
      assertReplica(receive(session), status);
      send(
          session,
          snack(session, Request.Snack.STATUS, 0, Request.ITT_NONE, Request.TTT_NONE, statSn, 0));
      assertReplica(receive(session), status);
    }
  }

  @Test
  @Section("11.16")
  void a_SNACK_for_a_status_that_was_not_sent_is_a_protocol_error(TestedTarget target)
      throws Exception {
    try (Session session = login(target)) {
      int next = session.connection().expStatSn();
      send(
          session,
          snack(session, Request.Snack.STATUS, 0, Request.ITT_NONE, Request.TTT_NONE, next + 9, 1));
      assertRejected(receive(session), Response.Reject.PROTOCOL_ERROR);
    }
  }

  @Test
  @Section("11.16")
  void a_SNACK_for_an_acknowledged_status_is_a_protocol_error(TestedTarget target)
      throws Exception {
    try (Session session = login(target)) {
      Connection connection = session.connection();
      connection.ping(new byte[0]);
      int acknowledged = connection.expStatSn() - 1;
      send(
          session,
          snack(
              session,
              Request.Snack.STATUS,
              0,
              Request.ITT_NONE,
              Request.TTT_NONE,
              acknowledged,
              1));
      assertRejected(receive(session), Response.Reject.PROTOCOL_ERROR);
    }
  }

  @Test
  @Section("11.16.1, 11.7.5")
  void a_data_SNACK_brings_exact_replicas_of_a_run(TestedTarget target) throws Exception {
    writeData(target);
    try (Session session = login(target)) {
      send(session, command(target, session, false, 32, session.window().take()));
      List<Pdu> pdus = answers(session);
      assertThat(pdus).hasSize(5);
      send(
          session,
          snack(
              session,
              Request.Snack.DATA_OR_R2T,
              Lun.of(target.disk()),
              ITT,
              Request.TTT_NONE,
              1,
              2));
      assertReplica(receive(session), pdus.get(1));
      assertReplica(receive(session), pdus.get(2));
      send(
          session,
          snack(
              session,
              Request.Snack.DATA_OR_R2T,
              Lun.of(target.disk()),
              ITT,
              Request.TTT_NONE,
              0,
              0));
      for (int i = 0; i < 4; i++) {
        Pdu again = receive(session);
        assertReplica(again, pdus.get(i));
        assertThat(again.data()).isEqualTo(Arrays.copyOfRange(data, i * 4096, (i + 1) * 4096));
      }
      send(
          session,
          snack(
              session,
              Request.Snack.DATA_OR_R2T,
              Lun.of(target.disk()),
              ITT,
              Request.TTT_NONE,
              3,
              2));
      assertRejected(receive(session), Response.Reject.PROTOCOL_ERROR);
    }
  }

  @Test
  @Section("11.16.2, 11.7.2")
  void acknowledged_data_cannot_be_asked_for_again(TestedTarget target) throws Exception {
    try (Session session = login(target)) {
      send(session, command(target, session, false, 32, session.window().take()));
      List<Pdu> pdus = answers(session);
      Pdu asks = pdus.get(1);
      assertThat(asks.is(Field.ACKNOWLEDGE)).as("A at the end of a burst").isTrue();
      assertThat(pdus.get(0).is(Field.ACKNOWLEDGE)).isFalse();
      send(
          session,
          snack(
              session,
              Request.Snack.DATA_ACK,
              asks.get(Field.LUN),
              Request.ITT_NONE,
              asks.getInt(Field.TTT),
              2,
              0));
      send(
          session,
          snack(
              session,
              Request.Snack.DATA_OR_R2T,
              Lun.of(target.disk()),
              ITT,
              Request.TTT_NONE,
              1,
              1));
      assertRejected(receive(session), Response.Reject.PROTOCOL_ERROR);
      send(
          session,
          snack(
              session,
              Request.Snack.DATA_ACK,
              asks.get(Field.LUN),
              Request.ITT_NONE,
              asks.getInt(Field.TTT),
              77,
              0));
      assertRejected(receive(session), Response.Reject.INVALID_DATA_ACK);
    }
  }

  @Test
  @Section("11.16.3, 11.4.4")
  void an_R_data_SNACK_resegments_and_tags_the_response(TestedTarget target) throws Exception {
    writeData(target);
    try (Session session = login(target)) {
      send(session, command(target, session, false, 32, session.window().take()));
      Pdu status = answers(session).getLast();
      Pdu text =
          new Request.Text(
                  true,
                  true,
                  false,
                  0,
                  0x99,
                  Request.TTT_NONE,
                  session.window().cmdSn(),
                  session.connection().expStatSn(),
                  "MaxRecvDataSegmentLength=1024\0".getBytes())
              .toPdu();
      send(session, text);
      assertThat(Response.of(receive(session))).isInstanceOf(Response.Text.class);
      send(session, snack(session, Request.Snack.R_DATA, Lun.of(target.disk()), ITT, 0x1234, 0, 0));
      List<Pdu> again = answers(session);
      assertThat(again).hasSize(17);
      byte[] all = new byte[data.length];
      for (int i = 0; i < 16; i++) {
        assertThat(again.get(i).getInt(Field.DATA_SN)).isEqualTo(i);
        System.arraycopy(again.get(i).data(), 0, all, i * 1024, 1024);
      }
      assertThat(all).isEqualTo(data);
      assertThat(again.getLast().getInt(Field.SNACK_TAG)).isEqualTo(0x1234);
      assertThat(again.getLast().getInt(Field.STAT_SN)).isEqualTo(status.getInt(Field.STAT_SN));
    }
  }

  private Pdu dataOut(Pdu r2t, int dataSn, int from, int to, boolean last, Session session) {
    return new Request.DataOut(
            last,
            r2t.get(Field.LUN),
            ITT,
            r2t.getInt(Field.TTT),
            session.connection().expStatSn(),
            dataSn,
            from,
            Arrays.copyOfRange(data, from, to))
        .toPdu();
  }

  private void assertWritten(TestedTarget target, int bytes) throws IOException {
    try (Session session = target.login()) {
      assertThat(target.disk(session).read(LBA, bytes / BLOCK_BYTES, BLOCK_BYTES))
          .isEqualTo(Arrays.copyOf(data, bytes));
    }
  }

  @Test
  @Section("7.9, 11.8")
  void lost_data_out_is_asked_for_by_a_recovery_R2T(TestedTarget target) throws Exception {
    try (Session session = login(target)) {
      send(session, command(target, session, true, 8, session.window().take()));
      Pdu r2t = receive(session);
      send(session, dataOut(r2t, 0, 0, 1024, false, session));
      send(session, dataOut(r2t, 2, 2048, 4096, true, session));
      Pdu recovery = receive(session);
      assertThat(Response.of(recovery)).isInstanceOf(Response.R2t.class);
      assertThat(recovery.getInt(Field.R2T_SN)).isEqualTo(1);
      assertThat(recovery.getInt(Field.BUFFER_OFFSET)).isEqualTo(1024);
      assertThat(recovery.getInt(Field.DESIRED_DATA_TRANSFER_LENGTH)).isEqualTo(1024);
      assertThat(recovery.getInt(Field.TTT)).isNotEqualTo(r2t.getInt(Field.TTT));
      send(session, dataOut(recovery, 0, 1024, 2048, true, session));
      assertThat(receive(session).getInt(Field.STATUS)).isZero();
    }
    assertWritten(target, 4096);
  }

  @Test
  @Section("7.8")
  void damaged_data_out_is_rejected_and_asked_for_again(TestedTarget target) throws Exception {
    try (Session session = login(target)) {
      send(session, command(target, session, true, 8, session.window().take()));
      Pdu r2t = receive(session);
      send(session, dataOut(r2t, 0, 0, 2048, false, session), Fault.WRONG_DATA_DIGEST);
      assertRejected(receive(session), Response.Reject.DATA_DIGEST_ERROR);
      send(session, dataOut(r2t, 1, 2048, 4096, true, session));
      Pdu recovery = receive(session);
      assertThat(recovery.getInt(Field.BUFFER_OFFSET)).isZero();
      assertThat(recovery.getInt(Field.DESIRED_DATA_TRANSFER_LENGTH)).isEqualTo(2048);
      send(session, dataOut(recovery, 0, 0, 2048, true, session));
      assertThat(receive(session).getInt(Field.STATUS)).isZero();
    }
    assertWritten(target, 4096);
  }

  @Test
  @Section("7.2.2, 7.9")
  void data_out_that_never_comes_is_asked_for_again(TestedTarget target) throws Exception {
    try (Session session = login(target)) {
      send(session, command(target, session, true, 8, session.window().take()));
      Pdu r2t = receive(session);
      Pdu again = receive(session);
      assertThat(Response.of(again)).isInstanceOf(Response.R2t.class);
      assertThat(again.getInt(Field.BUFFER_OFFSET)).isEqualTo(r2t.getInt(Field.BUFFER_OFFSET));
      send(session, dataOut(again, 0, 0, 4096, true, session));
      assertThat(answers(session).getLast().getInt(Field.STATUS)).isZero();
    }
    assertWritten(target, 4096);
  }

  @Test
  @Section("11.16.1, 11.8")
  void an_R2T_SNACK_brings_the_same_R2T(TestedTarget target) throws Exception {
    try (Session session = login(target)) {
      send(session, command(target, session, true, 8, session.window().take()));
      Pdu r2t = receive(session);
      send(
          session,
          snack(
              session,
              Request.Snack.DATA_OR_R2T,
              Lun.of(target.disk()),
              ITT,
              Request.TTT_NONE,
              0,
              1));
      assertReplica(receive(session), r2t);
      send(session, dataOut(r2t, 0, 0, 4096, true, session));
      assertThat(answers(session).getLast().getInt(Field.STATUS)).isZero();
    }
    assertWritten(target, 4096);
  }

  @Test
  @Section("7.2.1")
  void a_command_that_is_sent_twice_runs_once(TestedTarget target) throws Exception {
    try (Session session = login(target)) {
      Pdu read = command(target, session, false, 8, session.window().take());
      send(session, read);
      send(session, read);
      answers(session);
      assertThat(Provocation.of(session.connection(), session.window().cmdSn()).seen())
          .as("after its only status")
          .isEmpty();
    }
  }

  @Test
  @Section("7.2.1, 7.8")
  void a_command_with_damaged_data_is_rejected_and_runs_when_it_is_sent_again(TestedTarget target)
      throws Exception {
    try (Session session =
        target.login(o -> o.with("ErrorRecoveryLevel", 1).with("DataDigest", "CRC32C"))) {
      target.disk(session.endingAbruptly());
      Pdu write =
          command(target, session, true, 4, session.window().take())
              .withData(Arrays.copyOf(data, 2048));
      send(session, write, Fault.WRONG_DATA_DIGEST);
      assertRejected(receive(session), Response.Reject.DATA_DIGEST_ERROR);
      send(session, write);
      assertThat(receive(session).getInt(Field.STATUS)).isZero();
    }
    assertWritten(target, 2048);
  }

  @Test
  @Section("11.4.8, 11.7.3")
  void at_level_1_the_status_comes_in_a_response_of_its_own(TestedTarget target) throws Exception {
    try (Session session = login(target)) {
      send(session, command(target, session, false, 8, session.window().take()));
      List<Pdu> pdus = answers(session);
      assertThat(pdus.subList(0, pdus.size() - 1))
          .allSatisfy(pdu -> assertThat(pdu.is(Field.STATUS_PRESENT)).isFalse());
      assertThat(pdus.getLast().getInt(Field.EXP_DATA_SN)).isEqualTo(pdus.size() - 1);
    }
  }

  @Test
  @Section("11.16.1, 11.17.1")
  void an_unknown_kind_of_SNACK_is_rejected(TestedTarget target) throws Exception {
    try (Session session = login(target)) {
      send(session, snack(session, 9, 0, Request.ITT_NONE, Request.TTT_NONE, 0, 0));
      assertRejected(receive(session), Response.Reject.INVALID_PDU_FIELD);
    }
  }
}
