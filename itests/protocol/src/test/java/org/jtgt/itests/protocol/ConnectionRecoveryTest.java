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
import org.jtgt.itests.initiator.LoginException;
import org.jtgt.itests.initiator.Lun;
import org.jtgt.itests.initiator.Pdu;
import org.jtgt.itests.initiator.Request;
import org.jtgt.itests.initiator.Response;
import org.jtgt.itests.initiator.ScsiCommand;
import org.jtgt.itests.initiator.ScsiTask;
import org.jtgt.itests.initiator.Session;
import org.jtgt.itests.initiator.TaskFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Recovery level 2: logout for recovery, reassignment, session state (RFC 7143 7.2.2, 11.14). */
@ExtendWith(TargetUnderTest.class)
class ConnectionRecoveryTest {
  /**
   * What a test leaves suspended keeps its place in the task set that long: ORDERED commands of a
   * later test wait for it, so it is less than the time that they have.
   */
  private static final int RETAIN_SECONDS = 8;

  private static final int BLOCK_BYTES = TestedTarget.BLOCK_BYTES;
  private static final long LBA = 4000;

  private final byte[] data = new byte[32 * BLOCK_BYTES];

  ConnectionRecoveryTest() {
    new Random(7143).nextBytes(data);
  }

  private static Session login(TestedTarget target, int level, int retainSeconds)
      throws IOException {
    Session session =
        target.login(o ->
            o.with("ErrorRecoveryLevel", level)
                .with("MaxConnections", 4)
                .with("DefaultTime2Wait", 0)
                .with("DefaultTime2Retain", retainSeconds)
                .with("ImmediateData", "No")
                .with("MaxRecvDataSegmentLength", 4096));
    assertThat(session.parameters().errorRecoveryLevel()).isEqualTo(level);
    target.disk(session);
    return session.endingAbruptly();
  }

  private static int reassign(
      TestedTarget target, Connection by, int itt, int cmdSn, int expDataSn, Session session)
      throws IOException {
    by.channel()
        .send(
            new Request.TaskManagement(
                    true,
                    TaskFunction.TASK_REASSIGN,
                    Lun.of(target.disk()),
                    0x7777,
                    itt,
                    session.window().cmdSn(),
                    by.expStatSn(),
                    cmdSn,
                    expDataSn)
                .toPdu());
    Pdu answer = by.channel().receive();
    assertThat(Response.of(answer)).isInstanceOf(Response.TaskManagement.class);
    return answer.getInt(Field.RESPONSE);
  }

  private ScsiCommand write(TestedTarget target) {
    return ScsiCommand.out(
        Lun.of(target.disk()), Cdb.write16(LBA, data.length / BLOCK_BYTES), data);
  }

  @Test
  @Section("7.2.2, 11.5.1, 11.6.1")
  void a_write_goes_on_over_another_connection(TestedTarget target) throws Exception {
    try (Session session = login(target, 2, RETAIN_SECONDS)) {
      Connection second = session.addConnection(target.portal(), 2);
      ScsiTask task = second.submit(write(target).leavingR2ts());
      second.receive(Duration.ofSeconds(20));
      second.channel().reset();
      Connection first = session.connection();
      assertThat(first.logout(Request.Logout.REMOVE_FOR_RECOVERY, 2)).isZero();
      assertThat(reassign(target, first, task.itt(), task.cmdSn(), 1, session)).isZero();
      Pdu r2t = first.channel().receive();
      assertThat(Response.of(r2t)).isInstanceOf(Response.R2t.class);
      assertThat(r2t.getInt(Field.R2T_SN)).isEqualTo(1);
      assertThat(r2t.getInt(Field.BUFFER_OFFSET)).isZero();
      first
          .channel()
          .send(
              new Request.DataOut(
                      true,
                      Lun.of(target.disk()),
                      task.itt(),
                      r2t.getInt(Field.TTT),
                      first.expStatSn(),
                      0,
                      0,
                      data)
                  .toPdu());
      Pdu status = first.channel().receive();
      assertThat(status.getInt(Field.ITT)).isEqualTo(task.itt());
      assertThat(status.getInt(Field.STATUS)).isZero();
    }
    try (Session session = target.login()) {
      assertThat(target.disk(session).read(LBA, 32, BLOCK_BYTES)).isEqualTo(data);
    }
  }

