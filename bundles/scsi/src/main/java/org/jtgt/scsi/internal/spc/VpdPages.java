// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.spc;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jtgt.scsi.device.Task;

/**
 * The vital product data pages (SPC-4 7.8, SBC-3 6.6): one table, from which page 00h is printed.
 */
final class VpdPages {
  /** Builds what follows the four bytes of a page's header. */
  @FunctionalInterface
  interface Page {
    byte[] body(Task task);
  }

  private static final TreeMap<Integer, Page> PAGES =
      new TreeMap<>(
          Map.of(
              0x00, VpdPages::supportedPages,
              0x80, VpdPages::unitSerialNumber,
              0x83, DeviceIdentification::body,
              0xB0, BlockVpdPages::blockLimits,
              0xB1, BlockVpdPages::blockDeviceCharacteristics,
              0xB2, BlockVpdPages::logicalBlockProvisioning));

  private VpdPages() {}

  /** A page with its header; empty when there is none of that code. */
  static Optional<byte[]> page(int code, Task task) {
    Page page = PAGES.get(code);
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
    byte[] codes = new byte[PAGES.size()];
    int at = 0;
    for (int code : PAGES.keySet()) {
      codes[at++] = (byte) code;
    }
    return codes;
  }

  /** SPC-4 7.8.18. */
  private static byte[] unitSerialNumber(Task task) {
    return task.unit().identity().serial().getBytes(StandardCharsets.US_ASCII);
  }
}
