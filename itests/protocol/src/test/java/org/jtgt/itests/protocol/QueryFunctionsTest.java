// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jtgt.itests.initiator.Connection;
import org.jtgt.itests.initiator.LogicalUnit;
import org.jtgt.itests.initiator.Response;
import org.jtgt.itests.initiator.ScsiResult;
import org.jtgt.itests.initiator.ScsiTask;
import org.jtgt.itests.initiator.Session;
import org.jtgt.itests.initiator.TaskFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What RFC 7144 adds: iSCSIProtocolLevel 2, the query functions, I_T NEXUS RESET, priorities. */
@ExtendWith(TargetUnderTest.class)
class QueryFunctionsTest {

  private static Session login(TestedTarget target) throws IOException {
    return target.login(
        o -> o.with("iSCSIProtocolLevel", 2).with("ImmediateData", "No").with("InitialR2T", "Yes"));
  }

  @Test
  @Section("RFC 7144 7.1.1")
  void protocol_level_2_is_agreed_to_and_no_higher_one(TestedTarget target) throws Exception {
    try (Session session = target.login(o -> o.with("iSCSIProtocolLevel", 31))) {
      assertThat(session.loginKeys().first("iSCSIProtocolLevel")).hasValue("2");
      session.logout();
    }
  }

  @Test
  @Section("RFC 7144 6.2, SAM-5 7.8")
  void QUERY_TASK_finds_a_task_that_is_there_and_no_other(TestedTarget target) throws Exception {
    try (Session session = login(target)) {
      LogicalUnit disk = target.disk(session);
      Connection connection = session.connection();
      ScsiTask write = TestedTarget.waitingWrite(session, disk);
      assertThat(connection.taskManagement(TaskFunction.QUERY_TASK, disk.lun(), write.itt(), 0))
          .isEqualTo(TaskFunction.FUNCTION_SUCCEEDED);
      assertThat(connection.taskManagement(TaskFunction.QUERY_TASK, disk.lun(), 0x4711, 0))
          .isEqualTo(TaskFunction.FUNCTION_COMPLETE);
      write.answer(write.openR2ts().getFirst(), connection);
      connection.await(write).requireGood();
      session.logout();
    }
  }

  @Test
  @Section("RFC 7144 6.2, SAM-5 7.9")
  void QUERY_TASK_SET_says_whether_the_nexus_has_tasks(TestedTarget target) throws Exception {
    try (Session session = login(target)) {
      LogicalUnit disk = target.disk(session);
      Connection connection = session.connection();
      assertThat(connection.taskManagement(TaskFunction.QUERY_TASK_SET, disk.lun()))
          .isEqualTo(TaskFunction.FUNCTION_COMPLETE);
      ScsiTask write = TestedTarget.waitingWrite(session, disk);
      assertThat(connection.taskManagement(TaskFunction.QUERY_TASK_SET, disk.lun()))
          .isEqualTo(TaskFunction.FUNCTION_SUCCEEDED);
      write.answer(write.openR2ts().getFirst(), connection);
      connection.await(write).requireGood();
      session.logout();
    }
  }

  @Test
  @Section("RFC 7144 6.2, SAM-5 7.10")
  void QUERY_ASYNCHRONOUS_EVENT_tells_the_attention_that_is_pending(TestedTarget target)
      throws Exception {
    try (Session session = login(target);
        Session other = target.login()) {
      LogicalUnit disk = target.disk(session);
      List<Response.TaskManagement> answers = new ArrayList<>();
      session
          .connection()
          .observe(response -> {
            if (response instanceof Response.TaskManagement answer) {
              answers.add(answer);
            }
          });
      int function = TaskFunction.QUERY_ASYNCHRONOUS_EVENT;
      assertThat(session.connection().taskManagement(function, disk.lun()))
          .isEqualTo(TaskFunction.FUNCTION_COMPLETE);
      other.connection().taskManagement(TaskFunction.LOGICAL_UNIT_RESET, disk.lun());
      assertThat(session.connection().taskManagement(function, disk.lun()))
          .isEqualTo(TaskFunction.FUNCTION_SUCCEEDED);
      // One condition, UNIT ATTENTION, 29h.
      assertThat(answers.getLast().pdu().bytes(8, 2)).containsExactly(0x16, 0x29);
      // It was asked about, not taken.
      assertThat(disk.testUnitReady().sense().orElseThrow().asc()).isEqualTo(0x29);
      other.logout();
      session.logout();
    }
  }

  @Test
  @Section("RFC 7144 6.1, SAM-5 7.6")
  void I_T_NEXUS_RESET_ends_the_tasks_of_the_nexus_and_is_heard_of(TestedTarget target)
      throws Exception {
    try (Session session = login(target)) {
      LogicalUnit disk = target.disk(session);
      LogicalUnit otherDisk = target.otherDisk(session);
      ScsiTask write = TestedTarget.waitingWrite(session, disk);
      Response.R2t r2t = write.openR2ts().getFirst();
      session.connection().forget(write);
      write.answer(r2t, session.connection());
      assertThat(session.connection().taskManagement(TaskFunction.I_T_NEXUS_RESET, 0))
          .isEqualTo(TaskFunction.FUNCTION_COMPLETE);
      for (LogicalUnit unit : List.of(disk, otherDisk)) {
        ScsiResult attention = unit.testUnitReady();
        assertThat(attention.sense().orElseThrow().asc()).isEqualTo(0x29);
        unit.clearUnitAttentions();
      }
      session.logout();
    }
  }

  @ParameterizedTest(name = "function {0}")
  @Section("RFC 7144 7.1.1")
  @ValueSource(ints = {9, 10, 11, 12})
  void below_protocol_level_2_they_are_not_supported(int function, TestedTarget target)
      throws Exception {
    try (Session session = target.login()) {
      LogicalUnit disk = target.disk(session);
      assertThat(session.connection().taskManagement(function, disk.lun()))
          .isEqualTo(TaskFunction.FUNCTION_NOT_SUPPORTED);
      session.logout();
    }
  }
}
