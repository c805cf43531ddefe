// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.itests.scsi.Host.requireCheck;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.ScsiResult;
import org.jtgt.itests.initiator.Sense;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** REPORT SUPPORTED OPERATION CODES tells the truth. */
@ExtendWith(DaemonUnderTest.class)
class OperationCodesTest {

  @Test
  @Section("SPC-4 6.35, 4.2.1 (operation code groups)")
  void every_claimed_command_has_its_length_and_its_usage_data(Daemon daemon) throws Exception {
    try (Host host = Host.of(daemon, Daemon.DISK)) {
      for (Map.Entry<Claims.Code, Integer> claim : new Claims(host).cdbBytes().entrySet()) {
        Claims.Code code = claim.getKey();
        boolean action = code.serviceAction().isPresent();
        byte[] data =
            report(host, action ? 2 : 1, code.opcode(), code.serviceAction().orElse(0))
                .requireGood()
                .data();
        assertThat(data[1] & 0x07).as("SUPPORT of %s", code).isEqualTo(3);
        int length = ByteBuffer.wrap(data).getShort(2);
        assertThat(length).as("CDB SIZE of %s", code).isEqualTo(claim.getValue());
        assertThat(data[4] & 0xff).as("usage data of %s", code).isEqualTo(code.opcode());
        int group = code.opcode() >> 5;
        if (code.opcode() != 0x7f) {
          assertThat(length)
              .as("length of %s", code)
              .isEqualTo(group == 0 ? 6 : group <= 2 ? 10 : group == 4 ? 16 : 12);
        }
        if (action && code.opcode() != 0x7f) {
          assertThat(data[5] & 0x1f).as("%s", code).isEqualTo(code.serviceAction().getAsInt());
        }
        // The wrong form is refused.
        requireCheck(
            report(host, action ? 1 : 2, code.opcode(), code.serviceAction().orElse(0)),
            Sense.ILLEGAL_REQUEST,
            0x2400);
      }
    }
  }

  @Test
  @Section("SPC-4 4.3.1, SAM-5 5.2")
  void every_operation_code_that_is_not_claimed_is_invalid(Daemon daemon) throws Exception {
    try (Host host = Host.of(daemon, Daemon.DISK)) {
      Claims claims = new Claims(host);
      List<String> wrong = new ArrayList<>();
      for (int opcode = 0; opcode < 256; opcode++) {
        if (claims.has(opcode)) {
          continue;
        }
        byte[] cdb = new byte[16];
        cdb[0] = (byte) opcode;
        ScsiResult result = host.disk().none(cdb);
        boolean refused =
            result.status() == ScsiResult.CHECK_CONDITION
                && result.sense().orElseThrow().key() == Sense.ILLEGAL_REQUEST
                && result.sense().orElseThrow().additional() == 0x2000;
        if (!refused) {
          wrong.add("%02x: %s".formatted(opcode, result));
        }
        byte[] report = report(host, 1, opcode, 0).requireGood().data();
        if ((report[1] & 0x07) != 1) {
          wrong.add("SUPPORT of %02x: %d".formatted(opcode, report[1] & 7));
        }
      }
      assertThat(wrong).isEmpty();
    }
  }

  @Test
  @Section("SPC-4 4.3.5.4.2")
  void a_service_action_that_is_not_claimed_is_an_invalid_field(Daemon daemon) throws Exception {
    try (Host host = Host.of(daemon, Daemon.DISK)) {
      Claims claims = new Claims(host);
      List<String> wrong = new ArrayList<>();
      for (int opcode : new int[] {0x5e, 0x5f, 0x83, 0x84, 0x9e, 0xa3, 0xa4, 0x48}) {
        for (int action = 0; action < 32 && claims.has(opcode); action++) {
          if (claims.has(opcode, action)) {
            continue;
          }
          byte[] cdb = new byte[opcode < 0x80 ? 10 : opcode < 0xa0 ? 16 : 12];
          cdb[0] = (byte) opcode;
          cdb[1] = (byte) action;
          ScsiResult result = host.disk().none(cdb);
          boolean refused =
              result.status() == ScsiResult.CHECK_CONDITION
                  && result.sense().orElseThrow().key() == Sense.ILLEGAL_REQUEST
                  && result.sense().orElseThrow().additional() == 0x2400;
          if (!refused) {
            wrong.add("%02x/%02x: %s".formatted(opcode, action, result));
          }
        }
      }
      assertThat(wrong).isEmpty();
    }
  }

  @Test
  @Section("SPC-4 6.35.4 (command timeouts descriptor)")
  void RCTD_adds_a_timeouts_descriptor_to_each(Daemon daemon) throws Exception {
    try (Host host = Host.of(daemon, Daemon.DISK)) {
      byte[] data =
          host.disk()
              .in(Cdb.reportSupportedOperationCodes(true, 0, 0, 0, 65536), 65536)
              .requireGood()
              .data();
      int claimed = 0;
      for (int at = 4; at < data.length; claimed++) {
        boolean described = (data[at + 5] & 0x02) != 0;
        assertThat(described).as("CTDP").isTrue();
        assertThat(ByteBuffer.wrap(data).getShort(at + 8)).isEqualTo((short) 0x0a);
        at += 20;
      }
      assertThat(claimed).isEqualTo(new Claims(host).cdbBytes().size());
    }
  }

  @Test
  @Section("SPC-4 6.36, SAM-5 7")
  void the_task_management_functions_claimed_are_those_that_are_done(Daemon daemon)
      throws Exception {
    try (Host host = Host.of(daemon, Daemon.DISK)) {
      byte[] data =
          host.disk().in(Cdb.reportSupportedTaskManagementFunctions(4), 4).requireGood().data();
      assertThat(data[0] & 0xd8).as("ATS, ATSS, CTSS, LURS").isEqualTo(0xd8);
    }
  }

  private static ScsiResult report(Host host, int options, int opcode, int action)
      throws IOException {
    return host.disk()
        .in(Cdb.reportSupportedOperationCodes(false, options, opcode, action, 512), 512);
  }
}
