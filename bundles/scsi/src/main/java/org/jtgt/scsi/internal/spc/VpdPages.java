// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.spc;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jtgt.backstore.Backstore;
import org.jtgt.scsi.ScsiPort;
import org.jtgt.scsi.device.DeviceServer.VpdPage;
import org.jtgt.scsi.device.MediumState;
import org.jtgt.scsi.device.Task;

/**
 * The vital product data pages (SPC-4 7.8, SBC-3 6.6): one table, from which page 00h is printed.
 */
final class VpdPages {
  private static final Map<Integer, VpdPage> PAGES =
      Map.of(
          0x00, VpdPages::supportedPages,
          0x80, VpdPages::unitSerialNumber,
          0x83, DeviceIdentification::body,
          0x86, VpdPages::extendedInquiry,
          0x87, task -> new byte[] {0x3F, (byte) 0xFF, 0, 0}, // every mode page is shared
          0x88, VpdPages::scsiPorts);

  private static final Map<Integer, VpdPage> WITH_MEDIUM = Map.of(0x8A, VpdPages::powerCondition);

  private VpdPages() {}

  /** The pages of every device type and those of this one. */
  static SortedMap<Integer, VpdPage> pages(Task task) {
    SortedMap<Integer, VpdPage> pages = new TreeMap<>(PAGES);
    if (task.unit().deviceServer() instanceof MediumState.Owner) {
      pages.putAll(WITH_MEDIUM);
    }
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

  /** Extended INQUIRY Data (SPC-4 7.8.7). */
  private static byte[] extendedInquiry(Task task) {
    byte[] body = new byte[60];
    body[1] = 0x0f; // PRIOR_SUP, HEADSUP, ORDSUP, SIMPSUP
    boolean cache = task.unit().store().map(Backstore::volatileCache).orElse(true);
    body[2] = (byte) (cache ? 0x01 : 0); // V_SUP
    body[9] = 108; // MAXIMUM SUPPORTED SENSE DATA LENGTH: three descriptors, one forwarded
    return body;
  }

  /** SCSI Ports (SPC-4 7.8.14): every target port through which the unit can be reached. */
  private static byte[] scsiPorts(Task task) {
    SortedMap<Integer, ScsiPort> ports = new TreeMap<>(task.unit().targetPorts());
    ports.put(task.relativePort(), task.targetPort());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ports.forEach((id, port) -> {
      byte[] name = DeviceIdentification.targetPortName(port);
      ByteBuffer descriptor = ByteBuffer.allocate(12 + name.length);
      descriptor.putShort(2, id.shortValue());
      descriptor.putShort(10, (short) name.length).put(12, name);
      out.writeBytes(descriptor.array());
    });
    return out.toByteArray();
  }

  /** Power Condition (SPC-4 7.8.11): entered by command, left at once. */
  private static byte[] powerCondition(Task task) {
    byte[] body = new byte[14];
    body[0] = 0x03; // STANDBY_Y, STANDBY_Z
    body[1] = 0x07; // IDLE_C, IDLE_B, IDLE_A
    return body;
  }

  /** SPC-4 7.8.18. */
  private static byte[] unitSerialNumber(Task task) {
    return task.unit().identity().serial().getBytes(StandardCharsets.US_ASCII);
  }
}
