// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.Field;
import org.jtgt.itests.initiator.LogicalUnit;
import org.jtgt.itests.initiator.Opcode;
import org.jtgt.itests.initiator.Pdu;
import org.jtgt.itests.initiator.PduChannel;
import org.jtgt.itests.initiator.Request;
import org.jtgt.itests.initiator.Response;
import org.jtgt.itests.initiator.Session;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is malformed is refused, and only its own connection notices. */
@ExtendWith(TargetUnderTest.class)
class RejectTest {

  @ParameterizedTest(name = "opcode {0}")
  @Section("11.17.1, 7.8")
  @ValueSource(ints = {0x07, 0x0f, 0x11, 0x1b, 0x1c, 0x1e, 0x1f})
  void an_opcode_that_no_one_assigned_is_rejected(int opcode, TestedTarget target)
      throws Exception {
    Pdu pdu = Pdu.of(opcode).with(Field.FINAL, true).with(Field.ITT, 0x4711);
    refused(
        target,
        pdu,
        Response.Reject.COMMAND_NOT_SUPPORTED,
        Response.Reject.PROTOCOL_ERROR,
        Response.Reject.INVALID_PDU_FIELD);
  }

  @ParameterizedTest(name = "opcode {0}")
  @Section("11.17.1, 11.2.1.2")
  @ValueSource(
      ints = {
        Opcode.NOP_IN,
        Opcode.SCSI_RESPONSE,
        Opcode.LOGIN_RESPONSE,
        Opcode.DATA_IN,
        Opcode.R2T,
        Opcode.ASYNC_MESSAGE,
        Opcode.REJECT
      })
  void a_targets_own_opcode_is_rejected(int opcode, TestedTarget target) throws Exception {
    refused(
        target,
        Pdu.of(opcode).with(Field.FINAL, true).with(Field.ITT, 0x4711),
        Response.Reject.COMMAND_NOT_SUPPORTED,
        Response.Reject.PROTOCOL_ERROR,
        Response.Reject.INVALID_PDU_FIELD);
  }

  @ParameterizedTest(name = "type {0}")
  @Section("11.16, 11.17.1")
  @ValueSource(ints = {Request.Snack.DATA_OR_R2T, Request.Snack.STATUS, Request.Snack.DATA_ACK, 7})
  void a_SNACK_at_error_recovery_level_0_is_rejected(int type, TestedTarget target)
      throws Exception {
    refused(
        target,
        new Request.Snack(type, 0, 0x4711, -1, 0, 0, 0).toPdu(),
        Response.Reject.SNACK_REJECT,
        Response.Reject.PROTOCOL_ERROR,
        Response.Reject.COMMAND_NOT_SUPPORTED,
        Response.Reject.INVALID_DATA_ACK,
        Response.Reject.INVALID_PDU_FIELD);
  }

  @Test
  @Section("13.12, 7.7")
  void a_data_segment_beyond_the_targets_limit_is_refused(TestedTarget target) throws Exception {
    try (Session session = target.login()) {
      int limit = session.parameters().targetMaxRecv();
      if (limit < 0xfffffc) {
        Pdu big =
            new Request.NopOut(
                    true,
                    0,
                    0x4711,
                    Request.TTT_NONE,
                    session.window().cmdSn(),
                    session.connection().expStatSn(),
                    new byte[limit + 4])
                .toPdu();
        Provocation result = Provocation.of(session.connection(), session.window().cmdSn(), big);
        assertThat(result.refused()).isTrue();
      }
      session.drop();
    }
    target.mustServeOthers();
  }

  @Test
  @Section("11.3.4, 7.8")
  void immediate_data_longer_than_the_expected_length_is_never_good(TestedTarget target)
      throws Exception {
    try (Session session = target.login()) {
      LogicalUnit disk = target.disk(session);
      byte[] before = disk.read(10, 2, 512);
      byte[] data = new byte[1024];
      Arrays.fill(data, (byte) 0x99);
      Pdu command =
          new Request.Command(
                  false,
                  true,
                  false,
                  true,
                  1,
                  disk.lun(),
                  0x4711,
                  512,
                  session.window().cmdSn(),
                  session.connection().expStatSn(),
                  Cdb.write10(10, 1),
                  new byte[0],
                  data)
              .toPdu();
      int cmdSn = session.window().cmdSn();
      Provocation result =
          Provocation.upToAbort(
              session.connection(), disk.lun(), 0x4711, cmdSn, cmdSn + 1, command);
      assertThat(result.isGood(0x4711)).isFalse();
      session.drop();
      try (Session again = target.login()) {
        byte[] after = target.disk(again).read(10, 2, 512);
        assertThat(after).endsWith(Arrays.copyOfRange(before, 512, 1024));
      }
    }
  }

