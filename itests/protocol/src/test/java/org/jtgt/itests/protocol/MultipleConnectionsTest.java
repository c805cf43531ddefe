// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.Connection;
import org.jtgt.itests.initiator.ConnectionClosedException;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several connections of one session (RFC 7143 4.2.2, 4.2.5.1, 11.14). */
@ExtendWith(TargetUnderTest.class)
class MultipleConnectionsTest {
  private static final int BLOCK_BYTES = TestedTarget.BLOCK_BYTES;

  private static Session login(TestedTarget target, int connections) throws IOException {
    Session session = target.login(o -> o.with("MaxConnections", 4).with("ImmediateData", "No"));
    assertThat(session.parameters().maxConnections()).isEqualTo(4);
    target.disk(session);
    for (int cid = 2; cid <= connections; cid++) {
      session.addConnection(target.portal(), cid);
    }
    return session.endingAbruptly();
  }

  private static Pdu testUnitReady(TestedTarget target, int itt, int cmdSn) {
    return new Request.Command(
            false,
            true,
            false,
            false,
            1,
            Lun.of(target.disk()),
            itt,
            0,
            cmdSn,
            0,
            Cdb.testUnitReady(),
            new byte[0],
            new byte[0])
        .toPdu();
  }

  private static ScsiCommand write(TestedTarget target, long lba, byte[] data) {
    return ScsiCommand.out(
        Lun.of(target.disk()), Cdb.write16(lba, data.length / BLOCK_BYTES), data);
  }

  @Test
  @Section("4.2.2.1")
  void a_command_waits_for_the_one_before_it_on_another_connection(TestedTarget target)
      throws Exception {
    try (Session session = login(target, 2)) {
      Connection first = session.connections().get(0);
      Connection second = session.connections().get(1);
      int cmdSn = session.window().take();
      int next = session.window().take();
      Provocation early =
          Provocation.of(second, session.window().cmdSn(), testUnitReady(target, 0x71, next));
      assertThat(early.closed()).isFalse();
      assertThat(early.seen()).as("before its turn").isEmpty();
      first.channel().send(testUnitReady(target, 0x70, cmdSn));
      assertThat(Response.of(first.channel().receive()).itt()).isEqualTo(0x70);
      Response late = Response.of(second.channel().receive());
      assertThat(late.itt()).as("on its own connection").isEqualTo(0x71);
      assertThat(late.pdu().getInt(Field.STATUS)).isZero();
    }
  }

