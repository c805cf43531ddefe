// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.jtgt.itests.initiator.Connection;
import org.jtgt.itests.initiator.LogicalUnit;
import org.jtgt.itests.initiator.Lun;
import org.jtgt.itests.initiator.RejectedException;
import org.jtgt.itests.initiator.Request;
import org.jtgt.itests.initiator.Response;
import org.jtgt.itests.initiator.ScsiResult;
import org.jtgt.itests.initiator.ScsiTask;
import org.jtgt.itests.initiator.Sense;
import org.jtgt.itests.initiator.Session;
import org.jtgt.itests.initiator.TaskFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Task management functions and their responses. */
@ExtendWith(TargetUnderTest.class)
class TaskManagementTest {

  @Test
  @Section("11.6.1")
  void a_task_outside_the_window_does_not_exist(TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      LogicalUnit disk = target.disk(session);
      int response =
          session
              .connection()
              .taskManagement(
                  TaskFunction.ABORT_TASK, disk.lun(), 0x4711, session.window().cmdSn() - 1000);
      assertThat(response).isEqualTo(TaskFunction.TASK_DOES_NOT_EXIST);
      disk.testUnitReady().requireGood();
    }
  }

  @Test
  @Section("11.5.5, 11.6.1")
  void an_abort_takes_the_place_of_a_command_that_never_came(TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      LogicalUnit disk = target.disk(session);
      int lost = session.window().take();
      int response =
          session.connection().taskManagement(TaskFunction.ABORT_TASK, disk.lun(), 0x4711, lost);
      assertThat(response).isEqualTo(TaskFunction.FUNCTION_COMPLETE);
      // Its CmdSN counts as received: what follows is executed.
      disk.testUnitReady().requireGood();
    }
  }

  @Test
  @Section("11.5.1, 11.6.1")
  void an_aborted_write_sends_no_status_and_writes_nothing_more(TestedTarget target)
      throws Exception {
    try (Session session = noUnsolicited(target)) {
      LogicalUnit disk = target.disk(session);
      byte[] before = disk.read(0, 8, 512);
      ScsiTask write = TestedTarget.waitingWrite(session, disk);
      assertThat(session.connection().abort(write)).isEqualTo(TaskFunction.FUNCTION_COMPLETE);
      Provocation after = Provocation.of(session.connection(), session.window().cmdSn());
      assertThat(after.seen()).isEmpty();
      session.drop();
      try (Session again = target.login()) {
        assertThat(target.disk(again).read(0, 8, 512)).isEqualTo(before);
      }
    }
  }

  @ParameterizedTest(name = "function {0}")
  @Section("11.5.1, 4.2.3.3")
  @ValueSource(
      ints = {
        TaskFunction.ABORT_TASK_SET,
        TaskFunction.CLEAR_TASK_SET,
        TaskFunction.LOGICAL_UNIT_RESET
      })
  void a_function_on_the_task_set_ends_writes_that_wait_for_data(int function, TestedTarget target)
      throws Exception {
    try (Session session = noUnsolicited(target)) {
      LogicalUnit disk = target.disk(session);
      ScsiTask write = TestedTarget.waitingWrite(session, disk);
      Response.R2t r2t = write.openR2ts().getFirst();
      session.connection().forget(write);
      // The target may wait for the data that it asked for before it answers (4.2.3.3).
      Connection connection = session.connection();
      int cmdSn = session.window().cmdSn();
      connection
          .channel()
          .send(
              new Request.TaskManagement(
                      true,
                      function,
                      disk.lun(),
                      0x4711,
                      Request.ITT_NONE,
                      cmdSn,
                      connection.expStatSn(),
                      0,
                      0)
                  .toPdu());
      write.answer(r2t, connection);
      Response answer = Response.of(connection.channel().receive());
      while (!(answer instanceof Response.TaskManagement)) {
        assertThat(answer.itt()).isIn(write.itt(), Request.ITT_NONE);
        answer = Response.of(connection.channel().receive());
      }
      assertThat(((Response.TaskManagement) answer).response())
          .isEqualTo(TaskFunction.FUNCTION_COMPLETE);
      session.drop();
    }
    target.mustServeOthers();
  }

  @ParameterizedTest(name = "function {0}")
  @Section("11.6.1")
  @ValueSource(
      ints = {
        TaskFunction.ABORT_TASK_SET,
        TaskFunction.CLEAR_TASK_SET,
        TaskFunction.LOGICAL_UNIT_RESET
      })
  void a_LUN_that_does_not_exist_is_reported(int function, TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      assertThat(session.connection().taskManagement(function, Lun.of(target.unmapped())))
          .isEqualTo(TaskFunction.LUN_DOES_NOT_EXIST);
    }
  }

  @Test
  @Section("11.5.1, SAM-5 5.14")
  void a_logical_unit_reset_is_announced_to_the_other_sessions(TestedTarget target)
      throws Exception {
    try (Session one = target.login();
        Session two = target.login()) {
      LogicalUnit disk = target.disk(one);
      LogicalUnit seenByOther = target.disk(two);
      LogicalUnit otherDisk = target.otherDisk(two);
      assertThat(one.connection().taskManagement(TaskFunction.LOGICAL_UNIT_RESET, disk.lun()))
          .isEqualTo(TaskFunction.FUNCTION_COMPLETE);
      ScsiResult attention = seenByOther.testUnitReady();
      assertThat(attention.status()).isEqualTo(ScsiResult.CHECK_CONDITION);
      assertThat(attention.sense().orElseThrow().key()).isEqualTo(Sense.UNIT_ATTENTION);
      assertThat(attention.sense().orElseThrow().asc()).isEqualTo(0x29);
      seenByOther.testUnitReady().requireGood();
      otherDisk.testUnitReady().requireGood();
    }
  }

  @Test
  @Section("11.5.1, 11.6.1")
  void a_target_warm_reset_keeps_the_connection(TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      target.disk(session);
      assertThat(session.connection().taskManagement(TaskFunction.TARGET_WARM_RESET, 0))
          .isIn(
              TaskFunction.FUNCTION_COMPLETE,
              TaskFunction.FUNCTION_NOT_SUPPORTED,
              TaskFunction.FUNCTION_AUTHORIZATION_FAILED);
      session.connection().ping(new byte[] {1});
      target.disk(session).testUnitReady().requireGood();
    }
  }

  @Test
  @Section("11.5.1, 11.6.1")
  void a_target_cold_reset_if_done_closes_the_connection(TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      target.disk(session);
      int response = session.connection().taskManagement(TaskFunction.TARGET_COLD_RESET, 0);
      if (response == TaskFunction.FUNCTION_COMPLETE) {
        session.connection().channel().receiveUntilClosed(Connection.TIMEOUT);
      } else {
        assertThat(response)
            .isIn(TaskFunction.FUNCTION_NOT_SUPPORTED, TaskFunction.FUNCTION_AUTHORIZATION_FAILED);
        session.connection().ping(new byte[] {1});
      }
      session.drop();
    }
    target.mustServeOthers();
  }

  @ParameterizedTest(name = "function {0}")
  @Section("11.5.1, 11.6.1")
  @ValueSource(ints = {0, 15, 99, 127})
  void a_function_that_does_not_exist_is_not_supported(int function, TestedTarget target)
      throws Exception {
    try (Session session = target.login()) {
      LogicalUnit disk = target.disk(session);
      try {
        assertThat(session.connection().taskManagement(function, disk.lun()))
            .isIn(TaskFunction.FUNCTION_NOT_SUPPORTED, TaskFunction.FUNCTION_REJECTED);
      } catch (RejectedException e) {
        assertThat(e.reject().reason())
            .isIn(Response.Reject.INVALID_PDU_FIELD, Response.Reject.PROTOCOL_ERROR);
      }
      disk.testUnitReady().requireGood();
    }
  }

  @Test
  @Section("11.5.6, 11.6.1")
  void a_task_is_not_reassigned_at_error_recovery_level_0(TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      LogicalUnit disk = target.disk(session);
      assertThat(
              session
                  .connection()
                  .taskManagement(TaskFunction.TASK_REASSIGN, disk.lun(), 0x4711, 0))
          .isIn(
              TaskFunction.TASK_DOES_NOT_EXIST,
              TaskFunction.REASSIGNMENT_NOT_SUPPORTED,
              TaskFunction.FUNCTION_NOT_SUPPORTED,
              TaskFunction.FUNCTION_REJECTED);
    }
  }

  @Test
  @Section("11.5.1")
  void functions_without_anything_to_do_complete(TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      LogicalUnit disk = target.disk(session);
      for (int function : new int[] {TaskFunction.ABORT_TASK_SET, TaskFunction.CLEAR_TASK_SET}) {
        assertThat(session.connection().taskManagement(function, disk.lun()))
            .isEqualTo(TaskFunction.FUNCTION_COMPLETE);
      }
      disk.testUnitReady().requireGood();
    }
  }

  private static Session noUnsolicited(TestedTarget target) throws IOException {
    return target.login(o -> o.with("ImmediateData", "No").with("InitialR2T", "Yes"));
  }
}
