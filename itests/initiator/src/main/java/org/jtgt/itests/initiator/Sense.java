// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.OptionalLong;

/**
 * Decoded sense data in fixed (SPC-4 4.5.3) or descriptor format (4.5.2).
 *
 * @param responseCode 70h or 71h fixed, 72h or 73h descriptor; 71h and 73h are deferred errors
 * @param information the INFORMATION field if the VALID bit or the descriptor says that it is there
 * @param commandSpecific the COMMAND-SPECIFIC INFORMATION field
 * @param sks the three sense key specific bytes if SKSV is set, else empty
 */
public record Sense(
    int responseCode,
    int key,
    int asc,
    int ascq,
    OptionalLong information,
    OptionalLong commandSpecific,
    byte[] sks) {
  public static final int NO_SENSE = 0x0;
  public static final int RECOVERED_ERROR = 0x1;
  public static final int NOT_READY = 0x2;
  public static final int MEDIUM_ERROR = 0x3;
  public static final int HARDWARE_ERROR = 0x4;
  public static final int ILLEGAL_REQUEST = 0x5;
  public static final int UNIT_ATTENTION = 0x6;
  public static final int DATA_PROTECT = 0x7;
  public static final int ABORTED_COMMAND = 0xb;
  public static final int MISCOMPARE = 0xe;

  /**
   * @throws IllegalArgumentException if the response code is not 70h..73h or the data is cut short
   */
  public static Sense decode(byte[] sense) {
    int code = sense.length == 0 ? 0 : sense[0] & 0x7f;
    return switch (code) {
      case 0x70, 0x71 -> fixed(code, sense);
      case 0x72, 0x73 -> descriptors(code, sense);
      default ->
          throw new IllegalArgumentException("no sense data: " + HexFormat.of().formatHex(sense));
    };
  }

  /** Additional sense code and qualifier in one number, 0x2500 for LOGICAL UNIT NOT SUPPORTED. */
  public int additional() {
    return asc << 8 | ascq;
  }

  public boolean deferred() {
    return (responseCode & 1) == 1;
  }

  /** Whether the sense key specific bytes point at a field of the CDB or parameter list. */
  public boolean hasFieldPointer() {
    return key == ILLEGAL_REQUEST && sks.length == 3;
  }

  /** C/D: the field pointer points into the CDB, not into the parameter list (SPC-4 4.5.2.4.2). */
  public boolean pointsIntoCdb() {
    return (sks[0] & 0x40) != 0;
  }

  /** Field pointer: the byte that was wrong. */
  public int fieldPointer() {
    return ByteBuffer.wrap(sks).getShort(1) & 0xffff;
  }

  private static Sense fixed(int code, byte[] sense) {
    if (sense.length < 8) {
      throw new IllegalArgumentException("fixed sense data of " + sense.length + " bytes");
    }
    // Bytes beyond the ADDITIONAL SENSE LENGTH field's count are not there.
    byte[] s = Arrays.copyOf(sense, Math.min(sense.length, 8 + (sense[7] & 0xff)));
    byte[] full = Arrays.copyOf(s, 18);
    boolean valid = (full[0] & 0x80) != 0;
    ByteBuffer buffer = ByteBuffer.wrap(full);
    return new Sense(
        code,
        full[2] & 0xf,
        full[12] & 0xff,
        full[13] & 0xff,
        valid ? OptionalLong.of(buffer.getInt(3) & 0xffffffffL) : OptionalLong.empty(),
        s.length >= 12 ? OptionalLong.of(buffer.getInt(8) & 0xffffffffL) : OptionalLong.empty(),
        (full[15] & 0x80) != 0 ? Arrays.copyOfRange(full, 15, 18) : new byte[0]);
  }

  private static Sense descriptors(int code, byte[] sense) {
    if (sense.length < 8) {
      throw new IllegalArgumentException("descriptor sense data of " + sense.length + " bytes");
    }
    int end = Math.min(sense.length, 8 + (sense[7] & 0xff));
    OptionalLong information = OptionalLong.empty();
    OptionalLong commandSpecific = OptionalLong.empty();
    byte[] sks = new byte[0];
    ByteBuffer buffer = ByteBuffer.wrap(sense);
    for (int at = 8; at + 2 <= end; at += 2 + (sense[at + 1] & 0xff)) {
      int type = sense[at];
      if (type == 0 && at + 12 <= end && (sense[at + 2] & 0x80) != 0) {
        information = OptionalLong.of(buffer.getLong(at + 4));
      } else if (type == 1 && at + 12 <= end) {
        commandSpecific = OptionalLong.of(buffer.getLong(at + 4));
      } else if (type == 2 && at + 7 <= end && (sense[at + 4] & 0x80) != 0) {
        sks = Arrays.copyOfRange(sense, at + 4, at + 7);
      }
    }
    return new Sense(
        code, sense[1] & 0xf, sense[2] & 0xff, sense[3] & 0xff, information, commandSpecific, sks);
  }

  @Override
  public String toString() {
    return "%x/%02x/%02x%s%s%s"
        .formatted(
            key,
            asc,
            ascq,
            deferred() ? " deferred" : "",
            information.isPresent() ? " information " + information.getAsLong() : "",
            sks.length > 0 ? " sks " + HexFormat.of().formatHex(sks) : "");
  }
}
