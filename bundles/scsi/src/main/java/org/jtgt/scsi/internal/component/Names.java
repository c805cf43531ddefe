// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.component;

import java.util.Map;
import java.util.regex.Pattern;

/** The names of configurations, and the text of their refusals. */
final class Names {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

  private Names() {}

  static String pid(Map<String, ?> properties) {
    return properties.get("service.pid") instanceof String pid ? pid : "";
  }

  /** The part of a factory PID behind {@code ~}. */
  static String instance(String pid) {
    return pid.substring(pid.indexOf('~') + 1);
  }

  static String checked(String key, String name) {
    if (!NAME.matcher(name).matches()) {
      throw refused(key, name, "1 to 64 of A-Z a-z 0-9 . _ -, beginning with a letter or a digit");
    }
    return name;
  }

  /** Printable ASCII of a bounded length. */
  static String text(String key, String text, int least, int most) {
    boolean printable = text.chars().allMatch(c -> c >= 0x20 && c < 0x7F);
    if (!printable || text.length() < least || text.length() > most) {
      throw refused(key, text, least + " to " + most + " printable ASCII characters");
    }
    return text;
  }

  static IllegalArgumentException refused(String key, Object value, String allowed) {
    return new IllegalArgumentException("%s=%s; allowed: %s".formatted(key, value, allowed));
  }
}
