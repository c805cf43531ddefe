// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.ScsiResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The disk offers all of {@code required.tsv}: nothing that is tested elsewhere is skipped. */
@ExtendWith(DaemonUnderTest.class)
class RequiredTest {

  @Test
  @Section("SPC-4 6.35")
  void every_command(Daemon daemon) throws Exception {
    try (Host host = Host.of(daemon, Daemon.DISK)) {
      Claims claims = new Claims(host);
      assertThat(
              missing(
                  "command",
                  number -> {
                    String[] parts = number.split("/");
                    int opcode = Integer.parseInt(parts[0], 16);
                    return parts.length == 1
                        ? claims.has(opcode)
                        : claims.has(opcode, Integer.parseInt(parts[1], 16));
                  }))
          .isEmpty();
    }
  }

  @Test
  @Section("SPC-4 7.8.16")
  void every_vital_product_data_page(Daemon daemon) throws Exception {
    try (Host host = Host.of(daemon, Daemon.DISK)) {
      List<Integer> pages = InquiryTest.pages(host.disk());
      assertThat(missing("vpd", number -> pages.contains(Integer.parseInt(number, 16)))).isEmpty();
    }
  }

  @Test
  @Section("SPC-4 7.5, SBC-3 6.4")
  void every_mode_page(Daemon daemon) throws Exception {
    try (Host host = Host.of(daemon, Daemon.DISK)) {
      assertThat(
              missing(
                  "mode",
                  number -> {
                    String[] parts = number.split("/");
                    int subpage = parts.length == 1 ? 0 : Integer.parseInt(parts[1], 16);
                    int page = Integer.parseInt(parts[0], 16);
                    return good(host, Cdb.modeSense10(0, page, subpage, 512));
                  }))
          .isEmpty();
    }
  }

  @Test
  @Section("SPC-4 7.3, SBC-3 6.2")
  void every_log_page(Daemon daemon) throws Exception {
    try (Host host = Host.of(daemon, Daemon.DISK)) {
      assertThat(
              missing(
                  "log",
                  number -> {
                    byte[] cdb = Host.hex("4d 00 40 00 00 00 00 02 00 00");
                    cdb[2] |= (byte) Integer.parseInt(number, 16);
                    return good(host, cdb);
                  }))
          .isEmpty();
    }
  }

  @Test
  @Section("SPC-4 6.35, 6.4, 5.12.7, 6.16.3")
  void every_capability_of_persistent_reservations(Daemon daemon) throws Exception {
    try (Host host = Host.of(daemon, Daemon.DISK)) {
      ByteBuffer capabilities = host.reserveIn(2);
      assertThat(capabilities.get(2) & 0x0d).as("SIP_C, ATP_C, PTPL_C").isEqualTo(0x0d);
      assertThat(capabilities.getShort(4) & 0xffff).as("types").isEqualTo(0xea01);
    }
  }

  @Test
  @Section("SPC-4 6.36, SAM-5 7.1")
  void every_task_management_function(Daemon daemon) throws Exception {
    try (Host host = Host.of(daemon, Daemon.DISK)) {
      byte[] data =
          host.disk().in(Cdb.reportSupportedTaskManagementFunctions(4), 4).requireGood().data();
      boolean normAca = (host.disk().inquiry()[3] & 0x20) != 0;
      assertThat(data[0] & 0xd8).as("ATS, ATSS, CTSS, LURS").isEqualTo(0xd8);
      assertThat((data[0] & 0x20) != 0).as("CACAS goes with NORMACA").isEqualTo(normAca);
      assertThat(data[1] & 0x07).as("QAES, QTSS, ITNRS").isEqualTo(0x07);
    }
  }

  private static boolean good(Host host, byte[] cdb) {
    try {
      ScsiResult result = host.disk().in(cdb, 512);
      return result.isGood();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static List<String> missing(String kind, Predicate<String> offered) throws Exception {
    List<String> required = new ArrayList<>();
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                RequiredTest.class.getResourceAsStream("required.tsv"), StandardCharsets.UTF_8))) {
      reader
          .lines()
          .filter(line -> line.startsWith(kind + "\t"))
          .flatMap(line -> Stream.of(line.split("\t")[1].split(" ")))
          .forEach(required::add);
    }
    assertThat(required).isNotEmpty();
    return required.stream().filter(offered.negate()).toList();
  }
}
