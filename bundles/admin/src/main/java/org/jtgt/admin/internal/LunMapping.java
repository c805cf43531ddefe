// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** One entry of a target's LUN map: {@code 0:disk0}. */
record LunMapping(int lun, String lu) {
  private static final Pattern FORM = Pattern.compile("(\\d{1,5})\\s*:\\s*(\\S+)");

  /** The LUN map of a target or an access rule, without what is wrong in it. */
  static Stream<LunMapping> of(Entry entry) {
    return entry.list("luns").stream().map(LunMapping::parse).flatMap(Optional::stream);
  }

  static Optional<LunMapping> parse(String text) {
    var matcher = FORM.matcher(text);
    return matcher.matches() && Names.valid(matcher.group(2))
        ? Optional.of(new LunMapping(Integer.parseInt(matcher.group(1)), matcher.group(2)))
        : Optional.empty();
  }

  String text() {
    return lun + ":" + lu;
  }
}
