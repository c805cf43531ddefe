// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.itests.scsi.Host.requireCheck;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.LogicalUnit;
import org.jtgt.itests.initiator.ScsiResult;
import org.jtgt.itests.initiator.Sense;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** MODE SENSE and MODE SELECT: headers, pages, and what a change does to others. */
@ExtendWith(DaemonUnderTest.class)
class ModePagesTest {
  private static final int CURRENT = 0;
  private static final int CHANGEABLE = 1;
  private static final int DEFAULT = 2;
  private static final int SAVED = 3;
  private static final int ALL_PAGES = 0x3f;
  private static final int MODE_PARAMETERS_CHANGED = 0x2a01;

  /**
   * What MODE SENSE (10) gave: the header, the block descriptors and the pages by code and subcode.
   */
  private record Parameters(byte[] header, byte[] descriptors, Map<Integer, byte[]> pages) {

    static Parameters of(byte[] data) {
      ByteBuffer buffer = ByteBuffer.wrap(data);
      assertThat(buffer.getShort(0) & 0xffff).as("MODE DATA LENGTH").isEqualTo(data.length - 2);
      int descriptorBytes = buffer.getShort(6) & 0xffff;
      Map<Integer, byte[]> pages = new LinkedHashMap<>();
      for (int at = 8 + descriptorBytes; at < data.length; ) {
        boolean sub = (data[at] & 0x40) != 0;
        int code = (data[at] & 0x3f) << 8 | (sub ? data[at + 1] & 0xff : 0);
        int end = at + (sub ? 4 + (buffer.getShort(at + 2) & 0xffff) : 2 + (data[at + 1] & 0xff));
        assertThat(end).as("end of page %04x", code).isLessThanOrEqualTo(data.length);
        assertThat(pages.put(code, Arrays.copyOfRange(data, at, end)))
            .as("page %04x comes once", code)
            .isNull();
        at = end;
      }
      return new Parameters(
          Arrays.copyOf(data, 8), Arrays.copyOfRange(data, 8, 8 + descriptorBytes), pages);
    }

    static Parameters sense(LogicalUnit unit, int control) throws IOException {
      return of(
          unit.in(Cdb.modeSense10(control, ALL_PAGES, 0xff, 4096), 4096).requireGood().data());
    }
  }

  @ParameterizedTest(name = "LUN {0}")
  @Section("SPC-4 6.11, 7.5.1, 7.5.5, SBC-3 6.4.1")
  @ValueSource(ints = {Daemon.DISK, Daemon.FOUR_K, Daemon.READ_ONLY})
  void all_pages_decode_in_ascending_order(int lun, Daemon daemon) throws Exception {
    try (Host host = Host.of(daemon, lun)) {
      Parameters all = Parameters.sense(host.disk(), CURRENT);
      assertThat(List.copyOf(all.pages.keySet()))
          .isSorted()
          .contains(0x0100, 0x0800, 0x0a00, 0x1c00);
      assertThat(all.header[3] & 0x80).as("WP").isEqualTo(lun == Daemon.READ_ONLY ? 0x80 : 0);
      assertThat(all.header[3] & 0x10).as("DPOFUA").isEqualTo(0x10);
      LogicalUnit.Capacity capacity = host.disk().capacity();
      assertThat(all.descriptors).as("one short LBA descriptor").hasSize(8);
      ByteBuffer descriptor = ByteBuffer.wrap(all.descriptors);
      assertThat(descriptor.getInt(0) & 0xffffffffL).isEqualTo(capacity.blocks());
      assertThat(descriptor.getInt(4) & 0xffffff).isEqualTo(capacity.blockBytes());
      // DBD leaves them out.
      byte[] cdb = Cdb.modeSense10(CURRENT, ALL_PAGES, 0xff, 4096);
      cdb[1] |= 0x08;
      Parameters without = Parameters.of(host.disk().in(cdb, 4096).requireGood().data());
      assertThat(without.descriptors).isEmpty();
      assertThat(without.pages.keySet()).isEqualTo(all.pages.keySet());
    }
  }

