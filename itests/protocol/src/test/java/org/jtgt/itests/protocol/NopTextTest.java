// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.jtgt.itests.initiator.Connection;
import org.jtgt.itests.initiator.Field;
import org.jtgt.itests.initiator.Pdu;
import org.jtgt.itests.initiator.Request;
import org.jtgt.itests.initiator.Response;
import org.jtgt.itests.initiator.Session;
import org.jtgt.itests.initiator.TextKeys;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** NOP-Out pings and Text requests. */
@ExtendWith(TargetUnderTest.class)
class NopTextTest {

  @ParameterizedTest(name = "{0} bytes")
  @Section("11.18, 11.19")
  @ValueSource(ints = {0, 1, 3, 4, 100, 4096, 8192})
  void a_ping_comes_back_with_its_data(int bytes, TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      byte[] data = new byte[bytes];
      new Random(bytes).nextBytes(data);
      // ping checks the data.
      Response.NopIn pong = session.connection().ping(data);
      assertThat(pong.ttt()).isEqualTo(Request.TTT_NONE);
      assertThat(pong.pdu().get(Field.FLAGS)).isEqualTo(0x80);
      session.connection().ping(data);
    }
  }

  @Test
  @Section("11.19")
  void a_pings_data_is_cut_to_the_initiators_segment_length(TestedTarget target) throws Exception {
    try (Session session = target.login(o -> o.with("MaxRecvDataSegmentLength", 512))) {
      byte[] data = new byte[4096];
      new Random(1).nextBytes(data);
      assertThat(session.connection().ping(data).pdu().dataBytes()).isEqualTo(512);
    }
  }

  @Test
  @Section("11.18")
  void a_NOP_Out_without_a_tag_gets_no_answer(TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      Pdu silent =
          new Request.NopOut(
                  true,
                  0,
                  Request.ITT_NONE,
                  Request.TTT_NONE,
                  session.window().cmdSn(),
                  session.connection().expStatSn(),
                  new byte[0])
              .toPdu();
      Provocation result =
          Provocation.of(session.connection(), session.window().cmdSn(), silent, silent);
      assertThat(result.seen()).isEmpty();
      assertThat(result.closed()).isFalse();
      session.drop();
    }
  }

  @Test
  @Section("11.2.1")
  void reserved_bits_are_ignored(TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      Pdu odd =
          new Request.NopOut(
                  true,
                  0,
                  0x55,
                  Request.TTT_NONE,
                  session.window().cmdSn(),
                  session.connection().expStatSn(),
                  new byte[0])
              .toPdu()
              .with(Field.whole("reserved", 32, 8), -1L)
              .with(Field.whole("reserved", 40, 8), -1L);
      Provocation result = Provocation.of(session.connection(), session.window().cmdSn(), odd);
      assertThat(result.seen()).extracting(Response::itt).containsExactly(0x55);
      session.drop();
    }
  }

  @Test
  @Section("6.2, 11.10")
  void an_unknown_key_in_a_text_is_answered_with_NotUnderstood(TestedTarget target)
      throws Exception {
    try (Session session = target.login()) {
      assertThat(session.connection().text(TextKeys.of("X-org.jtgt.itests", "1")))
          .isEqualTo(TextKeys.of("X-org.jtgt.itests", "NotUnderstood"));
    }
  }

  @Test
  @Section("6.2, 11.10.2")
  void a_text_may_be_split_with_the_C_bit(TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      Connection connection = session.connection();
      int cmdSn = session.window().cmdSn();
      connection.channel().send(text(connection, cmdSn, Request.TTT_NONE, true, "X-org.jtgt.it"));
      Response.Text more = (Response.Text) Response.of(connection.channel().receive());
      assertThat(more.fin()).isFalse();
      assertThat(more.pdu().dataBytes()).isZero();
      assertThat(more.ttt()).isNotEqualTo(Request.TTT_NONE);
      connection.channel().send(text(connection, cmdSn + 1, more.ttt(), false, "ests=1\0"));
      Response.Text last = (Response.Text) Response.of(connection.channel().receive());
      assertThat(last.fin()).isTrue();
      assertThat(last.ttt()).isEqualTo(Request.TTT_NONE);
      assertThat(TextKeys.parse(last.pdu().data()))
          .isEqualTo(TextKeys.of("X-org.jtgt.itests", "NotUnderstood"));
      session.drop();
    }
  }

  @Test
  @Section("11.10.4, 11.11")
  void a_text_request_with_a_tag_of_no_exchange_is_refused(TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      Connection connection = session.connection();
      Provocation result =
          Provocation.of(
              connection,
              session.window().cmdSn() + 1,
              text(connection, session.window().cmdSn(), 0x1234, false, ""));
      assertThat(result.refused()).isTrue();
      session.drop();
    }
    target.mustServeOthers();
  }

  @Test
  @Section("6.4, 11.10")
  void an_empty_text_gets_an_empty_answer(TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      assertThat(session.connection().text(TextKeys.EMPTY).isEmpty()).isTrue();
    }
  }

  @Test
  @Section("6.4, 13")
  void a_key_of_the_login_phase_is_not_negotiated_later(TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      Connection connection = session.connection();
      Provocation result =
          Provocation.of(
              connection,
              session.window().cmdSn() + 1,
              text(
                  connection,
                  session.window().cmdSn(),
                  Request.TTT_NONE,
                  false,
                  "InitialR2T=No\0"));
      boolean answeredReject =
          result.seen().stream()
              .filter(Response.Text.class::isInstance)
              .allMatch(r ->
                  TextKeys.parse(r.pdu().data())
                      .first("InitialR2T")
                      .orElse("Reject")
                      .matches("Reject|Irrelevant|NotUnderstood"));
      assertThat(result.refused() || answeredReject).isTrue();
      session.drop();
    }
  }

  private static Pdu text(Connection connection, int cmdSn, int ttt, boolean more, String data) {
    return new Request.Text(
            false,
            !more,
            more,
            0,
            0x66,
            ttt,
            cmdSn,
            connection.expStatSn(),
            data.getBytes(StandardCharsets.UTF_8))
        .toPdu();
  }
}
