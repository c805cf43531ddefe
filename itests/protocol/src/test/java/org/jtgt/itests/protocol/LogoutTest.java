// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.Connection;
import org.jtgt.itests.initiator.LogicalUnit;
import org.jtgt.itests.initiator.LoginOptions;
import org.jtgt.itests.initiator.Pdu;
import org.jtgt.itests.initiator.Request;
import org.jtgt.itests.initiator.Response;
import org.jtgt.itests.initiator.ScsiCommand;
import org.jtgt.itests.initiator.ScsiTask;
import org.jtgt.itests.initiator.Session;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Logout requests of every reason. */
@ExtendWith(TargetUnderTest.class)
class LogoutTest {
  private static final int SUCCESS = 0;
  private static final int CID_NOT_FOUND = 1;
  private static final int RECOVERY_NOT_SUPPORTED = 2;
  private static final int CLEANUP_FAILED = 3;

  @ParameterizedTest(name = "reason {0}")
  @Section("11.14, 11.15")
  @ValueSource(ints = {Request.Logout.CLOSE_SESSION, Request.Logout.CLOSE_CONNECTION})
  void a_logout_is_answered_and_then_the_target_closes(int reason, TestedTarget target)
      throws Exception {
    try (Session session = target.login()) {
      Connection connection = session.connection();
      assertThat(connection.logout(reason, connection.cid())).isEqualTo(SUCCESS);
      assertThat(connection.channel().receiveUntilClosed(Duration.ofSeconds(60))).isEmpty();
      session.drop();
    }
  }

  @Test
  @Section("11.15.1")
  void a_CID_that_does_not_exist_is_not_found(TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      assertThat(session.connection().logout(Request.Logout.CLOSE_CONNECTION, 0x4711))
          .isEqualTo(CID_NOT_FOUND);
      target.disk(session).testUnitReady().requireGood();
    }
  }

  @Test
  @Section("11.15.1")
  void recovery_is_not_supported_at_error_recovery_level_0(TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      Connection connection = session.connection();
      assertThat(connection.logout(Request.Logout.REMOVE_FOR_RECOVERY, connection.cid()))
          .isIn(RECOVERY_NOT_SUPPORTED, CLEANUP_FAILED, CID_NOT_FOUND);
      session.drop();
    }
    target.mustServeOthers();
  }

  @Test
  @Section("11.14")
  void a_numbered_logout_comes_after_the_commands_before_it(TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      LogicalUnit disk = target.disk(session);
      ScsiTask read = session.submit(ScsiCommand.in(disk.lun(), Cdb.read10(0, 8), 4096));
      Connection connection = session.connection();
      Pdu logout =
          new Request.Logout(
                  false,
                  Request.Logout.CLOSE_SESSION,
                  0x4711,
                  connection.cid(),
                  session.window().take(),
                  connection.expStatSn())
              .toPdu();
      connection.channel().send(logout);
      // The read may still be answered or be ended by the logout; nothing may follow the response.
      Response last = Response.of(connection.channel().receive());
      while (!(last instanceof Response.Logout)) {
        assertThat(last.itt()).isEqualTo(read.itt());
        last = Response.of(connection.channel().receive());
      }
      assertThat(last.itt()).isEqualTo(0x4711);
      assertThat(((Response.Logout) last).response()).isEqualTo(SUCCESS);
      assertThat(connection.channel().receiveUntilClosed(Duration.ofSeconds(60))).isEmpty();
      session.drop();
    }
  }

  @Test
  @Section("11.14")
  void a_logout_ends_a_write_that_waits_for_data(TestedTarget target) throws Exception {
    try (Session session = target.login(o -> o.with("ImmediateData", "No"))) {
      LogicalUnit disk = target.disk(session);
      ScsiTask write = TestedTarget.waitingWrite(session, disk);
      session.connection().forget(write);
      session.logout();
    }
    target.mustServeOthers();
  }

  @Test
  @Section("6.3.5, 11.14")
  void after_a_logout_the_same_ISID_logs_in_anew(TestedTarget target) throws Exception {
    LoginOptions options = target.options();
    for (int i = 0; i < 3; i++) {
      try (Session session = Session.login(target.portal(), options)) {
        target.disk(session);
        session.logout();
      }
    }
  }
}
