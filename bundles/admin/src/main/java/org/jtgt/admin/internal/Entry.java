// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jtgt.admin.Category;
import org.jtgt.admin.ObjectType;
import org.jtgt.admin.Origin;

/**
 * One configuration.
 *
 * @param values typed values of the keys it gives, without reserved keys
 */
record Entry(
    String pid,
    String typePid,
    Category category,
    String name,
    Map<String, Object> values,
    Origin origin) {

  Entry with(Map<String, Object> newValues, Origin newOrigin) {
    return new Entry(pid, typePid, category, name, newValues, newOrigin);
  }

  boolean sameAs(Entry other) {
    return this == other || (origin.equals(other.origin) && texts().equals(other.texts()));
  }

  /** A single value as text; empty when it is not given. */
  String text(String key) {
    Object value = values.get(key);
    return value == null ? "" : textOf(value);
  }

  /** A list value; empty when it is not given. */
  List<String> list(String key) {
    return switch (values.get(key)) {
      case null -> List.of();
      case Object[] array -> Arrays.stream(array).map(Object::toString).toList();
      case Iterable<?> items -> {
        var texts = new ArrayList<String>();
        items.forEach(item -> texts.add(String.valueOf(item)));
        yield List.copyOf(texts);
      }
      case Object value -> List.of(value.toString());
    };
  }

  Map<String, String> texts() {
    var texts = new LinkedHashMap<String, String>();
    values.forEach((key, value) -> texts.put(key, textOf(value)));
    return texts;
  }

  /** The texts that {@link #texts} would give for a configuration with those texts. */
  static Map<String, String> normalised(ObjectType type, String pid, Map<String, String> texts) {
    return new Entry(pid, "", Category.OTHER, "", Validator.check(type, pid, texts), Origin.OTHER)
        .texts();
  }

  /** The text that a file or command gives for the value. */
  static String textOf(Object value) {
    return switch (value) {
      case Object[] array ->
          Arrays.stream(array).map(Entry::escaped).collect(Collectors.joining(","));
      case Iterable<?> items -> {
        var texts = new ArrayList<String>();
        items.forEach(item -> texts.add(escaped(item)));
        yield String.join(",", texts);
      }
      default -> value.toString();
    };
  }

  private static String escaped(Object item) {
    return item.toString().replace("\\", "\\\\").replace(",", "\\,");
  }
}
