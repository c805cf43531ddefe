// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.access;

import java.util.Locale;

/**
 * A name, or several by {@code *} (any characters) and {@code ?} (one character). Case does not
 * count (RFC 7143 4.2.7.2).
 *
 * @param text in lower case
 */
public record NamePattern(String text) {
  /**
   * @throws IllegalArgumentException when it is empty or has spaces
   */
  public NamePattern {
    text = text.strip().toLowerCase(Locale.ROOT);
    if (text.isEmpty() || text.length() > 255 || text.chars().anyMatch(Character::isWhitespace)) {
      throw new IllegalArgumentException(
          "'" + text + "' is no name; allowed: a name without spaces, * and ? stand for others");
    }
  }

  /** True when it is one name. */
  public boolean exact() {
    return text.indexOf('*') < 0 && text.indexOf('?') < 0;
  }

  public boolean matches(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    int at = 0;
    int mark = -1;
    int retry = 0;
    int i = 0;
    while (i < lower.length()) {
      if (at < text.length() && text.charAt(at) == '*') {
        mark = at++;
        retry = i;
      } else if (at < text.length()
          && (text.charAt(at) == '?' || text.charAt(at) == lower.charAt(i))) {
        at++;
        i++;
      } else if (mark >= 0) {
        at = mark + 1;
        i = ++retry;
      } else {
        return false;
      }
    }
    while (at < text.length() && text.charAt(at) == '*') {
      at++;
    }
    return at == text.length();
  }
}
