// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.spc;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jtgt.scsi.device.DeviceServer.VpdPage;
import org.jtgt.scsi.device.Task;

/**
 * The vital product data pages (SPC-4 7.8, SBC-3 6.6): one table, from which page 00h is printed.
 */
final class VpdPages {
  private static final Map<Integer, VpdPage> PAGES =
      Map.of(
          0x00, VpdPages::supportedPages,
          0x80, VpdPages::unitSerialNumber,
          0x83, DeviceIdentification::body);

  private VpdPages() {}

  /** The pages of every device type and those of this one. */
  static SortedMap<Integer, VpdPage> pages(Task task) {
    SortedMap<Integer, VpdPage> pages = new TreeMap<>(PAGES);
    pages.putAll(task.unit().deviceServer().vpdPages());
    return pages;
  }

  /** A page with its header; empty when there is none of that code. */
  static Optional<byte[]> page(int code, Task task) {
    VpdPage page = pages(task).get(code);
    if (page == null || (code != 0 && !task.unit().mapped())) {
      return Optional.empty();
    }
    byte[] body = page.body(task);
    ByteBuffer out = ByteBuffer.allocate(4 + body.length);
    out.put(Inquiry.peripheral(task)).put((byte) code).putShort((short) body.length).put(body);
    return Optional.of(out.array());
  }

  /** SPC-4 7.8.15. */
  private static byte[] supportedPages(Task task) {
    if (!task.unit().mapped()) {
      return new byte[] {0};
    }
    SortedMap<Integer, VpdPage> pages = pages(task);
    byte[] codes = new byte[pages.size()];
    int at = 0;
    for (int code : pages.keySet()) {
      codes[at++] = (byte) code;
    }
    return codes;
  }

  /** SPC-4 7.8.18. */
  private static byte[] unitSerialNumber(Task task) {
    return task.unit().identity().serial().getBytes(StandardCharsets.US_ASCII);
  }
}
