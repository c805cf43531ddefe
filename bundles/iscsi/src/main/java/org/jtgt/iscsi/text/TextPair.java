// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.text;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * One key=value pair (RFC 7143 6.1).
 *
 * @param key the key name
 * @param value the value, perhaps a list
 */
public record TextPair(String key, String value) {
  /** A key name has at most 63 bytes (RFC 7143 6.1, key-name). */
  private static final Pattern KEY_NAME = Pattern.compile("[A-Za-z][A-Za-z0-9.\\-+@_#]{0,62}");

  /** Values not defined otherwise have at most 255 bytes (RFC 7143 6.1). */
  private static final int MAX_VALUE_BYTES = 255;

  /**
   * Reads the pairs of a complete text, in order.
   *
   * @throws TextException when it is no sequence of key=value pairs that end in NUL
   */
  public static List<TextPair> parse(byte[] text) throws TextException {
    List<TextPair> pairs = new ArrayList<>();
    int start = 0;
    while (start < text.length) {
      int end = start;
      while (end < text.length && text[end] != 0) {
        end++;
      }
      if (end > start) {
        pairs.add(parsePair(new String(text, start, end - start, StandardCharsets.UTF_8)));
      }
      start = end + 1;
    }
    return pairs;
  }

  private static TextPair parsePair(String pair) throws TextException {
    int equals = pair.indexOf('=');
    if (equals < 0) {
      throw new TextException("text without '=': " + shown(pair));
    }
    String key = pair.substring(0, equals);
    if (!KEY_NAME.matcher(key).matches()) {
      throw new TextException("bad key name: " + shown(key));
    }
    String value = pair.substring(equals + 1);
    if (value.length() > MAX_VALUE_BYTES && !hasLongValues(key)) {
      throw new TextException("value of " + key + " is longer than " + MAX_VALUE_BYTES + " bytes");
    }
    return new TextPair(key, value);
  }

  /** CHAP values and extension keys may be longer (RFC 7143 12.1.3). */
  private static boolean hasLongValues(String key) {
    return key.startsWith("CHAP_") || key.startsWith("X");
  }

  /** Text from outside, cut and without control characters, for a log line. */
  public static String shown(String text) {
    String cut = text.length() > 64 ? text.substring(0, 64) + "..." : text;
    return cut.replaceAll("\\p{Cntrl}", "?");
  }

  /** The bytes of pairs, each ended by NUL. */
  public static byte[] encode(List<TextPair> pairs) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (TextPair pair : pairs) {
      out.writeBytes((pair.key + '=' + pair.value).getBytes(StandardCharsets.UTF_8));
      out.write(0);
    }
    return out.toByteArray();
  }
}
