// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** Byte vectors written by hand from the figures of RFC 7143 section 11. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class PduTest {

  @Test
  void a_scsi_command_stands_on_the_wire_as_11_3_draws_it() {
    Request.Command command =
        new Request.Command(
            true,
            true,
            true,
            false,
            Attribute.ORDERED,
            Lun.of(5),
            0x01020304,
            0x1000,
            0x11121314,
            0x21222324,
            Cdb.read10(0x0a0b0c0dL, 8),
            new byte[0],
            new byte[0]);

    assertThat(hex(command.toPdu()))
        .isEqualTo(
            "41c20000" // I and opcode 01; F, R and ATTR ordered
                + "00000000" // TotalAHSLength, DataSegmentLength
                + "0005000000000000" // LUN
                + "01020304" // Initiator Task Tag
                + "00001000" // Expected Data Transfer Length
                + "11121314" // CmdSN
                + "21222324" // ExpStatSN
                + "28000a0b0c0d00000800000000000000"); // CDB
    assertThat(Request.of(command.toPdu()).toPdu()).isEqualTo(command.toPdu());
  }

  @Test
  void a_login_request_stands_on_the_wire_as_11_12_draws_it() {
    Request.Login login =
        new Request.Login(
            true,
            false,
            0,
            1,
            0,
            0,
            0x800102030405L,
            0x0607,
            0x08090a0b,
            0x0c0d,
            1,
            2,
            TextKeys.of("A", "b").encode());

    assertThat(hex(login.toPdu()))
        .isEqualTo(
            "43810000" // I and opcode 03; T, CSG 0, NSG 1; versions 0
                + "00000004" // four bytes of data
                + "8001020304050607" // ISID, TSIH
                + "08090a0b" // Initiator Task Tag
                + "0c0d0000" // CID
                + "00000001" // CmdSN
                + "00000002" // ExpStatSN
                + "00000000000000000000000000000000" // reserved
                + "413d6200"); // A=b and a zero byte
    assertThat(Request.of(login.toPdu()).toPdu()).isEqualTo(login.toPdu());
  }

  @Test
  void a_data_out_has_its_data_padded_to_a_word() {
    Request.DataOut out =
        new Request.DataOut(
            true, Lun.of(0), 1, 2, 3, 4, 0x200, "hello".getBytes(StandardCharsets.US_ASCII));

    assertThat(hex(out.toPdu()))
        .isEqualTo(
            "05800000"
                + "00000005"
                + "0000000000000000"
                + "00000001" // Initiator Task Tag
                + "00000002" // Target Transfer Tag
                + "00000000"
                + "00000003" // ExpStatSN
                + "00000000"
                + "00000004" // DataSN
                + "00000200" // Buffer Offset
                + "00000000"
                + "68656c6c6f000000");
    assertThat(Request.of(out.toPdu()).toPdu()).isEqualTo(out.toPdu());
  }

  @Test
  void every_other_request_survives_encoding_and_decoding() {
    byte[] data = {1, 2, 3};
    Request[] requests = {
      new Request.NopOut(true, 1, 2, 3, 4, 5, data),
      new Request.TaskManagement(false, TaskFunction.ABORT_TASK, 1, 2, 3, 4, 5, 6, 7),
      new Request.Text(false, false, true, 1, 2, 3, 4, 5, data),
      new Request.Logout(true, Request.Logout.REMOVE_FOR_RECOVERY, 2, 3, 4, 5),
      new Request.Snack(Request.Snack.STATUS, 1, 2, 3, 4, 5, 6)
    };
    for (Request request : requests) {
      Request again = Request.of(request.toPdu());
      assertThat(again).isInstanceOf(request.getClass());
      assertThat(again.toPdu()).isEqualTo(request.toPdu());
    }
  }

  @Test
  void the_request_flags_and_tags_are_where_the_figures_put_them() {
    assertThat(hex(new Request.TaskManagement(true, 5, Lun.of(1), 2, 3, 4, 5, 6, 7).toPdu()))
        .isEqualTo(
            "42850000000000000001000000000000000000020000000300000004000000050000000600000007"
                + "0000000000000000");
    assertThat(hex(new Request.Logout(false, 1, 2, 3, 4, 5).toPdu()))
        .isEqualTo(
            "06810000000000000000000000000000000000020003000000000004000000050000000000000000"
                + "0000000000000000");
    assertThat(hex(new Request.Snack(1, 0, -1, -1, 5, 6, 7).toPdu()))
        .isEqualTo(
            "10810000000000000000000000000000ffffffffffffffff00000000000000050000000000000000"
                + "0000000600000007");
    assertThat(hex(new Request.Text(false, false, true, 0, 2, -1, 4, 5, new byte[0]).toPdu()))
        .isEqualTo(
            "0440000000000000000000000000000000000002ffffffff00000004000000050000000000000000"
                + "0000000000000000");
    assertThat(hex(new Request.NopOut(true, 0, -1, 9, 4, 5, new byte[0]).toPdu()))
        .isEqualTo(
            "40800000000000000000000000000000ffffffff0000000900000004000000050000000000000000"
                + "0000000000000000");
  }

  @Test
  void a_data_in_with_status_reads_as_11_7_draws_it() {
    Pdu pdu =
        Pdu.ofHex(
            """
            25 87 00 00  00 00 00 00  00 00 00 00 00 00 00 00
            00 00 00 11  ff ff ff ff  00 00 00 21  00 00 00 31
            00 00 00 41  00 00 00 02  00 00 10 00  00 00 00 51
            """);

    Response.DataIn in = (Response.DataIn) Response.of(pdu);
    assertThat(in.fin()).isTrue();
    assertThat(in.carriesStatus()).isTrue();
    assertThat(in.pdu().is(Field.ACKNOWLEDGE)).isFalse();
    assertThat(in.pdu().is(Field.OVERFLOW)).isTrue();
    assertThat(in.pdu().is(Field.UNDERFLOW)).isTrue();
    assertThat(in.itt()).isEqualTo(0x11);
    assertThat(in.ttt()).isEqualTo(-1);
    assertThat(in.statSn()).isEqualTo(0x21);
    assertThat(in.expCmdSn()).isEqualTo(0x31);
    assertThat(in.maxCmdSn()).isEqualTo(0x41);
    assertThat(in.dataSn()).isEqualTo(2);
    assertThat(in.offset()).isEqualTo(0x1000);
    assertThat(in.pdu().get(Field.RESIDUAL_COUNT)).isEqualTo(0x51);
  }

  @Test
  void an_r2t_and_a_login_response_read_as_11_8_and_11_13_draw_them() {
    Response.R2t r2t =
        (Response.R2t)
            Response.of(
                Pdu.ofHex(
                    """
                    31 80 00 00  00 00 00 00  00 01 00 00 00 00 00 00
                    00 00 00 11  00 00 00 12  00 00 00 21  00 00 00 31
                    00 00 00 41  00 00 00 03  00 02 00 00  00 01 00 00
                    """));
    assertThat(r2t.r2tSn()).isEqualTo(3);
    assertThat(r2t.offset()).isEqualTo(0x20000);
    assertThat(r2t.desiredBytes()).isEqualTo(0x10000);
    assertThat(r2t.carriesStatus()).isFalse();

    Response.Login login =
        (Response.Login)
            Response.of(
                Pdu.ofHex(
                    """
                    23 87 00 00  00 00 00 00  80 01 02 03 04 05 12 34
                    00 00 00 11  00 00 00 00  00 00 00 21  00 00 00 31
                    00 00 00 41  02 0a 00 00  00 00 00 00  00 00 00 00
                    """));
    assertThat(login.transit()).isTrue();
    assertThat(login.more()).isFalse();
    assertThat(login.csg()).isEqualTo(1);
    assertThat(login.nsg()).isEqualTo(3);
    assertThat(login.isid()).isEqualTo(0x800102030405L);
    assertThat(login.tsih()).isEqualTo(0x1234);
    assertThat(login.status()).isEqualTo(0x020a);
  }

  @Test
  void an_async_message_and_a_reject_read_as_11_9_and_11_17_draw_them() {
    Response.Async async =
        (Response.Async)
            Response.of(
                Pdu.ofHex(
                    """
                    32 80 00 00  00 00 00 00  00 00 00 00 00 00 00 00
                    ff ff ff ff  00 00 00 00  00 00 00 21  00 00 00 31
                    00 00 00 41  01 00 00 02  00 03 00 04  00 00 00 00
                    """));
    assertThat(async.event()).isEqualTo(Response.Async.LOGOUT_REQUESTED);
    assertThat(async.parameter1()).isEqualTo(2);
    assertThat(async.parameter2()).isEqualTo(3);
    assertThat(async.parameter3()).isEqualTo(4);

    Pdu bad = Pdu.of(0x1f).with(Field.ITT, 0x77);
    Response.Reject reject =
        (Response.Reject)
            Response.of(Pdu.of(Opcode.REJECT).with(Field.REASON, 5).withData(bad.bhs()));
    assertThat(reject.reason()).isEqualTo(Response.Reject.COMMAND_NOT_SUPPORTED);
    assertThat(reject.rejected()).isEqualTo(bad);
  }

  @Test
  void a_cdb_beyond_16_bytes_and_a_bidirectional_length_go_into_ahs_as_11_2_2_draws_them() {
    byte[] cdb = new byte[18];
    cdb[0] = 0x7f;
    cdb[16] = (byte) 0xaa;
    cdb[17] = (byte) 0xbb;
    Pdu pdu =
        ScsiCommand.out(0, cdb, new byte[512]).withDataIn(0x300).request(1, 2, 3, 0, true).toPdu();

    assertThat(pdu.get(Field.TOTAL_AHS_LENGTH)).isEqualTo(4);
    assertThat(HexFormat.of().formatHex(pdu.ahs()))
        .isEqualTo("00030100aabb0000" + "0005020000000300");
    assertThat(pdu.is(Field.READ)).isTrue();
    assertThat(pdu.is(Field.WRITE)).isTrue();
  }

  @Test
  void a_test_can_write_a_length_that_is_wrong_and_bits_that_are_reserved() {
    Pdu pdu =
        Pdu.of(Opcode.NOP_OUT)
            .withData(new byte[8])
            .with(Field.DATA_SEGMENT_LENGTH, 4)
            .with(Field.bit("reserved", 0, 7), true);

    assertThat(hex(pdu)).startsWith("80000000" + "00000004");
    assertThat(pdu.encode(Digests.NONE)).hasSize(56);
    assertThatThrownBy(() -> Field.whole("beyond", 46, 4))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void the_digest_of_32_zero_bytes_is_the_one_of_appendix_A_4() {
    assertThat(HexFormat.of().formatHex(Digests.crc32c(new byte[32]))).isEqualTo("aa36918a");
    byte[] ones = new byte[32];
    Arrays.fill(ones, (byte) 0xff);
    assertThat(HexFormat.of().formatHex(Digests.crc32c(ones))).isEqualTo("43aba862");
  }

  @Test
  void digests_stand_behind_the_header_and_behind_the_padded_data() {
    Pdu pdu = Pdu.of(Opcode.NOP_OUT).withData(new byte[] {1});
    byte[] wire = pdu.encode(new Digests(true, true));

    assertThat(wire).hasSize(48 + 4 + 4 + 4);
    assertThat(Arrays.copyOfRange(wire, 48, 52)).isEqualTo(Digests.crc32c(pdu.bhs()));
    assertThat(Arrays.copyOfRange(wire, 56, 60)).isEqualTo(Digests.crc32c(new byte[] {1, 0, 0, 0}));
    assertThat(Pdu.of(Opcode.NOP_OUT).encode(new Digests(true, true))).hasSize(52);
  }

  private static String hex(Pdu pdu) {
    return HexFormat.of().formatHex(pdu.encode(Digests.NONE));
  }
}
