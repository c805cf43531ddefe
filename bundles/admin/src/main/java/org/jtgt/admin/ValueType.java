// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin;

import java.util.Locale;

/** Type of a configuration value (Metatype 105.9, AD type). */
public enum ValueType {
  STRING,
  LONG,
  INTEGER,
  SHORT,
  BYTE,
  CHARACTER,
  DOUBLE,
  FLOAT,
  BOOLEAN,
  /** Text that is never shown. */
  PASSWORD;

  /** The word shown to an operator. */
  public String word() {
    return switch (this) {
      case STRING, PASSWORD, CHARACTER -> "text";
      case LONG, INTEGER, SHORT, BYTE -> "integer";
      case DOUBLE, FLOAT -> "number";
      case BOOLEAN -> name().toLowerCase(Locale.ROOT);
    };
  }
}