  @Test
  @Section("7.2.2, 11.5.6")
  void a_read_is_sent_again_from_the_expected_data_on(TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      target.disk(session).write(LBA, data, BLOCK_BYTES);
    }
    try (Session session = login(target, 2, RETAIN_SECONDS)) {
      Connection second = session.addConnection(target.portal(), 2);
      ScsiTask task =
          second.submit(ScsiCommand.in(Lun.of(target.disk()), Cdb.read16(LBA, 32), data.length));
      // The status is read from the socket, and never acknowledged.
      Pdu last;
      do {
        last = second.channel().receive();
      } while (!(Response.of(last) instanceof Response.Status));
      second.channel().reset();
      Connection first = session.connection();
      assertThat(first.logout(Request.Logout.REMOVE_FOR_RECOVERY, 2)).isZero();
      assertThat(reassign(target, first, task.itt(), task.cmdSn(), 2, session)).isZero();
      for (int dataSn = 2; dataSn < 4; dataSn++) {
        Pdu pdu = first.channel().receive();
        assertThat(pdu.getInt(Field.DATA_SN)).isEqualTo(dataSn);
        assertThat(pdu.data())
            .isEqualTo(Arrays.copyOfRange(data, dataSn * 4096, (dataSn + 1) * 4096));
      }
      Pdu status = first.channel().receive();
      assertThat(status.getInt(Field.ITT)).isEqualTo(task.itt());
      assertThat(status.getInt(Field.STATUS)).isZero();
      assertThat(status.getInt(Field.EXP_DATA_SN)).isEqualTo(4);
    }
  }

  @Test
  @Section("11.6.1, 7.2.2")
  void a_task_of_a_live_connection_is_still_allegiant(TestedTarget target) throws Exception {
    try (Session session = login(target, 2, RETAIN_SECONDS)) {
      Connection second = session.addConnection(target.portal(), 2);
      ScsiTask task = second.submit(write(target).leavingR2ts());
      second.receive(Duration.ofSeconds(20));
      assertThat(reassign(target, session.connection(), task.itt(), task.cmdSn(), 0, session))
          .isEqualTo(TaskFunction.TASK_STILL_ALLEGIANT);
    }
  }

  @Test
  @Section("11.6.1")
  void a_task_that_does_not_exist_cannot_be_reassigned(TestedTarget target) throws Exception {
    try (Session session = login(target, 2, RETAIN_SECONDS)) {
      assertThat(
              reassign(
                  target, session.connection(), 0x4242, session.window().cmdSn() - 1, 0, session))
          .isEqualTo(TaskFunction.TASK_DOES_NOT_EXIST);
    }
  }

  @Test
  @Section("11.6.1, 11.15.1")
  void below_level_2_nothing_is_reassigned(TestedTarget target) throws Exception {
    try (Session session = login(target, 1, 20)) {
      assertThat(session.connection().logout(Request.Logout.REMOVE_FOR_RECOVERY, 1))
          .as("recovery not supported")
          .isEqualTo(2);
      assertThat(
              reassign(
                  target, session.connection(), 0x4242, session.window().cmdSn() - 1, 0, session))
          .isEqualTo(TaskFunction.REASSIGNMENT_NOT_SUPPORTED);
    }
  }

  @Test
  @Section("11.15.3, 11.15.4")
  void a_logout_for_recovery_tells_the_agreed_times(TestedTarget target) throws Exception {
    try (Session session = login(target, 2, 7)) {
      session.addConnection(target.portal(), 2);
      Connection first = session.connection();
      first
          .channel()
          .send(
              new Request.Logout(
                      true,
                      Request.Logout.REMOVE_FOR_RECOVERY,
                      0x61,
                      2,
                      session.window().cmdSn(),
                      first.expStatSn())
                  .toPdu());
      Pdu answer = first.channel().receive();
      assertThat(answer.getInt(Field.RESPONSE)).isZero();
      assertThat(answer.getInt(Field.TIME2WAIT)).isEqualTo(session.parameters().time2Wait());
      assertThat(answer.getInt(Field.TIME2RETAIN)).isEqualTo(7);
    }
  }

  @Test
  @Section("6.3.4, 6.3.6")
  void a_session_lives_on_without_connections_for_its_time(TestedTarget target) throws Exception {
    try (Session session = login(target, 2, RETAIN_SECONDS)) {
      session.connection().channel().reset();
      Connection again = session.addConnection(target.portal(), 2);
      // The nexus has lived on: no unit attention tells of its loss.
      again.execute(ScsiCommand.none(Lun.of(target.disk()), Cdb.testUnitReady())).requireGood();
      assertThat(again.logout(Request.Logout.CLOSE_SESSION, 2)).isZero();
    }
  }

  @Test
  @Section("13.16, 11.13.5")
  void a_session_without_time_to_retain_ends_with_its_connection(TestedTarget target)
      throws Exception {
    try (Session session = login(target, 2, 0)) {
      session.connection().channel().reset();
      long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      int status = 0;
      while (status != 0x020a && System.nanoTime() < deadline) {
        try {
          session.addConnection(target.portal(), 2).channel().reset();
        } catch (LoginException e) {
          status = e.response().status();
        }
      }
      assertThat(status).isEqualTo(0x020a);
    }
  }

  @Test
  @Section("11.15.1")
  void a_CID_that_never_was_cannot_be_removed_for_recovery(TestedTarget target) throws Exception {
    try (Session session = login(target, 2, RETAIN_SECONDS)) {
      assertThat(session.connection().logout(Request.Logout.REMOVE_FOR_RECOVERY, 999)).isEqualTo(1);
      session.logout();
    }
  }

  @Test
  @Section("7.2.1, 4.2.2.1")
  void a_command_that_did_not_arrive_is_sent_again_over_another_connection(TestedTarget target)
      throws Exception {
    try (Session session = login(target, 2, RETAIN_SECONDS)) {
      Connection second = session.addConnection(target.portal(), 2);
      int missing = session.window().take();
      ScsiTask held = second.submit(ScsiCommand.none(Lun.of(target.disk()), Cdb.testUnitReady()));
      second.channel().reset();
      Connection first = session.connection();
      assertThat(first.logout(Request.Logout.REMOVE_FOR_RECOVERY, 2)).isZero();
      for (int[] each : new int[][] {{0x5001, missing}, {held.itt(), held.cmdSn()}}) {
        first
            .channel()
            .send(
                new Request.Command(
                        false,
                        true,
                        false,
                        false,
                        1,
                        Lun.of(target.disk()),
                        each[0],
                        0,
                        each[1],
                        first.expStatSn(),
                        Cdb.testUnitReady(),
                        new byte[0],
                        new byte[0])
                    .toPdu());
        Pdu status = first.channel().receive();
        assertThat(status.getInt(Field.ITT)).isEqualTo(each[0]);
        assertThat(status.getInt(Field.STATUS)).isZero();
      }
    }
  }
}
