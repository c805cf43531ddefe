// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.copy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.Unit;

/** Identification CSCD descriptors (SPC-4 6.3.6.5): by NAA or T10 vendor designator. */
final class Cscd {
  private static final int T10 = 0x1;
  private static final int NAA = 0x3;

  private Cscd() {}

  /** The unit that a descriptor names, of those that the nexus of a task reaches. */
  static Optional<Unit> find(Task task, byte[] list, int at) {
    int type = list[at + 5] & 0x3F; // ASSOCIATION and DESIGNATOR TYPE
    int bytes = Math.min(list[at + 7] & 0xFF, 20);
    byte[] designator = Arrays.copyOfRange(list, at + 8, at + 8 + bytes);
    for (Unit unit : task.reachable().values()) {
      boolean same =
          switch (type) {
            case NAA ->
                bytes == 8 && ByteBuffer.wrap(designator).getLong() == unit.identity().naa();
            case T10 -> bytes > 8 && Arrays.equals(designator, prefix(unit, bytes));
            default -> false;
          };
      if (same) {
        return Optional.of(unit);
      }
    }
    return Optional.empty();
  }

  private static byte[] prefix(Unit unit, int bytes) {
    Unit.Identity identity = unit.identity();
    String text = "%-8s".formatted(identity.vendor()) + identity.serial();
    return Arrays.copyOf(text.getBytes(StandardCharsets.US_ASCII), bytes);
  }

  /**
   * A designation descriptor of a SCSI target device (SPC-4 7.8.6): its name, or an NAA locally
   * assigned designator made from it where the name is too long.
   */
  static byte[] targetDevice(String name, int mostBytes) {
    byte[] text = (name + '\0').getBytes(StandardCharsets.UTF_8);
    int padded = (text.length + 3) / 4 * 4;
    if (4 + padded <= mostBytes) {
      return ByteBuffer.allocate(4 + padded)
          .put(new byte[] {0x53, (byte) 0xA8, 0, (byte) padded}) // iSCSI, UTF-8; PIV, device, name
          .put(text)
          .array();
    }
    UUID hash = UUID.nameUUIDFromBytes(text);
    return ByteBuffer.allocate(12)
        .put(new byte[] {0x01, 0x23, 0, 8}) // binary; device, NAA
        .putLong(0x3L << 60 | hash.getLeastSignificantBits() >>> 4)
        .array();
  }

  /** The descriptor of a unit. */
  static byte[] of(Unit unit) {
    ByteBuffer out = ByteBuffer.allocate(CopyLimits.CSCD_BYTES);
    out.put(0, (byte) CopyLimits.IDENTIFICATION);
    out.put(4, (byte) 1).put(5, (byte) NAA).put(7, (byte) 8).putLong(8, unit.identity().naa());
    int block = CopyJob.blockBytes(unit);
    out.putInt(28, block);
    return out.array();
  }
}
