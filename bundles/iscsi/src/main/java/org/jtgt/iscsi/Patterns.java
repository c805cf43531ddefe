// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jtgt.iscsi.access.AddressRange;
import org.jtgt.iscsi.access.NamePattern;

/** Reads lists and numbers of a configuration and keeps the first problem. */
final class Patterns {
  private String problem = "";

  List<NamePattern> read(String key, String[] texts) {
    return read(key, texts, NamePattern::new);
  }

  List<AddressRange> addresses(String key, String[] texts) {
    return read(key, texts, AddressRange::parse);
  }

  private <T> List<T> read(String key, String[] texts, Function<String, T> parser) {
    List<T> values = new ArrayList<>();
    for (String text : texts) {
      if (!text.isBlank()) {
        try {
          values.add(parser.apply(text));
        } catch (IllegalArgumentException e) {
          wrong(key + ": " + e.getMessage());
        }
      }
    }
    return List.copyOf(values);
  }

  /** A number within bounds; empty, and noted, when it is not. */
  Optional<Long> number(String key, String text, long min, long max) {
    long value = text.matches("\\d{1,10}") ? Long.parseLong(text) : -1;
    if (value < min || value > max) {
      wrong(key + ": " + text + "; allowed: " + min + " to " + max);
      return Optional.empty();
    }
    return Optional.of(value);
  }

  /** Notes a problem; the first one counts. */
  void wrong(String what) {
    if (problem.isEmpty()) {
      problem = what;
    }
  }

  /** The first thing that was wrong; empty when nothing was. */
  String problem() {
    return problem;
  }
}
