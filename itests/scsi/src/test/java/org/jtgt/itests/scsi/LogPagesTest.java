// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.itests.scsi.Host.requireCheck;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jtgt.itests.initiator.ScsiResult;
import org.jtgt.itests.initiator.Sense;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** LOG SENSE: the list of pages, each page, each parameter. */
@ExtendWith(DaemonUnderTest.class)
class LogPagesTest {

  @Test
  @Section("SPC-4 6.8, 7.3.1, 7.3.19")
  void every_listed_page_decodes_and_none_else_is_there(Daemon daemon) throws Exception {
    try (Host host = Host.of(daemon, Daemon.DISK)) {
      new Claims(host).assume(0x4d);
      byte[] list = sense(host, 0, 0).requireGood().data();
      List<Integer> pages = new ArrayList<>();
      for (int at = 4; at < list.length; at++) {
        pages.add(list[at] & 0xff);
      }
      assertThat(pages).isSorted().doesNotHaveDuplicates().contains(0);
      for (int page = 0; page < 0x3f; page++) {
        ScsiResult result = sense(host, page, 0);
        if (!pages.contains(page)) {
          requireCheck(result, Sense.ILLEGAL_REQUEST, 0x2400);
          continue;
        }
        byte[] data = result.requireGood().data();
        ByteBuffer buffer = ByteBuffer.wrap(data);
        assertThat(data[0] & 0x3f).isEqualTo(page);
        assertThat(buffer.getShort(2) & 0xffff).isEqualTo(data.length - 4);
        int last = -1;
        for (int at = 4; page != 0 && at < data.length; at += 4 + (data[at + 3] & 0xff)) {
          int code = buffer.getShort(at) & 0xffff;
          assertThat(code).as("parameters of %02x ascend", page).isGreaterThan(last);
          assertThat(at + 4 + (data[at + 3] & 0xff)).isLessThanOrEqualTo(data.length);
          last = code;
        }
      }
    }
  }

  @Test
  @Section("SPC-4 7.3.19, 7.3.20")
  void the_list_with_subpages_names_the_same_pages(Daemon daemon) throws Exception {
    try (Host host = Host.of(daemon, Daemon.DISK)) {
      new Claims(host).assume(0x4d);
      byte[] plain = sense(host, 0, 0).requireGood().data();
      ScsiResult result = sense(host, 0, 0xff);
      org.junit.jupiter.api.Assumptions.assumeTrue(result.isGood(), "no subpages");
      byte[] both = result.data();
      assertThat(both[0] & 0x7f).as("SPF and page 0").isEqualTo(0x40);
      List<Byte> codes = new ArrayList<>();
      for (int at = 4; at < both.length; at += 2) {
        if (both[at + 1] == 0) {
          codes.add(both[at]);
        }
      }
      for (int at = 4; at < plain.length; at++) {
        assertThat(codes).contains(plain[at]);
      }
    }
  }

  private static ScsiResult sense(Host host, int page, int subpage) throws IOException {
    byte[] cdb = new byte[] {0x4d, 0, (byte) (0x40 | page), (byte) subpage, 0, 0, 0, 0x10, 0, 0};
    return host.disk().in(cdb, 4096);
  }
}
