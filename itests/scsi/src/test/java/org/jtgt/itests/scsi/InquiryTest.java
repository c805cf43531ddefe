// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.itests.scsi.Host.requireCheck;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.LogicalUnit;
import org.jtgt.itests.initiator.Sense;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** INQUIRY data and the vital product data pages, and that they agree with what the disk does. */
@ExtendWith(DaemonUnderTest.class)
class InquiryTest {

  @Test
  @Section("SPC-4 6.6.2 table 139")
  void the_standard_data_is_that_of_a_disk(Daemon daemon) throws Exception {
    try (Host host = Host.of(daemon, Daemon.DISK)) {
      byte[] data = host.disk().inquiry();
      assertThat(data[0]).as("connected, direct access").isZero();
      assertThat(data[2]).as("VERSION").isGreaterThanOrEqualTo((byte) 6);
      assertThat(data[3] & 0x0f).as("RESPONSE DATA FORMAT").isEqualTo(2);
      assertThat(data.length).as("36 bytes at least").isGreaterThanOrEqualTo(36);
      assertThat(data[4] & 0xff).as("ADDITIONAL LENGTH").isEqualTo(data.length - 5);
      assertThat(data[7] & 0x02).as("CMDQUE").isEqualTo(2);
      for (int[] field : new int[][] {{8, 16}, {16, 32}, {32, 36}}) {
        String text = new String(data, field[0], field[1] - field[0], StandardCharsets.US_ASCII);
        assertThat(text).matches("[\\x20-\\x7e]*");
        assertThat(text.strip()).isNotEmpty();
      }
      boolean tpgs = (data[5] & 0x30) != 0;
      boolean thirdParty = (data[5] & 0x08) != 0;
      Claims claims = new Claims(host);
      assertThat(claims.has(0xa3, 0x0a)).as("TPGS and REPORT TARGET PORT GROUPS").isEqualTo(tpgs);
      assertThat(claims.has(0x83)).as("3PC and EXTENDED COPY").isEqualTo(thirdParty);
      if (data.length > 58) {
        List<Integer> versions = new ArrayList<>();
        for (int at = 58; at + 1 < Math.min(data.length, 74); at += 2) {
          versions.add(ByteBuffer.wrap(data).getShort(at) & 0xffff);
        }
        versions.removeIf(version -> version == 0);
        // SPC-4 table 145: the standard is the value divided by 32.
        assertThat(versions.stream().map(version -> version & 0xffe0))
            .as("SAM, SPC, SBC and iSCSI")
            .anyMatch(v -> v >= 0x0040 && v <= 0x00c0)
            .anyMatch(v -> v == 0x0300 || v == 0x0460 || v == 0x05c0)
            .anyMatch(v -> v == 0x04c0 || v == 0x0600)
            .anyMatch(v -> v == 0x0960);
      }
    }
  }

  @Test
  @Section("SPC-4 6.6.1, 4.3.5.6")
  void the_allocation_length_cuts_and_a_page_without_EVPD_is_refused(Daemon daemon)
      throws Exception {
    try (Host host = Host.of(daemon, Daemon.DISK)) {
      byte[] full = host.disk().inquiry();
      for (int bytes : new int[] {0, 1, 5, 36}) {
        byte[] cut = host.disk().in(Cdb.inquiry(bytes), 255).requireGood().data();
        assertThat(cut).isEqualTo(Arrays.copyOf(full, bytes));
      }
      requireCheck(host.in("12 00 80 00 ff 00", 255), Sense.ILLEGAL_REQUEST, 0x2400);
      requireCheck(host.in("12 01 7f 00 ff 00", 255), Sense.ILLEGAL_REQUEST, 0x2400);
    }
  }

  @ParameterizedTest(name = "LUN {0}")
  @Section("SPC-4 7.8.1, 7.8.16")
  @ValueSource(ints = {Daemon.DISK, Daemon.FOUR_K, Daemon.THICK, Daemon.READ_ONLY})
  void every_listed_page_is_there_and_none_else(int lun, Daemon daemon) throws Exception {
    try (Host host = Host.of(daemon, lun)) {
      List<Integer> listed = pages(host.disk());
      assertThat(listed).isSorted().doesNotHaveDuplicates().contains(0x00, 0x80, 0x83, 0xb0, 0xb1);
      for (int page = 0; page < 256; page++) {
        if (listed.contains(page)) {
          byte[] data = vpd(host.disk(), page);
          assertThat(data[0]).isZero();
          assertThat(data[1] & 0xff).isEqualTo(page);
          byte[] cut = host.disk().in(Cdb.inquiryVpd(page, 4), 4).requireGood().data();
          assertThat(cut).isEqualTo(Arrays.copyOf(data, 4));
        } else {
          requireCheck(
              host.disk().in(Cdb.inquiryVpd(page, 255), 255), Sense.ILLEGAL_REQUEST, 0x2400);
        }
      }
    }
  }

