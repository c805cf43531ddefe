// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin;

import java.util.List;
import java.util.Optional;

/**
 * One key of a type, as its Metatype defines it.
 *
 * @param key how configurations, files and commands call it
 * @param title short human-readable name
 * @param description meaning and unit; may be empty
 * @param type type of one value
 * @param list whether the value is a list, comma-separated in text
 * @param required whether a configuration must give it; never true for a key with a default
 * @param defaults the value when it is not given; empty when there is none, one text for a single
 *     value
 * @param min smallest value, or smallest length of a text
 * @param max largest value, or largest length of a text
 * @param options the allowed values; empty when they are not enumerated
 */
public record Attribute(
    String key,
    String title,
    String description,
    ValueType type,
    boolean list,
    boolean required,
    List<String> defaults,
    Optional<String> min,
    Optional<String> max,
    List<String> options) {
  public Attribute {
    defaults = List.copyOf(defaults);
    options = List.copyOf(options);
  }

  /** What is allowed, in words: {@code integer 1..65535}, {@code 512 or 4096}. */
  public String allowed() {
    if (!options.isEmpty()) {
      return String.join(" or ", options);
    }
    if (type == ValueType.BOOLEAN) {
      return "true or false";
    }
    String what = list ? "comma-separated list of " + type.word() : type.word();
    boolean text = type.word().equals("text");
    if (min.isPresent() && max.isPresent()) {
      return what
          + (text ? " of " : " ")
          + min.get()
          + ".."
          + max.get()
          + (text ? " characters" : "");
    }
    if (min.isPresent()) {
      return what + (text ? " of at least " : " >= ") + min.get() + (text ? " characters" : "");
    }
    if (max.isPresent()) {
      return what + (text ? " of at most " : " <= ") + max.get() + (text ? " characters" : "");
    }
    return what;
  }
}
