// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.Connection;
import org.jtgt.itests.initiator.ConnectionClosedException;
import org.jtgt.itests.initiator.Digests;
import org.jtgt.itests.initiator.Field;
import org.jtgt.itests.initiator.Pdu;
import org.jtgt.itests.initiator.PduChannel;
import org.jtgt.itests.initiator.Request;
import org.jtgt.itests.initiator.Response;
import org.jtgt.itests.initiator.Session;
import org.jtgt.itests.initiator.TaskFunction;
import org.jtgt.itests.initiator.TextKeys;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Fields of headers that have to be as they are, in the login phase and after it. */
@ExtendWith(TargetUnderTest.class)
class HeaderRulesTest {
  private static final int TAG = 0x4711;

  /** What has to be the same in all requests of a login (RFC 7143 11.12.4 to 11.12.8). */
  enum Constant {
    ISID(Field.ISID, 0x800000005678L),
    CID(Field.CID, 7),
    TAG(Field.ITT, 0x77),
    TSIH(Field.TSIH, 5),
    CMD_SN(Field.CMD_SN, 2);

    private final Field field;
    private final long other;

    Constant(Field field, long other) {
      this.field = field;
      this.other = other;
    }
  }

  @ParameterizedTest
  @Section("11.12.4 to 11.12.8")
  @EnumSource
  void a_field_that_changes_within_a_login_ends_it(Constant constant, TestedTarget target)
      throws Exception {
    try (PduChannel channel = target.connect()) {
      TextKeys keys = target.options().identity().plus("AuthMethod", "None");
      channel.send(login(keys, 0, 0, false));
      Response.Login first = (Response.Login) Response.of(channel.receive());
      assertThat(first.status()).isZero();
      Pdu changed =
          login(TextKeys.EMPTY, 0, 1, true)
              .with(Field.EXP_STAT_SN, first.statSn() + 1)
              .with(constant.field, constant.other);
      assertThat(refused(channel, changed)).isTrue();
    }
    target.mustServeOthers();
  }

  @Test
  @Section("6.3, 11.12.3")
  void a_login_cannot_go_back_a_stage(TestedTarget target) throws Exception {
    try (PduChannel channel = target.connect()) {
      channel.send(login(target.options().identity().plus("AuthMethod", "None"), 0, 1, true));
      Response.Login first = (Response.Login) Response.of(channel.receive());
      assertThat(first.transit()).isTrue();
      Pdu back = login(TextKeys.EMPTY, 0, 1, true).with(Field.EXP_STAT_SN, first.statSn() + 1);
      assertThat(refused(channel, back)).isTrue();
    }
    target.mustServeOthers();
  }

  @Test
  @Section("6.3")
  void nothing_but_login_requests_comes_through_a_login(TestedTarget target) throws Exception {
    try (PduChannel channel = target.connect()) {
      channel.send(login(target.options().identity().plus("AuthMethod", "None"), 0, 1, true));
      Response.Login first = (Response.Login) Response.of(channel.receive());
      Pdu write =
          new Request.Command(
                  false,
                  true,
                  false,
                  true,
                  1,
                  0,
                  TAG,
                  512,
                  1,
                  first.statSn() + 1,
                  Cdb.write10(0, 1),
                  new byte[0],
                  new byte[512])
              .toPdu();
      assertThat(refused(channel, write)).isTrue();
    }
    target.mustServeOthers();
  }

  private static Pdu login(TextKeys keys, int csg, int nsg, boolean transit) {
    return new Request.Login(
            transit, false, csg, nsg, 0, 0, 0x800000001234L, 0, 0x1234, 1, 1, 0, keys.encode())
        .toPdu();
  }

  /** No answer to it but a refusal, or the end of the connection. */
  private static boolean refused(PduChannel channel, Pdu pdu) throws Exception {
    try {
      channel.send(pdu);
      Response response = Response.of(channel.receive());
      return response instanceof Response.Reject
          || response instanceof Response.Login login && login.status() >> 8 == 2;
    } catch (ConnectionClosedException closed) {
      return true;
    }
  }