  @Test
  @Section("SPC-4 7.8.6, 7.8.15")
  void the_device_identification_names_unit_port_and_target(Daemon daemon) throws Exception {
    try (Host first = Host.of(daemon, Daemon.DISK);
        Host second =
            Host.of(
                daemon, Daemon.DISK, Daemon.SECOND, Host.freshName(), UnaryOperator.identity());
        Host other = Host.of(daemon, Daemon.OTHER)) {
      List<Designator> ours = Designator.all(vpd(first.disk(), 0x83));
      List<Designator> same = Designator.all(vpd(second.disk(), 0x83));
      List<Designator> others = Designator.all(vpd(other.disk(), 0x83));
      byte[] naa = one(ours, 0, 3).bytes();
      assertThat(naa).hasSizeGreaterThanOrEqualTo(8);
      assertThat(naa[0] >> 4 & 0xf).isIn(2, 3, 5, 6);
      assertThat(one(same, 0, 3).bytes()).as("one unit behind two ports").isEqualTo(naa);
      assertThat(one(others, 0, 3).bytes()).as("another unit").isNotEqualTo(naa);
      // RELATIVE TARGET PORT IDENTIFIER, association 01b, type 4.
      int port = ByteBuffer.wrap(one(ours, 1, 4).bytes()).getInt(0);
      assertThat(port).isPositive();
      assertThat(ByteBuffer.wrap(one(same, 1, 4).bytes()).getInt(0)).isNotEqualTo(port);
      // SCSI name string of the target port: iSCSI name, ",t,0x" and the portal group tag.
      String name = new String(one(ours, 1, 8).bytes(), StandardCharsets.UTF_8);
      assertThat(name).startsWith(Daemon.FIRST + ",t,0x");
      assertThat(one(ours, 1, 8).protocol()).as("iSCSI").isEqualTo(5);
      byte[] serial = vpd(first.disk(), 0x80);
      assertThat(serial.length).isGreaterThan(4);
      assertThat(vpd(second.disk(), 0x80)).isEqualTo(serial);
      assertThat(vpd(other.disk(), 0x80)).isNotEqualTo(serial);
    }
  }

  @Test
  @Section("SPC-4 7.8.13, 7.8.6")
  void the_ports_page_lists_the_target_port(Daemon daemon) throws Exception {
    try (Host host = Host.of(daemon, Daemon.DISK)) {
      org.junit.jupiter.api.Assumptions.assumeTrue(
          pages(host.disk()).contains(0x88), "no VPD page 88h");
      List<Integer> ports = List.copyOf(ports(host.disk()).keySet());
      int ours =
          ByteBuffer.wrap(one(Designator.all(vpd(host.disk(), 0x83)), 1, 4).bytes()).getInt(0);
      assertThat(ports).contains(ours);
    }
  }

  @ParameterizedTest(name = "LUN {0}")
  @Section("SBC-3 6.5.3")
  @ValueSource(ints = {Daemon.DISK, Daemon.FOUR_K})
  void the_block_limits_are_those_that_the_disk_keeps(int lun, Daemon daemon) throws Exception {
    try (Host host = Host.of(daemon, lun)) {
      int blockBytes = host.disk().capacity().blockBytes();
      byte[] page = vpd(host.disk(), 0xb0);
      ByteBuffer limits = ByteBuffer.wrap(page);
      assertThat(page).hasSize(64);
      int compareBlocks = page[5] & 0xff;
      assertThat(compareBlocks).as("MAXIMUM COMPARE AND WRITE LENGTH").isPositive();
      int beyond = compareBlocks + 1;
      if (beyond < 256) {
        requireCheck(
            host.disk().out(Cdb.compareAndWrite(0, beyond), new byte[2 * beyond * blockBytes]),
            Sense.ILLEGAL_REQUEST,
            0x2400);
      }
      long maxTransfer = limits.getInt(8) & 0xffffffffL;
      long blocks = host.disk().capacity().blocks();
      if (maxTransfer > 0 && maxTransfer < blocks) {
        requireCheck(
            host.disk().in(Cdb.read16(0, (int) maxTransfer + 1), 512),
            Sense.ILLEGAL_REQUEST,
            0x2400);
      }
      int descriptors = limits.getInt(24);
      if (descriptors > 0 && descriptors < 1000) {
        byte[] list = Cdb.unmapParameters(new long[2 * (descriptors + 1)]);
        requireCheck(host.disk().out(Cdb.unmap(list.length), list), Sense.ILLEGAL_REQUEST, 0x2600);
      }
      // WRITE ATOMIC (16): its fields are 0 where it is not claimed.
      if (!new Claims(host).has(0x9c)) {
        assertThat(limits.getInt(44)).as("MAXIMUM ATOMIC TRANSFER LENGTH").isZero();
      }
    }
  }

