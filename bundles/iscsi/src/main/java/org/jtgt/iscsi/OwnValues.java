// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jtgt.iscsi.text.Key;
import org.jtgt.iscsi.text.Parameters;
import org.jtgt.iscsi.text.Rule;
import org.jtgt.iscsi.text.TextValue;

/** Reads the target's own values of operational keys from a configuration. */
final class OwnValues {
  /** More connections than any initiator opens; each costs a session memory. */
  private static final long MOST_CONNECTIONS = 64;

  private static final Set<String> DIGESTS = Set.of(TextValue.NONE, Parameters.CRC32C);

  private final Map<Key, String> own;
  private final Patterns problems;

  /**
   * @param otherwise the values of keys that the configuration does not say
   * @param problems takes what is wrong
   */
  OwnValues(Map<Key, String> otherwise, Patterns problems) {
    own = new EnumMap<>(Key.class);
    own.putAll(otherwise);
    this.problems = problems;
  }

  Map<Key, String> values() {
    return own;
  }

  /** A number within the bounds of its key; empty is not said. */
  OwnValues number(Key key, String text) {
    if (!text.isEmpty()) {
      long min = least(key.rule());
      long max = key == Key.MAX_CONNECTIONS ? MOST_CONNECTIONS : most(key.rule());
      problems
          .number(name(key), text, min, max)
          .ifPresent(value -> own.put(key, Long.toString(value)));
    }
    return this;
  }

  OwnValues number(Key key, int value) {
    return number(key, Integer.toString(value));
  }

  /** A text true or false; empty is not said. */
  OwnValues yesNo(Key key, String text) {
    switch (text) {
      case "" -> {}
      case "true" -> own.put(key, TextValue.YES);
      case "false" -> own.put(key, TextValue.NO);
      default -> problems.wrong(name(key) + ": " + text + "; allowed: true or false");
    }
    return this;
  }

  OwnValues yesNo(Key key, boolean value) {
    return yesNo(key, Boolean.toString(value));
  }

  /** Names of digests, the preferred first; none is not said. */
  OwnValues digest(Key key, String[] texts) {
    if (texts.length > 0) {
      for (String text : texts) {
        if (!DIGESTS.contains(text)) {
          problems.wrong(name(key) + ": " + text + "; allowed: None, CRC32C");
        }
      }
      own.put(key, String.join(",", texts));
    }
    return this;
  }

  /** The key as configurations write it. */
  private static String name(Key key) {
    return key.text().substring(0, 1).toLowerCase(Locale.ROOT) + key.text().substring(1);
  }

  private static long least(Rule rule) {
    return switch (rule) {
      case Rule.DeclaredNumber(long min, long max) -> min;
      case Rule.Minimum(long min, long max) -> min;
      case Rule.Maximum(long min, long max) -> min;
      default -> throw new IllegalArgumentException(rule + " is not about numbers");
    };
  }

  private static long most(Rule rule) {
    return switch (rule) {
      case Rule.DeclaredNumber(long min, long max) -> max;
      case Rule.Minimum(long min, long max) -> max;
      case Rule.Maximum(long min, long max) -> max;
      default -> throw new IllegalArgumentException(rule + " is not about numbers");
    };
  }
}
