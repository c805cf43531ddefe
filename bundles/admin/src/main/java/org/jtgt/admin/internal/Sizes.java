// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import java.util.OptionalLong;
import java.util.regex.Pattern;

/** Sizes in text: bytes, or a number with K, M, G or T (powers of 1024), with i and B at will. */
final class Sizes {
  static final String ALLOWED = "bytes, or a number with K, M, G or T (powers of 1024), as in 10G";
  private static final Pattern SIZE = Pattern.compile("(\\d{1,19})\\s*(?:([KMGT])(?:i?B)?|B)?");

  private Sizes() {}

  /** The size in bytes; empty when the text is none or the size is 0 or beyond 2^63. */
  static OptionalLong parse(String text) {
    var matcher = SIZE.matcher(text.strip());
    if (!matcher.matches()) {
      return OptionalLong.empty();
    }
    String unit = matcher.group(2);
    int power = unit == null ? 0 : "KMGT".indexOf(unit) + 1;
    try {
      long bytes = Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << (10 * power));
      return bytes > 0 ? OptionalLong.of(bytes) : OptionalLong.empty();
    } catch (ArithmeticException | NumberFormatException tooLarge) {
      return OptionalLong.empty();
    }
  }
}