  @Test
  @Section("SBC-3 6.5.4, 5.16, 4.7")
  void thin_and_thick_units_say_what_they_are(Daemon daemon) throws Exception {
    try (Host thin = Host.of(daemon, Daemon.DISK);
        Host thick = Host.of(daemon, Daemon.THICK)) {
      byte[] capacity = thin.disk().capacity().raw();
      assertThat(capacity[14] & 0x80).as("LBPME").isEqualTo(0x80);
      byte[] page = vpd(thin.disk(), 0xb2);
      assertThat(page[5] & 0x80).as("LBPU").isEqualTo(0x80);
      assertThat(page[6] & 0x07).as("PROVISIONING TYPE: thin").isEqualTo(2);
      assertThat(new Claims(thin).has(0x42)).isTrue();
      assertThat(thick.disk().capacity().raw()[14] & 0x80).as("LBPME").isZero();
      assertThat(new Claims(thick).has(0x42)).isFalse();
      requireCheck(
          thick.disk().out(Cdb.unmap(24), Cdb.unmapParameters(0, 8)),
          Sense.ILLEGAL_REQUEST,
          0x2000);
    }
  }

  @Test
  @Section("SPC-4 7.8.7")
  void the_extended_INQUIRY_data_claims_the_task_attributes(Daemon daemon) throws Exception {
    try (Host host = Host.of(daemon, Daemon.DISK)) {
      byte[] page = vpd(host.disk(), 0x86);
      assertThat(page).hasSize(64);
      assertThat(page[5] & 0x0f).as("PRIOR_SUP, HEADSUP, ORDSUP, SIMPSUP").isEqualTo(15);
      assertThat(page[4] & 0x07).as("no protection information").isZero();
    }
  }

  // ---- decoding --------------------------------------------------------------------------------

  record Designator(int association, int type, int protocol, byte[] bytes) {

    static List<Designator> all(byte[] page) {
      List<Designator> all = new ArrayList<>();
      for (int at = 4; at < page.length; at += 4 + (page[at + 3] & 0xff)) {
        boolean protocol = (page[at + 1] & 0x80) != 0;
        all.add(
            new Designator(
                page[at + 1] >> 4 & 3,
                page[at + 1] & 0xf,
                protocol ? page[at] >> 4 & 0xf : -1,
                Arrays.copyOfRange(page, at + 4, at + 4 + (page[at + 3] & 0xff))));
      }
      return all;
    }
  }

  private static Designator one(List<Designator> all, int association, int type) {
    return all.stream()
        .filter(d -> d.association == association && d.type == type)
        .findFirst()
        .orElseThrow(() ->
            new AssertionError("no designator of association " + association + " type " + type));
  }

  /** A page whose length is the one that it tells. */
  static byte[] vpd(LogicalUnit unit, int page) throws IOException {
    byte[] data = unit.in(Cdb.inquiryVpd(page, 4096), 4096).requireGood().data();
    assertThat(ByteBuffer.wrap(data).getShort(2) & 0xffff)
        .as("PAGE LENGTH of %02x", page)
        .isEqualTo(data.length - 4);
    return data;
  }

  /** The SCSI Ports page: the name of each target port, by its relative identifier. */
  static SortedMap<Integer, String> ports(LogicalUnit unit) throws IOException {
    byte[] page = vpd(unit, 0x88);
    ByteBuffer data = ByteBuffer.wrap(page);
    SortedMap<Integer, String> ports = new TreeMap<>();
    for (int at = 4; at < page.length; ) {
      int initiatorIds = data.getShort(at + 6) & 0xffff;
      int targetIds = data.getShort(at + 10 + initiatorIds) & 0xffff;
      int first = at + 12 + initiatorIds;
      byte[] descriptors = new byte[4 + targetIds];
      System.arraycopy(page, first, descriptors, 4, targetIds);
      String name =
          new String(one(Designator.all(descriptors), 1, 8).bytes(), StandardCharsets.UTF_8);
      assertThat(ports.put(data.getShort(at + 2) & 0xffff, name.replace("\0", ""))).isNull();
      at = first + targetIds;
    }
    return ports;
  }

  static List<Integer> pages(LogicalUnit unit) throws IOException {
    byte[] data = vpd(unit, 0);
    List<Integer> pages = new ArrayList<>();
    for (int at = 4; at < data.length; at++) {
      pages.add(data[at] & 0xff);
    }
    return pages;
  }
}
