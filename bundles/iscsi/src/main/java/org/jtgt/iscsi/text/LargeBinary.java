// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.text;

import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;

/** Binary values in text (RFC 7143 6.1): {@code 0x} and hex digits, {@code 0b} and base64. */
public final class LargeBinary {
  private LargeBinary() {}

  /** The bytes of a hex-constant or base64-constant; empty when it is none. */
  public static Optional<byte[]> parse(String text) {
    if (text.length() < 3 || text.charAt(0) != '0') {
      return Optional.empty();
    }
    String digits = text.substring(2);
    try {
      return switch (text.charAt(1)) {
        // An odd number of digits leaves out a leading zero.
        case 'x', 'X' ->
            Optional.of(HexFormat.of().parseHex(digits.length() % 2 == 0 ? digits : '0' + digits));
        case 'b', 'B' -> Optional.of(Base64.getDecoder().decode(digits));
        default -> Optional.empty();
      };
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** The bytes as a hex-constant. */
  public static String hex(byte[] bytes) {
    return "0x" + HexFormat.of().formatHex(bytes);
  }
}