  /** Requests that need a tag of their own. */
  enum Tagged {
    COMMAND,
    TASK_MANAGEMENT,
    TEXT,
    LOGOUT;

    Pdu pdu(int itt, int cmdSn, int expStatSn) {
      return switch (this) {
        case COMMAND ->
            new Request.Command(
                    false,
                    true,
                    false,
                    false,
                    1,
                    0,
                    itt,
                    0,
                    cmdSn,
                    expStatSn,
                    Cdb.testUnitReady(),
                    new byte[0],
                    new byte[0])
                .toPdu();
        case TASK_MANAGEMENT ->
            new Request.TaskManagement(
                    false, TaskFunction.ABORT_TASK_SET, 0, itt, -1, cmdSn, expStatSn, 0, 0)
                .toPdu();
        case TEXT ->
            new Request.Text(
                    false, true, false, 0, itt, Request.TTT_NONE, cmdSn, expStatSn, new byte[0])
                .toPdu();
        case LOGOUT ->
            new Request.Logout(false, Request.Logout.CLOSE_SESSION, itt, 0, cmdSn, expStatSn)
                .toPdu();
      };
    }
  }

  @ParameterizedTest
  @Section("11.2.1.8")
  @EnumSource
  void the_reserved_tag_is_no_tag_of_a_request(Tagged kind, TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      target.disk(session);
      Connection connection = session.connection();
      int cmdSn = session.window().cmdSn();
      Pdu pdu = kind.pdu(Request.ITT_NONE, cmdSn, connection.expStatSn());
      Provocation result = Provocation.of(connection, cmdSn + 1, pdu);
      assertThat(result.refused()).isTrue();
      session.drop();
    }
    target.mustServeOthers();
  }

  @Test
  @Section("11.2.1.8, 4.2.2.1")
  void a_tag_in_use_is_refused_and_its_task_goes_on(TestedTarget target) throws Exception {
    try (Session session =
        target.login(o -> o.with("ImmediateData", "No").with("InitialR2T", "Yes"))) {
      target.disk(session);
      Connection connection = session.connection();
      int cmdSn = session.window().cmdSn();
      Pdu write = write(cmdSn, connection);
      Pdu second = Tagged.COMMAND.pdu(TAG, cmdSn + 1, connection.expStatSn());
      Provocation result = Provocation.of(connection, cmdSn + 2, write, second);
      assertThat(result.refused()).isTrue();
      assertThat(result.isGood(TAG)).isFalse();
      session.drop();
    }
    target.mustServeOthers();
  }

  private static Pdu write(int cmdSn, Connection connection) {
    return new Request.Command(
            false,
            true,
            false,
            true,
            1,
            0,
            TAG,
            512,
            cmdSn,
            connection.expStatSn(),
            Cdb.write10(0, 1),
            new byte[0],
            new byte[0])
        .toPdu();
  }

  @Test
  @Section("11.3.1, 13.10")
  void unsolicited_data_that_was_not_agreed_never_ends_in_GOOD(TestedTarget target)
      throws Exception {
    try (Session session =
        target.login(o -> o.with("ImmediateData", "No").with("InitialR2T", "Yes"))) {
      target.disk(session);
      Connection connection = session.connection();
      int cmdSn = session.window().cmdSn();
      Pdu write = write(cmdSn, connection).with(Field.FINAL, false);
      Pdu data =
          new Request.DataOut(
                  true, 0, TAG, Request.TTT_NONE, connection.expStatSn(), 0, 0, new byte[512])
              .toPdu();
      Provocation result = Provocation.of(connection, cmdSn + 1, write, data);
      assertThat(result.isGood(TAG)).isFalse();
      session.drop();
    }
    target.mustServeOthers();
  }

  @ParameterizedTest(name = "reason {0}")
  @Section("11.14.1")
  @ValueSource(ints = {3, 4, 0x40, 0x7f})
  void a_logout_for_no_known_reason_is_refused(int reason, TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      Connection connection = session.connection();
      int cmdSn = session.window().cmdSn();
      Pdu logout = new Request.Logout(true, reason, TAG, 0, cmdSn, connection.expStatSn()).toPdu();
      Provocation result = Provocation.of(connection, cmdSn, logout);
      assertThat(result.seen())
          .noneMatch(r -> r instanceof Response.Logout answer && answer.response() == 0);
      assertThat(result.refused()).isTrue();
      session.drop();
    }
    target.mustServeOthers();
  }

  @Test
  @Section("11.2.3")
  void padding_may_hold_anything(TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      Connection connection = session.connection();
      byte[] wire =
          new Request.NopOut(
                  true,
                  0,
                  TAG,
                  Request.TTT_NONE,
                  session.window().cmdSn(),
                  connection.expStatSn(),
                  new byte[] {1, 2, 3})
              .toPdu()
              .encode(Digests.NONE);
      wire[wire.length - 1] = (byte) 0xa5;
      connection.channel().sendRaw(wire);
      Provocation result = Provocation.of(connection, session.window().cmdSn());
      assertThat(result.seen())
          .singleElement()
          .satisfies(pong -> {
            assertThat(pong.itt()).isEqualTo(TAG);
            assertThat(pong.pdu().data()).containsExactly(1, 2, 3);
          });
      session.drop();
    }
  }

  @Test
  @Section("11.18")
  void an_answer_to_a_ping_that_was_never_sent_does_no_harm(TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      Connection connection = session.connection();
      Pdu pong =
          new Request.NopOut(
                  true,
                  0,
                  Request.ITT_NONE,
                  0x1234,
                  session.window().cmdSn(),
                  connection.expStatSn(),
                  new byte[0])
              .toPdu();
      Provocation result = Provocation.of(connection, session.window().cmdSn(), pong);
      assertThat(result.seen()).allSatisfy(r -> assertThat(r).isInstanceOf(Response.Reject.class));
      session.drop();
    }
    target.mustServeOthers();
  }

  @Test
  @Section("4.3, 11.3")
  void a_discovery_session_takes_pings_and_texts_and_logouts_alone(TestedTarget target)
      throws Exception {
    for (Tagged kind : List.of(Tagged.COMMAND, Tagged.TASK_MANAGEMENT)) {
      try (Session session = Session.login(target.portal(), target.discovery())) {
        Connection connection = session.connection();
        connection.ping(new byte[] {1});
        int cmdSn = session.window().cmdSn();
        Provocation result =
            Provocation.of(connection, cmdSn + 1, kind.pdu(TAG, cmdSn, connection.expStatSn()));
        assertThat(result.refused()).as(kind.name()).isTrue();
        session.drop();
      }
    }
    try (Session session = Session.login(target.portal(), target.discovery())) {
      session.logout();
    }
  }

  /** The reserved nibble at level 1, a hint at level 2 (SAM-5 8.7): neither changes an answer. */
  @ParameterizedTest(name = "iSCSIProtocolLevel={0}")
  @Section("RFC 7144 4.1")
  @ValueSource(ints = {1, 2})
  void commands_of_every_priority_are_executed(int level, TestedTarget target) throws Exception {
    try (Session session = target.login(o -> o.with("iSCSIProtocolLevel", level))) {
      target.disk(session);
      Connection connection = session.connection();
      int cmdSn = session.window().cmdSn();
      Pdu[] commands = new Pdu[16];
      for (int priority = 0; priority < commands.length; priority++) {
        commands[priority] =
            Tagged.COMMAND
                .pdu(TAG + priority, cmdSn + priority, connection.expStatSn())
                .with(Field.PRIORITY, priority);
      }
      Provocation result = Provocation.of(connection, cmdSn + commands.length, commands);
      for (int priority = 0; priority < commands.length; priority++) {
        assertThat(result.isGood(TAG + priority)).as("priority " + priority).isTrue();
      }
      assertThat(result.fence()).isNotEqualTo(Optional.empty());
      session.drop();
    }
  }
}