  @Test
  @Section("SPC-4 6.11.1, 7.5.5")
  void MODE_SENSE_6_and_10_show_the_same_pages(Daemon daemon) throws Exception {
    try (Host host = Host.of(daemon, Daemon.DISK)) {
      byte[] six =
          host.disk().in(Cdb.modeSense6(CURRENT, ALL_PAGES, 0, 255), 255).requireGood().data();
      byte[] ten =
          host.disk().in(Cdb.modeSense10(CURRENT, ALL_PAGES, 0, 4096), 4096).requireGood().data();
      assertThat(six[0] & 0xff).isEqualTo(six.length - 1);
      assertThat(Arrays.copyOfRange(six, 4, six.length))
          .isEqualTo(Arrays.copyOfRange(ten, 8, ten.length));
      byte[] cut = host.disk().in(Cdb.modeSense6(CURRENT, ALL_PAGES, 0, 4), 4).requireGood().data();
      assertThat(cut).isEqualTo(Arrays.copyOf(six, 4));
    }
  }

  @Test
  @Section("SPC-4 6.11.1 table 161")
  void each_page_alone_and_a_page_that_does_not_exist(Daemon daemon) throws Exception {
    try (Host host = Host.of(daemon, Daemon.DISK)) {
      Parameters all = Parameters.sense(host.disk(), CURRENT);
      for (int code = 0; code < 0x3f; code++) {
        ScsiResult result = host.disk().in(Cdb.modeSense10(CURRENT, code, 0, 4096), 4096);
        if (all.pages.containsKey(code << 8)) {
          byte[] alone = Parameters.of(result.requireGood().data()).pages.get(code << 8);
          assertThat(alone).isEqualTo(all.pages.get(code << 8));
        } else {
          requireCheck(result, Sense.ILLEGAL_REQUEST, 0x2400);
        }
      }
    }
  }

  @Test
  @Section("SPC-4 6.11.1 table 160, 7.5.3")
  void changeable_default_and_saved_values_have_the_same_pages(Daemon daemon) throws Exception {
    try (Host host = Host.of(daemon, Daemon.DISK)) {
      Parameters current = Parameters.sense(host.disk(), CURRENT);
      for (int control : new int[] {CHANGEABLE, DEFAULT}) {
        Parameters other = Parameters.sense(host.disk(), control);
        assertThat(other.pages.keySet()).isEqualTo(current.pages.keySet());
        other.pages.forEach((code, page) ->
            assertThat(page).as("%04x", code).hasSameSizeAs(current.pages.get(code)));
      }
      ScsiResult saved = host.disk().in(Cdb.modeSense10(SAVED, ALL_PAGES, 0xff, 4096), 4096);
      if (!saved.isGood()) {
        requireCheck(saved, Sense.ILLEGAL_REQUEST, 0x3900); // SAVING PARAMETERS NOT SUPPORTED
      }
      boolean canSave = (current.pages.get(0x0800)[0] & 0x80) != 0;
      assertThat(saved.isGood()).as("PS of the caching page and saved values").isEqualTo(canSave);
    }
  }

  @Test
  @Section("SPC-4 6.9, 7.5.3, SBC-3 6.4.5")
  void only_changeable_bits_change_and_others_are_told(Daemon daemon) throws Exception {
    try (Host a = Host.of(daemon, Daemon.OTHER);
        Host b = Host.of(daemon, Daemon.OTHER)) {
      byte[] caching = page(a, CURRENT, 0x08);
      byte[] mask = page(a, CHANGEABLE, 0x08);
      assertThat(mask[2] & 0x04).as("WCE can be changed").isEqualTo(0x04);
      byte[] changed = caching.clone();
      changed[2] ^= 0x04;
      select(a, changed).requireGood();
      assertThat(page(a, CURRENT, 0x08)[2]).isEqualTo(changed[2]);
      assertThat(a.attentions()).isEmpty();
      assertThat(b.attentions()).containsExactly(MODE_PARAMETERS_CHANGED);
      select(a, caching).requireGood();
      assertThat(b.attentions()).containsExactly(MODE_PARAMETERS_CHANGED);
      // The same values again change nothing.
      select(a, caching).requireGood();
      assertThat(b.attentions()).isEmpty();
      int fixed = fixedBit(mask);
      byte[] wrong = caching.clone();
      wrong[fixed / 8] ^= (byte) (1 << fixed % 8);
      requireCheck(select(a, wrong), Sense.ILLEGAL_REQUEST, 0x2600);
      assertThat(page(a, CURRENT, 0x08)).isEqualTo(caching);
      assertThat(b.attentions()).isEmpty();
    }
  }

