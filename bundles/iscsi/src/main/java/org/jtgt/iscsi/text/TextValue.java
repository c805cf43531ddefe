// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.text;

import java.util.OptionalLong;

/** The constants and number forms of text values (RFC 7143 6.1, 6.2). */
public final class TextValue {
  public static final String YES = "Yes";
  public static final String NO = "No";
  public static final String NONE = "None";
  public static final String REJECT = "Reject";
  public static final String IRRELEVANT = "Irrelevant";
  public static final String NOT_UNDERSTOOD = "NotUnderstood";

  private TextValue() {}

  /** True for the answers that only a responder may give (RFC 7143 6.2). */
  public static boolean isReservedAnswer(String value) {
    return value.equals(REJECT) || value.equals(IRRELEVANT) || value.equals(NOT_UNDERSTOOD);
  }

  /** A decimal or hexadecimal constant of at most 64 bits (RFC 7143 6.1); empty when it is none. */
  public static OptionalLong number(String value) {
    boolean hex = value.startsWith("0x") || value.startsWith("0X");
    String digits = hex ? value.substring(2) : value;
    if (digits.isEmpty() || digits.length() > (hex ? 15 : 18)) {
      return OptionalLong.empty();
    }
    long number = 0;
    for (int i = 0; i < digits.length(); i++) {
      int digit = Character.digit(digits.charAt(i), hex ? 16 : 10);
      if (digit < 0 || digits.charAt(i) > 'f') {
        return OptionalLong.empty();
      }
      number = number * (hex ? 16 : 10) + digit;
    }
    return OptionalLong.of(number);
  }
}
