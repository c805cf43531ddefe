// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.spc;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jtgt.scsi.ScsiPort;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.Unit;

/** The Device Identification VPD page (SPC-4 7.8.6). */
final class DeviceIdentification {
  // ASSOCIATION (SPC-4 table 634), in bits 5 and 4 of a designator's byte 1.
  private static final int LOGICAL_UNIT = 0x00;
  private static final int TARGET_PORT = 0x10;
  private static final int TARGET_DEVICE = 0x20;

  // CODE SET (SPC-4 table 633).
  private static final int BINARY = 1;
  private static final int ASCII = 2;
  private static final int UTF8 = 3;

  /** PIV: the PROTOCOL IDENTIFIER is valid. */
  private static final int PIV = 0x80;

  private DeviceIdentification() {}

  static byte[] body(Task task) {
    Unit.Identity identity = task.unit().identity();
    ScsiPort port = task.targetPort();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteBuffer vendor = ByteBuffer.allocate(8);
    Inquiry.put(vendor, 0, 8, identity.vendor());
    byte[] serial = identity.serial().getBytes(StandardCharsets.US_ASCII);
    if (identity.naa() != 0) {
      add(out, ASCII, 0, LOGICAL_UNIT | 1, join(vendor.array(), serial));
      add(out, BINARY, 0, LOGICAL_UNIT | 3, ByteBuffer.allocate(8).putLong(identity.naa()).array());
    }
    int protocol = port.protocol() << 4;
    add(out, protocol | BINARY, PIV, TARGET_PORT | 4, number(task.relativePort()));
    add(out, protocol | BINARY, PIV, TARGET_PORT | 5, number(task.unit().targetPortGroup(port)));
    add(out, protocol | UTF8, PIV, TARGET_PORT | 8, nameString(port.portName()));
    add(out, protocol | UTF8, PIV, TARGET_DEVICE | 8, nameString(port.deviceName()));
    return out.toByteArray();
  }

  /** The designator of a target port's name alone. */
  static byte[] targetPortName(ScsiPort port) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    add(out, port.protocol() << 4 | UTF8, PIV, TARGET_PORT | 8, nameString(port.portName()));
    return out.toByteArray();
  }

  private static void add(
      ByteArrayOutputStream out, int byte0, int piv, int byte1, byte[] designator) {
    out.write(byte0);
    out.write(piv | byte1);
    out.write(0);
    out.write(designator.length);
    out.writeBytes(designator);
  }

  private static byte[] number(int value) {
    return ByteBuffer.allocate(4).putShort(2, (short) value).array();
  }

  /** SCSI name string (SPC-4 7.8.6.11): ends in a null, padded with nulls to a multiple of four. */
  private static byte[] nameString(String name) {
    byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
    return Arrays.copyOf(utf8, (utf8.length + 4) / 4 * 4);
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