  @Test
  @Section("SPC-4 6.9")
  void a_parameter_list_that_is_cut_or_malformed_is_refused(Daemon daemon) throws Exception {
    try (Host host = Host.of(daemon, Daemon.OTHER)) {
      byte[] list = list(page(host, CURRENT, 0x0a));
      host.disk().out(Cdb.modeSelect10(false, 0), new byte[0]).requireGood();
      for (int bytes : new int[] {4, list.length - 1}) {
        requireCheck(
            host.disk().out(Cdb.modeSelect10(false, bytes), Arrays.copyOf(list, bytes)),
            Sense.ILLEGAL_REQUEST,
            0x1a00);
      }
      byte[] otherLength = list.clone();
      otherLength[9]++;
      ScsiResult result = host.disk().out(Cdb.modeSelect10(false, list.length), otherLength);
      assertThat(result.sense().orElseThrow().key()).isEqualTo(Sense.ILLEGAL_REQUEST);
      assertThat(result.sense().orElseThrow().additional()).isIn(0x2600, 0x1a00);
      byte[] noPage = list.clone();
      noPage[8] = 0x2e;
      requireCheck(
          host.disk().out(Cdb.modeSelect10(false, list.length), noPage),
          Sense.ILLEGAL_REQUEST,
          0x2600);
    }
  }

  @Test
  @Section("SPC-4 7.5.8 (D_SENSE), 4.5.1")
  void D_SENSE_if_changeable_gives_descriptor_format_sense(Daemon daemon) throws Exception {
    try (Host host = Host.of(daemon, Daemon.OTHER)) {
      byte[] control = page(host, CURRENT, 0x0a);
      byte[] mask = page(host, CHANGEABLE, 0x0a);
      org.junit.jupiter.api.Assumptions.assumeTrue((mask[2] & 0x04) != 0, "D_SENSE is fixed");
      byte[] changed = control.clone();
      changed[2] ^= 0x04;
      select(host, changed).requireGood();
      ScsiResult refused = host.none("ff 00 00 00 00 00");
      int code = refused.sense().orElseThrow().responseCode();
      select(host, control).requireGood();
      assertThat(code).isEqualTo((changed[2] & 0x04) != 0 ? 0x72 : 0x70);
    }
  }

  private static byte[] page(Host host, int control, int code) throws IOException {
    return Parameters.of(
            host.disk().in(Cdb.modeSense10(control, code, 0, 4096), 4096).requireGood().data())
        .pages
        .get(code << 8);
  }

  /** A bit of the page that is not changeable, its byte times 8 plus its number. */
  private static int fixedBit(byte[] mask) {
    for (int bit = 8 * (mask.length - 1); bit >= 16; bit--) {
      if ((mask[bit / 8] & 1 << bit % 8) == 0) {
        return bit;
      }
    }
    throw new AssertionError("every bit can be changed");
  }

  private static ScsiResult select(Host host, byte[] page) throws IOException {
    byte[] list = list(page);
    return host.disk().out(Cdb.modeSelect10(false, list.length), list);
  }

  /** Without block descriptor; PS is reserved in MODE SELECT (SPC-4 7.5.6). */
  private static byte[] list(byte[] page) {
    byte[] list = new byte[8 + page.length];
    System.arraycopy(page, 0, list, 8, page.length);
    list[8] &= 0x7f;
    return list;
  }
}