  @Test
  @Section("4.2.2.1, 4.2.5.1")
  void writes_and_reads_spread_over_four_connections_keep_their_data(TestedTarget target)
      throws Exception {
    try (Session session = login(target, 4)) {
      for (int round = 0; round < 20; round++) {
        List<ScsiTask> writes = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          byte[] data = new byte[64 * BLOCK_BYTES];
          java.util.Arrays.fill(data, (byte) (round * 4 + i));
          writes.add(session.connections().get(i).submit(write(target, 256 + 64L * i, data)));
        }
        for (int i = 0; i < 4; i++) {
          session.connections().get(i).await(writes.get(i)).requireGood();
        }
        for (int i = 0; i < 4; i++) {
          byte[] data =
              session
                  .connections()
                  .get(3 - i)
                  .execute(
                      ScsiCommand.in(
                          Lun.of(target.disk()), Cdb.read16(256 + 64L * i, 64), 64 * BLOCK_BYTES))
                  .requireGood()
                  .data();
          assertThat(data).containsOnly((byte) (round * 4 + i));
        }
      }
      session.logout();
    }
  }

  @Test
  @Section("11.13.5, 13.2")
  void one_connection_more_than_agreed_is_refused_with_0206(TestedTarget target) throws Exception {
    try (Session session = login(target, 4)) {
      assertThatThrownBy(() -> session.addConnection(target.portal(), 5))
          .isInstanceOfSatisfying(
              LoginException.class, e -> assertThat(e.response().status()).isEqualTo(0x0206));
      session.logout();
    }
  }

  @Test
  @Section("11.14, 11.15")
  void a_logout_of_one_connection_leaves_the_others(TestedTarget target) throws Exception {
    try (Session session = login(target, 3)) {
      Connection first = session.connections().get(0);
      Connection second = session.connections().get(1);
      Connection third = session.connections().get(2);
      assertThat(second.logout(Request.Logout.CLOSE_CONNECTION, 2)).isZero();
      assertThat(second.channel().receiveUntilClosed(Duration.ofSeconds(20))).isEmpty();
      assertThat(first.logout(Request.Logout.CLOSE_CONNECTION, 3)).as("of another").isZero();
      assertThat(third.channel().receiveUntilClosed(Duration.ofSeconds(20))).isEmpty();
      assertThat(first.logout(Request.Logout.CLOSE_CONNECTION, 3)).as("CID not found").isEqualTo(1);
      first.execute(ScsiCommand.none(Lun.of(target.disk()), Cdb.testUnitReady())).requireGood();
      session.addConnection(target.portal(), 2).ping(new byte[8]);
      session.logout();
    }
  }

  @Test
  @Section("11.14, 11.14.5")
  void a_logout_of_a_connection_ends_its_writes_that_wait_for_data(TestedTarget target)
      throws Exception {
    try (Session session = login(target, 2)) {
      Connection first = session.connections().get(0);
      Connection second = session.connections().get(1);
      byte[] before = session.logicalUnit(target.disk()).read(900, 8, BLOCK_BYTES);
      ScsiTask waiting = second.submit(write(target, 900, new byte[8 * BLOCK_BYTES]).leavingR2ts());
      second.receive(Duration.ofSeconds(20));
      assertThat(waiting.openR2ts()).hasSize(1);
      assertThat(first.logout(Request.Logout.CLOSE_CONNECTION, 2)).isZero();
      assertThat(session.logicalUnit(target.disk()).testUnitReady().sense().orElseThrow())
          .as("SOME COMMANDS CLEARED BY ISCSI PROTOCOL EVENT")
          .satisfies(sense -> assertThat(sense.asc() << 8 | sense.ascq()).isEqualTo(0x477f));
      assertThat(session.logicalUnit(target.disk()).read(900, 8, BLOCK_BYTES)).isEqualTo(before);
      session.logout();
    }
  }

  @Test
  @Section("11.14")
  void a_logout_of_the_session_closes_every_connection(TestedTarget target) throws Exception {
    try (Session session = login(target, 3)) {
      Connection first = session.connections().get(0);
      assertThat(first.logout(Request.Logout.CLOSE_SESSION, 0)).isZero();
      for (Connection connection : session.connections()) {
        assertThat(connection.channel().receiveUntilClosed(Duration.ofSeconds(20))).isEmpty();
      }
      assertThatThrownBy(() -> session.addConnection(target.portal(), 9))
          .isInstanceOfSatisfying(
              LoginException.class, e -> assertThat(e.response().status()).isEqualTo(0x020a));
    }
  }

  @Test
  @Section("7.11, 8.1")
  void a_lost_connection_leaves_the_session_on_the_others(TestedTarget target) throws Exception {
    try (Session session = login(target, 2)) {
      Connection second = session.connections().get(1);
      second.submit(write(target, 900, new byte[8 * BLOCK_BYTES]).leavingR2ts());
      second.channel().reset();
      // The aborted write is told of once, whenever the target has noticed (11.14.5).
      session.connection().execute(ScsiCommand.none(Lun.of(target.disk()), Cdb.testUnitReady()));
      session.connection().ping(new byte[8]);
      session.logout();
    }
  }

  @Test
  @Section("6.3.4")
  void a_login_with_a_CID_in_use_replaces_that_connection(TestedTarget target) throws Exception {
    try (Session session = login(target, 2)) {
      Connection old = session.connections().get(1);
      Connection again = session.addConnection(target.portal(), 2);
      assertThat(old.channel().receiveUntilClosed(Duration.ofSeconds(20))).isEmpty();
      again.ping(new byte[16]);
      session.connection().ping(new byte[16]);
      session.logout();
    }
  }

  @Test
  @Section("11.5.1, 11.6.1")
  void a_task_is_aborted_from_another_connection(TestedTarget target) throws Exception {
    try (Session session = login(target, 2)) {
      Connection first = session.connections().get(0);
      Connection second = session.connections().get(1);
      ScsiTask task = second.submit(write(target, 900, new byte[8 * BLOCK_BYTES]).leavingR2ts());
      second.receive(Duration.ofSeconds(20));
      assertThat(
              first.taskManagement(
                  TaskFunction.ABORT_TASK, Lun.of(target.disk()), task.itt(), task.cmdSn()))
          .isEqualTo(TaskFunction.FUNCTION_COMPLETE);
      second.forget(task);
      second.ping(new byte[0]);
      session.logout();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {TaskFunction.ABORT_TASK_SET, TaskFunction.LOGICAL_UNIT_RESET})
  @Section("4.2.3.3, 11.5.1")
  void a_function_on_many_tasks_waits_for_commands_of_other_connections(
      int function, TestedTarget target) throws Exception {
    try (Session session = login(target, 2)) {
      Connection first = session.connections().get(0);
      Connection second = session.connections().get(1);
      int missing = session.window().take();
      Pdu manage =
          new Request.TaskManagement(
                  true,
                  function,
                  Lun.of(target.disk()),
                  0x72,
                  Request.ITT_NONE,
                  session.window().cmdSn(),
                  second.expStatSn(),
                  0,
                  0)
              .toPdu();
      Provocation early = Provocation.of(second, session.window().cmdSn(), manage);
      assertThat(early.closed()).isFalse();
      assertThat(early.seen()).as("before the command has come").isEmpty();
      first.channel().send(testUnitReady(target, 0x70, missing));
      Response status = Response.of(first.channel().receive());
      assertThat(status.itt()).isEqualTo(0x70);
      // The target asks for the acknowledgement of that status; any PDU gives it.
      first
          .channel()
          .send(
              new Request.NopOut(
                      true,
                      0,
                      0x73,
                      Request.TTT_NONE,
                      session.window().cmdSn(),
                      status.statSn() + 1,
                      new byte[0])
                  .toPdu());
      Response done = Response.of(second.channel().receive());
      assertThat(done.itt()).isEqualTo(0x72);
      assertThat(done.pdu().getInt(Field.RESPONSE)).isZero();
    }
  }

  @Test
  @Section("11.2.1.8, 11.17.1")
  void a_tag_in_use_on_another_connection_is_rejected(TestedTarget target) throws Exception {
    try (Session session = login(target, 2)) {
      Connection first = session.connections().get(0);
      Connection second = session.connections().get(1);
      ScsiTask task = first.submit(write(target, 900, new byte[8 * BLOCK_BYTES]).leavingR2ts());
      first.receive(Duration.ofSeconds(20));
      Provocation twice =
          Provocation.of(
              second,
              session.window().cmdSn() + 1,
              testUnitReady(target, task.itt(), session.window().cmdSn()));
      assertThat(twice.rejects())
          .singleElement()
          .satisfies(r -> assertThat(r.reason()).isEqualTo(Response.Reject.TASK_IN_PROGRESS));
    }
  }

  @Test
  @Section("11.9.1, 7.7")
  void a_connection_that_the_target_drops_is_announced_on_another(TestedTarget target)
      throws Exception {
    try (Session session = login(target, 2)) {
      Connection first = session.connections().get(0);
      Connection second = session.connections().get(1);
      Pdu tooLong =
          testUnitReady(target, 0x70, session.window().take())
              .with(Field.DATA_SEGMENT_LENGTH, 0xffffff);
      second.channel().send(tooLong);
      assertThatThrownBy(() -> second.channel().receive())
          .isInstanceOf(ConnectionClosedException.class);
      Response event = first.receive(Duration.ofSeconds(20));
      assertThat(event)
          .isInstanceOfSatisfying(
              Response.Async.class,
              async -> {
                assertThat(async.event()).isEqualTo(Response.Async.CONNECTION_DROPPED);
                assertThat(async.parameter1()).as("CID").isEqualTo(2);
              });
    }
    target.mustServeOthers();
  }

  @Test
  @Section("4.4.3.1, 6.3.5")
  void a_reinstated_session_closes_every_connection(TestedTarget target) throws Exception {
    try (Session session = login(target, 3)) {
      try (Session again = Session.login(target.portal(), session.options())) {
        for (Connection connection : session.connections()) {
          List<Pdu> last = connection.channel().receiveUntilClosed(Duration.ofSeconds(20));
          assertThat(last)
              .allSatisfy(pdu ->
                  assertThat(pdu.getInt(Field.ASYNC_EVENT))
                      .isEqualTo(Response.Async.ALL_CONNECTIONS_DROPPED));
        }
        again.connection().ping(new byte[4]);
        again.logout();
      }
    }
  }
}
