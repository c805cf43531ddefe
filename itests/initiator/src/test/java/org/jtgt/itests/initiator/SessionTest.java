// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A session against a scripted peer: what goes over the wire and which breaches are noticed. */
@Timeout(60)
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class SessionTest {
  private static final LoginOptions OPTIONS = LoginOptions.normal("iqn.i", "iqn.t");

  @Test
  void a_write_goes_out_as_immediate_unsolicited_and_solicited_data() throws Exception {
    byte[] data = new byte[4096];
    new Random(1).nextBytes(data);
    TextKeys keys =
        TextKeys.of(
            "InitialR2T", "No",
            "ImmediateData", "Yes",
            "FirstBurstLength", "1536",
            "MaxBurstLength", "4096",
            "MaxRecvDataSegmentLength", "1024");
    byte[] received = new byte[4096];
    try (ScriptedPeer peer =
        ScriptedPeer.playing(p -> {
          p.acceptLogin(keys);
          Request.Command command = p.next(Request.Command.class);
          assertThat(command.fin()).isFalse();
          System.arraycopy(command.data(), 0, received, 0, command.data().length);
          Request.DataOut unsolicited = p.next(Request.DataOut.class);
          assertThat(unsolicited.ttt()).isEqualTo(Request.TTT_NONE);
          assertThat(unsolicited.fin()).isTrue();
          assertThat(unsolicited.offset()).isEqualTo(1024);
          take(unsolicited, received);
          p.sendUnnumbered(
              p.response(Opcode.R2T, command.itt())
                  .with(Field.TTT, 0x42)
                  .with(Field.BUFFER_OFFSET, 1536)
                  .with(Field.DESIRED_DATA_TRANSFER_LENGTH, 2560));
          for (int sn = 0; sn < 3; sn++) {
            Request.DataOut out = p.next(Request.DataOut.class);
            assertThat(out.dataSn()).isEqualTo(sn);
            assertThat(out.ttt()).isEqualTo(0x42);
            assertThat(out.fin()).isEqualTo(sn == 2);
            take(out, received);
          }
          p.send(p.response(Opcode.SCSI_RESPONSE, command.itt()).with(Field.EXP_DATA_SN, 1));
          p.acceptLogout();
        })) {
      try (Session session = Session.login(peer.portal(), OPTIONS.with("InitialR2T", "No"))) {
        session.logicalUnit(0).write(0, data, 512);
      }
      peer.finish();
    }
    assertThat(received).isEqualTo(data);
  }

  @Test
  void data_in_with_collapsed_status_gives_data_and_residual() throws Exception {
    try (ScriptedPeer peer =
            ScriptedPeer.playing(p -> {
              p.acceptLogin(TextKeys.EMPTY);
              int itt = p.next(Request.Command.class).itt();
              p.channel()
                  .send(
                      p.response(Opcode.DATA_IN, itt)
                          .with(Field.FINAL, false)
                          .with(Field.EXP_CMD_SN, 2)
                          .with(Field.MAX_CMD_SN, 33)
                          .withData(new byte[] {1, 2, 3, 4}));
              p.send(
                  p.response(Opcode.DATA_IN, itt)
                      .with(Field.STATUS_PRESENT, true)
                      .with(Field.UNDERFLOW, true)
                      .with(Field.RESIDUAL_COUNT, 2)
                      .with(Field.DATA_SN, 1)
                      .with(Field.BUFFER_OFFSET, 4)
                      .withData(new byte[] {5, 6}));
              p.acceptLogout();
            });
        Session session = Session.login(peer.portal(), OPTIONS)) {
      ScsiResult result = session.logicalUnit(0).in(Cdb.inquiry(8), 8).requireGood();

      assertThat(result.data()).containsExactly(1, 2, 3, 4, 5, 6);
      assertThat(result.underflow()).isTrue();
      assertThat(result.residualBytes()).isEqualTo(2);
      assertThat(result.pdus(Response.DataIn.class)).hasSize(2);
      session.logout();
      peer.finish();
    }
  }

  @Test
  void sense_data_is_decoded_from_the_response() throws Exception {
    byte[] sense = HexFormat.of().parseHex("0012" + "700005000000000a00000000250000000000");
    try (ScriptedPeer peer =
            ScriptedPeer.playing(p -> {
              p.acceptLogin(TextKeys.EMPTY);
              p.send(
                  p.response(Opcode.SCSI_RESPONSE, p.next(Request.Command.class).itt())
                      .with(Field.STATUS, 2)
                      .withData(sense));
              p.acceptLogout();
            });
        Session session = Session.login(peer.portal(), OPTIONS)) {
      ScsiResult result = session.logicalUnit(9).testUnitReady();

      assertThat(result.status()).isEqualTo(ScsiResult.CHECK_CONDITION);
      assertThat(result.sense().orElseThrow().additional()).isEqualTo(0x2500);
    }
  }

  @Test
  void a_skipped_StatSN_is_a_violation() throws Exception {
    violates(
        "StatSN",
        p -> {
          p.statSn++;
          p.send(p.response(Opcode.SCSI_RESPONSE, p.next(Request.Command.class).itt()));
        });
  }

  @Test
  void a_skipped_DataSN_is_a_violation() throws Exception {
    violates(
        "DataSN",
        p ->
            p.send(
                p.response(Opcode.DATA_IN, p.next(Request.Command.class).itt())
                    .with(Field.STATUS_PRESENT, true)
                    .with(Field.DATA_SN, 1)
                    .withData(new byte[8])));
  }

  @Test
  void missing_data_without_a_residual_is_a_violation() throws Exception {
    violates(
        "residual",
        p -> p.send(p.response(Opcode.SCSI_RESPONSE, p.next(Request.Command.class).itt())));
  }

  @Test
  void a_response_to_no_task_is_a_violation() throws Exception {
    violates("no task waits", p -> p.send(p.response(Opcode.SCSI_RESPONSE, 0x7777)));
  }

  @Test
  void a_ping_of_the_target_is_answered_while_a_command_waits() throws Exception {
    try (ScriptedPeer peer =
            ScriptedPeer.playing(p -> {
              p.acceptLogin(TextKeys.EMPTY);
              int itt = p.next(Request.Command.class).itt();
              p.sendUnnumbered(p.response(Opcode.NOP_IN, -1).with(Field.TTT, 0x55));
              Request.NopOut pong = p.next(Request.NopOut.class);
              assertThat(pong.ttt()).isEqualTo(0x55);
              assertThat(pong.itt()).isEqualTo(-1);
              assertThat(pong.immediate()).isTrue();
              p.send(p.response(Opcode.SCSI_RESPONSE, itt));
              p.acceptLogout();
            });
        Session session = Session.login(peer.portal(), OPTIONS)) {
      session.logicalUnit(0).testUnitReady().requireGood();
      assertThat(session.connection().pings()).hasSize(1);
      session.logout();
      peer.finish();
    }
  }

  @Test
  void a_closed_command_window_holds_a_command_back_until_it_opens() throws Exception {
    try (ScriptedPeer peer =
            ScriptedPeer.playing(p -> {
              p.window = 1;
              p.acceptLogin(TextKeys.EMPTY);
              int first = p.next(Request.Command.class).itt();
              assertThat(p.channel().poll(Duration.ofMillis(200))).isEmpty();
              p.send(p.response(Opcode.SCSI_RESPONSE, first));
              p.send(p.response(Opcode.SCSI_RESPONSE, p.next(Request.Command.class).itt()));
              p.acceptLogout();
            });
        Session session = Session.login(peer.portal(), OPTIONS)) {
      ScsiTask one = session.submit(ScsiCommand.none(0, Cdb.testUnitReady()));
      ScsiTask two = session.submit(ScsiCommand.none(0, Cdb.testUnitReady()));
      assertThat(session.connection().await(one).isGood()).isTrue();
      assertThat(session.connection().await(two).isGood()).isTrue();
      session.logout();
      peer.finish();
    }
  }

  @Test
  void a_long_text_is_split_with_the_C_bit_and_a_long_answer_joined() throws Exception {
    try (ScriptedPeer peer =
            ScriptedPeer.playing(p -> {
              p.acceptLogin(TextKeys.of("MaxRecvDataSegmentLength", "512"));
              Request.Text one = p.next(Request.Text.class);
              assertThat(one.more()).isTrue();
              p.send(
                  p.response(Opcode.TEXT_RESPONSE, one.itt())
                      .with(Field.FINAL, false)
                      .with(Field.TTT, 5));
              Request.Text two = p.next(Request.Text.class);
              assertThat(two.ttt()).isEqualTo(5);
              assertThat(two.fin()).isTrue();
              p.send(
                  p.response(Opcode.TEXT_RESPONSE, one.itt())
                      .with(Field.FINAL, false)
                      .with(Field.CONTINUE, true)
                      .with(Field.TTT, 6)
                      .withData("A=".getBytes(StandardCharsets.UTF_8)));
              assertThat(p.next(Request.Text.class).ttt()).isEqualTo(6);
              p.send(
                  p.response(Opcode.TEXT_RESPONSE, one.itt())
                      .withData("b\0".getBytes(StandardCharsets.UTF_8)));
              p.acceptLogout();
            });
        Session session = Session.login(peer.portal(), OPTIONS)) {
      TextKeys answer = session.connection().text(TextKeys.of("X-long", "x".repeat(600)));
      assertThat(answer).isEqualTo(TextKeys.of("A", "b"));
      session.logout();
      peer.finish();
    }
  }

  @Test
  void digests_are_used_after_login_and_a_wrong_one_is_noticed() throws Exception {
    try (ScriptedPeer peer =
            ScriptedPeer.playing(p -> {
              p.acceptLogin(TextKeys.of("HeaderDigest", "CRC32C", "DataDigest", "CRC32C"));
              p.channel().useDigests(new Digests(true, true));
              Request.NopOut ping = p.next(Request.NopOut.class);
              p.send(p.response(Opcode.NOP_IN, ping.itt()).withData(ping.data()));
              Request.NopOut again = p.next(Request.NopOut.class);
              p.channel()
                  .send(
                      p.response(Opcode.NOP_IN, again.itt()).withData(again.data()),
                      Fault.WRONG_DATA_DIGEST);
            });
        Session session =
            Session.login(
                peer.portal(),
                OPTIONS.with("HeaderDigest", "CRC32C").with("DataDigest", "CRC32C"))) {
      session.connection().ping(new byte[] {1, 2, 3});
      assertThatThrownBy(() -> session.connection().ping(new byte[] {1, 2, 3}))
          .isInstanceOf(ProtocolViolation.class)
          .hasMessageContaining("data digest");
      peer.finish();
    }
  }

  @Test
  void a_refused_login_tells_its_status() throws Exception {
    try (ScriptedPeer peer =
        ScriptedPeer.playing(p ->
            p.send(
                p.loginResponse(p.next(Request.Login.class))
                    .with(Field.STATUS_CLASS, 2)
                    .with(Field.STATUS_DETAIL, 3)))) {
      assertThatThrownBy(() -> Session.login(peer.portal(), OPTIONS))
          .isInstanceOfSatisfying(
              LoginException.class, e -> assertThat(e.status()).isEqualTo(0x0203));
    }
  }

  private static void take(Request.DataOut out, byte[] into) {
    System.arraycopy(out.data(), 0, into, out.offset(), out.data().length);
  }

  /** An INQUIRY of eight bytes that the peer answers in a forbidden way. */
  private static void violates(String message, ScriptedPeer.Script script) throws IOException {
    try (ScriptedPeer peer =
            ScriptedPeer.playing(p -> {
              p.acceptLogin(TextKeys.EMPTY);
              script.play(p);
              p.channel().receiveUntilClosed(Duration.ofSeconds(30));
            });
        PduChannel channel = PduChannel.connect(peer.portal())) {
      Session session = Session.login(channel, OPTIONS);
      assertThatThrownBy(() -> session.logicalUnit(0).in(Cdb.inquiry(8), 8))
          .isInstanceOf(ProtocolViolation.class)
          .hasMessageContaining(message);
    }
  }
}
