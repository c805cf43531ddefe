// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number of bytes as configurations and commands write it: {@code 4096}, {@code 512K}, {@code
 * 10MiB}, {@code 2T}. Units are powers of 1024, in either case, with or without {@code i} and
 * {@code B}.
 *
 * @param bytes 0 to {@link Long#MAX_VALUE}
 */
public record ByteSize(long bytes) implements Comparable<ByteSize> {
  private static final String UNITS = "KMGTP";
  private static final Pattern TEXT =
      Pattern.compile("(\\d{1,19})\\s*(?:([" + UNITS + "])I?B?|B)?", Pattern.CASE_INSENSITIVE);

  /**
   * A size of a number of bytes.
   *
   * @throws IllegalArgumentException when it is negative
   */
  public ByteSize {
    if (bytes < 0) {
      throw new IllegalArgumentException("a size is not negative: " + bytes);
    }
  }

  /**
   * Reads the text form.
   *
   * @throws IllegalArgumentException with one line that says what is allowed
   */
  public static ByteSize parse(String text) {
    Matcher matcher = TEXT.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'%s' is not a size: a whole number of bytes, or of K, M, G, T, P (powers of 1024)"
              .formatted(text));
    }
    int power =
        matcher.group(2) == null
            ? 0
            : 1 + UNITS.indexOf(matcher.group(2).toUpperCase(Locale.ROOT).charAt(0));
    try {
      return new ByteSize(Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << (10 * power)));
    } catch (ArithmeticException | NumberFormatException tooLarge) {
      throw new IllegalArgumentException(
          "'%s' is too large a size: at most %d bytes".formatted(text, Long.MAX_VALUE), tooLarge);
    }
  }

  /**
   * Reads a configured size.
   *
   * @param key the configuration key, which begins the message of a refusal
   * @throws IllegalArgumentException with one line: key, value and what is allowed
   * @since 1.3
   */
  public static ByteSize parse(String key, String text) {
    try {
      return parse(text);
    } catch (IllegalArgumentException notASize) {
      throw new IllegalArgumentException(key + ": " + notASize.getMessage(), notASize);
    }
  }

  /**
   * Reads the configured size of a store.
   *
   * @param key the configuration key, which begins the message of a refusal
   * @return a positive multiple of 512 bytes
   * @throws IllegalArgumentException with one line: key, value and what is allowed
   */
  public static long parseStoreSize(String key, String text) {
    long bytes = parse(key, text).bytes();
    if (bytes == 0 || bytes % 512 != 0) {
      throw new IllegalArgumentException(
          "%s: '%s' is not a positive multiple of 512 bytes".formatted(key, text));
    }
    return bytes;
  }

  @Override
  public int compareTo(ByteSize other) {
    return Long.compare(bytes, other.bytes);
  }

  /** The shortest exact text that {@link #parse} reads back: {@code 1536M}, {@code 2T}. */
  @Override
  public String toString() {
    long number = bytes;
    int power = 0;
    while (number != 0 && (number & 1023) == 0 && power < UNITS.length()) {
      number >>= 10;
      power++;
    }
    return power == 0 ? Long.toString(number) : number + UNITS.substring(power - 1, power);
  }
}
