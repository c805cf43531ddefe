// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/** Forms of names: our objects' and iSCSI's (RFC 7143 4.2.7). */
final class Names {
  static final String DEFAULT_TARGET_PREFIX = "iqn.2026-11.org.jtgt:";
  static final String ALLOWED =
      "1 to 64 letters, digits, '.', '_' or '-', beginning with a letter or digit";
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
  private static final Pattern IQN =
      Pattern.compile(
          "iqn\\.\\d{4}-(0[1-9]|1[0-2])\\.[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[^\\s\\p{Cntrl}]+)?");
  private static final Pattern EUI = Pattern.compile("eui\\.[0-9A-Fa-f]{16}");
  private static final Pattern NAA = Pattern.compile("naa\\.([0-9A-Fa-f]{16}|[0-9A-Fa-f]{32})");
  private static final int ISCSI_NAME_MAX_BYTES = 223;

  private Names() {}

  static boolean valid(String name) {
    return NAME.matcher(name).matches();
  }

  static boolean looksLikeIscsiName(String name) {
    return name.startsWith("iqn.") || name.startsWith("eui.") || name.startsWith("naa.");
  }

  /** What is wrong with an iSCSI name; empty when nothing is. */
  static Optional<String> iscsiNameProblem(String name) {
    if (name.getBytes(StandardCharsets.UTF_8).length > ISCSI_NAME_MAX_BYTES) {
      return Optional.of("an iSCSI name has at most 223 bytes");
    }
    if (IQN.matcher(name).matches()) {
      // RFC 3722 maps names to lower case, so two that differ in case are one name.
      return name.equals(name.toLowerCase(Locale.ROOT))
          ? Optional.empty()
          : Optional.of("an iqn name is in lower case: " + name.toLowerCase(Locale.ROOT));
    }
    if (EUI.matcher(name).matches() || NAA.matcher(name).matches()) {
      return Optional.empty();
    }
    return Optional.of(
        "is no iSCSI name; allowed: iqn.YYYY-MM.REVERSED-DOMAIN[:TEXT], eui. and 16 hex digits, naa."
            + " and 16 or 32 hex digits");
  }

  /** An object name for a target that was called by its iSCSI name only. */
  static String fromIscsiName(String iscsiName) {
    String name =
        iscsiName.startsWith(DEFAULT_TARGET_PREFIX)
            ? iscsiName.substring(DEFAULT_TARGET_PREFIX.length())
            : iscsiName;
    String plain = name.replaceAll("[^A-Za-z0-9._-]", "_");
    if (plain.equals(name) && valid(plain)) {
      return plain;
    }
    // Two iSCSI names may give the same plain text: the checksum keeps them apart.
    CRC32 checksum = new CRC32();
    checksum.update(iscsiName.getBytes(StandardCharsets.UTF_8));
    String head = plain.replaceAll("^[^A-Za-z0-9]+", "");
    return head.substring(0, Math.min(head.length(), 55))
        + String.format(Locale.ROOT, "_%08x", checksum.getValue());
  }
}