  @Test
  @Section("11.2.2, 7.7")
  void an_AHS_of_unknown_type_or_wrong_length_does_no_harm(TestedTarget target) throws Exception {
    for (byte[] ahs :
        new byte[][] {{0, 5, 0x3f, 0, 1, 2, 3, 4}, {0x7f, 0x7f, 1, 0, 0, 0, 0, 0}, {0, 0, 0, 0}}) {
      try (Session session = target.login()) {
        Pdu command =
            new Request.Command(
                    false,
                    true,
                    false,
                    false,
                    1,
                    0,
                    0x4711,
                    0,
                    session.window().cmdSn(),
                    session.connection().expStatSn(),
                    Cdb.testUnitReady(),
                    ahs,
                    new byte[0])
                .toPdu();
        Provocation result =
            Provocation.of(session.connection(), session.window().cmdSn() + 1, command);
        assertThat(result.closed() || !result.seen().isEmpty()).isTrue();
        session.drop();
      }
      target.mustServeOthers();
    }
  }

  @ParameterizedTest(name = "cut after {0} bytes")
  @Section("7.11")
  @ValueSource(ints = {0, 1, 47, 48, 100})
  void a_connection_that_ends_within_a_PDU_disturbs_no_one(int bytes, TestedTarget target)
      throws Exception {
    try (Session other = target.login()) {
      LogicalUnit disk = target.disk(other);
      try (Session session = target.login()) {
        byte[] wire =
            new Request.NopOut(true, 0, 1, -1, 1, 1, new byte[256])
                .toPdu()
                .encode(session.parameters().digests());
        session.connection().channel().sendRaw(Arrays.copyOf(wire, bytes));
        session.connection().channel().reset();
        session.drop();
      }
      disk.testUnitReady().requireGood();
      other.logout();
    }
  }

  @ParameterizedTest(name = "first byte {0}")
  @Section("7.7")
  @ValueSource(ints = {0x47, 0x16, 0xff, 0x00})
  void bytes_that_are_no_iSCSI_disturb_no_one(int first, TestedTarget target) throws Exception {
    try (PduChannel channel = target.connect()) {
      byte[] noise = new byte[512];
      new Random(first).nextBytes(noise);
      noise[0] = (byte) first;
      channel.sendRaw(noise);
      channel.shutdownOutput();
      assertThat(channel.receiveUntilClosed(Duration.ofSeconds(60)))
          .noneMatch(pdu -> pdu.opcode() == Opcode.LOGIN_RESPONSE && pdu.get(Field.TSIH) != 0);
    }
    target.mustServeOthers();
  }

  /**
   * Sends the PDU, immediate if it can be; it ends in a Reject of these reasons or a closed line.
   */
  private static void refused(TestedTarget target, Pdu pdu, Integer... reasons) throws IOException {
    try (Session other = target.login();
        Session session = target.login()) {
      Pdu numbered = pdu.with(Field.EXP_STAT_SN, session.connection().expStatSn());
      if (pdu.opcode() != Opcode.SNACK_REQUEST) {
        numbered =
            numbered.with(Field.IMMEDIATE, true).with(Field.CMD_SN, session.window().cmdSn());
      }
      Pdu sent = numbered;
      Provocation result = Provocation.of(session.connection(), session.window().cmdSn(), sent);
      assertThat(result.refused()).as("refused: " + sent).isTrue();
      assertThat(result.rejects())
          .allSatisfy(reject -> {
            assertThat(reject.reason()).isIn((Object[]) reasons);
            assertThat(reject.rejected()).isEqualTo(sent);
            assertThat(reject.itt()).isEqualTo(Request.ITT_NONE);
          });
      session.drop();
      target.disk(other).testUnitReady().requireGood();
    }
  }
}
