// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.device;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * TransportIDs (SPC-4 7.6.4), in hexadecimal digits and in a normal form, so that equal initiator
 * ports are equal texts however the TransportID was padded.
 */
public final class TransportIds {
  /**
   * A TransportID that ends where it says, found in a parameter list.
   *
   * @param ofDevice whether it names an iSCSI initiator device, with whatever ports it has (SPC-4
   *     7.6.4.6, FORMAT CODE 00b), and not one initiator port
   */
  public record Found(String transportId, boolean ofDevice, int bytes) {}

  private static final int ISCSI = 5;
  private static final int LEAST_BYTES = 24;

  /** An iSCSI name of 223 bytes (RFC 7143 4.2.7.1), the ISID, a null, padded. */
  private static final int MOST_BYTES = 4 + 244;

  private TransportIds() {}

  /**
   * The TransportID at a place of a parameter list; empty when it is cut off, or its format is none
   * of the standard's.
   */
  public static Optional<Found> at(byte[] list, int at) {
    if (list.length - at < LEAST_BYTES) {
      return Optional.empty();
    }
    boolean iscsi = (list[at] & 0x0F) == ISCSI;
    int bytes = iscsi ? 4 + ((list[at + 2] & 0xFF) << 8 | list[at + 3] & 0xFF) : LEAST_BYTES;
    // FORMAT CODE: 01b names an iSCSI initiator port, 00b its device (SPC-4 7.6.4.6); the others
    // have no format but 00b.
    boolean ofDevice = iscsi && (list[at] & 0xC0) == 0x00;
    if ((!ofDevice && (list[at] & 0xC0) != (iscsi ? 0x40 : 0x00))
        || bytes < LEAST_BYTES
        || bytes > MOST_BYTES
        || bytes % 4 != 0
        || list.length - at < bytes) {
      return Optional.empty();
    }
    byte[] id = Arrays.copyOfRange(list, at, at + bytes);
    if (iscsi
        && !new String(id, 4, bytes - 4, StandardCharsets.UTF_8)
            .matches(ofDevice ? "[^\0,]+\0+" : "[^\0]+,i,0x[0-9a-fA-F]{1,12}\0+")) {
      return Optional.empty();
    }
    return Optional.of(new Found(normal(HexFormat.of().formatHex(id)), ofDevice, bytes));
  }

  /** Those of some initiator ports, in normal form, that are ports of an iSCSI device. */
  public static Set<String> portsOf(String device, Collection<String> ports) {
    String prefix = name(device) + ",i,0x";
    Set<String> found = new LinkedHashSet<>();
    for (String port : ports) {
      if (name(port).startsWith(prefix)) {
        found.add(port);
      }
    }
    return found;
  }

  /** The name in a TransportID of iSCSI; empty for another protocol. */
  private static String name(String transportId) {
    byte[] id = HexFormat.of().parseHex(transportId);
    return id.length < LEAST_BYTES || (id[0] & 0x0F) != ISCSI
        ? ""
        : new String(id, 4, id.length - 4, StandardCharsets.UTF_8).replaceFirst("\0.*", "");
  }

  /** The normal form: names of iSCSI in lower case, with no more padding than they need. */
  public static String normal(String transportId) {
    byte[] id = HexFormat.of().parseHex(transportId);
    if (id.length < 4 || (id[0] & 0x0F) != ISCSI) {
      return transportId.toLowerCase(Locale.ROOT);
    }
    int end = 4;
    while (end < id.length && id[end] != 0) {
      end++;
    }
    byte[] name =
        new String(id, 4, end - 4, StandardCharsets.UTF_8)
            .toLowerCase(Locale.ROOT)
            .getBytes(StandardCharsets.UTF_8);
    int padded = Math.max(LEAST_BYTES - 4, (name.length + 4) / 4 * 4);
    byte[] out = new byte[4 + padded];
    out[0] = id[0];
    out[2] = (byte) (padded >> 8);
    out[3] = (byte) padded;
    System.arraycopy(name, 0, out, 4, name.length);
    return HexFormat.of().formatHex(out);
  }
}
