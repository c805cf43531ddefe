// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.text;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * iSCSI names (RFC 7143 4.2.7): their three forms, and the normal form by which they compare (RFC
 * 3722: case folded, compatibility characters composed).
 */
public final class IscsiName {
  /** Most bytes of a name in UTF-8 (RFC 7143 4.2.7.1). */
  private static final int MOST_BYTES = 223;

  /** Year and month, the reversed domain name, and what its owner appends (4.2.7.4). */
  private static final Pattern IQN =
      Pattern.compile("iqn\\.\\d{4}-(0[1-9]|1[0-2])\\.[^.:][^:]*(:.+)?");

  /** EUI-64 (4.2.7.5). */
  private static final Pattern EUI = Pattern.compile("eui\\.[0-9a-f]{16}");

  /** NAA of 64 or 128 bits (4.2.7.6). */
  private static final Pattern NAA = Pattern.compile("naa\\.([0-9a-f]{16}|[0-9a-f]{32})");

  private IscsiName() {}

  /**
   * The normal form of a name that came over the wire.
   *
   * @throws TextException when it is no iSCSI name
   */
  public static String normal(String name) throws TextException {
    String normal = Normalizer.normalize(name.toLowerCase(Locale.ROOT), Normalizer.Form.NFKC);
    if (name.getBytes(StandardCharsets.UTF_8).length > MOST_BYTES) {
      throw new TextException("an iSCSI name of more than " + MOST_BYTES + " bytes");
    }
    if (!normal.codePoints().allMatch(IscsiName::allowed)
        || !(IQN.matcher(normal).matches()
            || EUI.matcher(normal).matches()
            || NAA.matcher(normal).matches())) {
      throw new TextException("no iSCSI name: " + TextPair.shown(name));
    }
    return normal;
  }

  /**
   * RFC 3722 allows letters, digits, dash, dot and colon. Underscores are not among them, but
   * initiators that are made of a host's or a guest's name have them (QEMU), and they do no harm.
   */
  private static boolean allowed(int character) {
    return Character.isLetterOrDigit(character)
        || Character.getType(character) == Character.NON_SPACING_MARK
        || "-.:_".indexOf(character) >= 0;
  }
}
