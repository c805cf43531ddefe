// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jtgt.admin.AdminException;
import org.jtgt.admin.AdminException.Problem;
import org.jtgt.admin.Attribute;
import org.jtgt.admin.ObjectType;

/**
 * Checks the texts of one configuration against its Metatype and converts them; neither
 * Configuration Admin nor SCR does.
 */
final class Validator {
  private Validator() {}

  /**
   * The typed values, in the order of the definition. An empty text is a key that is not given.
   *
   * @throws AdminException naming PID, key, value and what is allowed
   */
  static Map<String, Object> check(ObjectType type, String pid, Map<String, String> texts) {
    for (String key : texts.keySet()) {
      if (type.attribute(key).isEmpty()) {
        List<String> keys = type.attributes().stream().map(Attribute::key).toList();
        throw new AdminException(
            Problem.UNKNOWN_KEY, pid, key, texts.get(key), "is unknown" + Nearest.hint(key, keys));
      }
    }
    var values = new LinkedHashMap<String, Object>();
    for (Attribute attribute : type.attributes()) {
      String text = texts.getOrDefault(attribute.key(), "").strip();
      if (!text.isEmpty()) {
        values.put(attribute.key(), convert(pid, attribute, text));
      } else if (attribute.required()) {
        throw new AdminException(
            Problem.MISSING_KEY,
            pid,
            attribute.key(),
            "",
            "is required; allowed: " + attribute.allowed());
      }
    }
    return values;
  }

  private static Object convert(String pid, Attribute attribute, String text) {
    if (!attribute.list()) {
      return one(pid, attribute, text);
    }
    List<String> items = split(text);
    return switch (attribute.type()) {
      case STRING, PASSWORD ->
          items.stream().map(item -> one(pid, attribute, item)).toArray(String[]::new);
      case INTEGER -> items.stream().map(item -> one(pid, attribute, item)).toArray(Integer[]::new);
      case LONG -> items.stream().map(item -> one(pid, attribute, item)).toArray(Long[]::new);
      default -> items.stream().map(item -> one(pid, attribute, item)).toList();
    };
  }

  /** Splits at commas; a backslash takes away the meaning of a comma, space or backslash. */
  static List<String> split(String text) {
    var items = new ArrayList<String>();
    var item = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\' && i + 1 < text.length() && ",\\ ".indexOf(text.charAt(i + 1)) >= 0) {
        item.append(text.charAt(++i));
      } else if (c == ',') {
        items.add(item.toString().strip());
        item.setLength(0);
      } else {
        item.append(c);
      }
    }
    items.add(item.toString().strip());
    items.removeIf(String::isEmpty);
    return items;
  }

  private static Object one(String pid, Attribute attribute, String text) {
    if (!attribute.options().isEmpty() && !attribute.options().contains(text)) {
      throw bad(pid, attribute, text);
    }
    return switch (attribute.type()) {
      case STRING, PASSWORD -> {
        withinBounds(pid, attribute, text, BigDecimal.valueOf(text.length()));
        yield text;
      }
      case LONG -> number(pid, attribute, text, Long::valueOf);
      case INTEGER -> number(pid, attribute, text, Integer::valueOf);
      case SHORT -> number(pid, attribute, text, Short::valueOf);
      case BYTE -> number(pid, attribute, text, Byte::valueOf);
      case DOUBLE -> number(pid, attribute, text, Double::valueOf);
      case FLOAT -> number(pid, attribute, text, Float::valueOf);
      case CHARACTER -> {
        if (text.length() != 1) {
          throw bad(pid, attribute, text);
        }
        yield text.charAt(0);
      }
      case BOOLEAN ->
          switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw bad(pid, attribute, text);
          };
    };
  }

  private static <N extends Number> N number(
      String pid, Attribute attribute, String text, Function<String, N> parser) {
    try {
      N value = parser.apply(text);
      withinBounds(pid, attribute, text, new BigDecimal(value.toString()));
      return value;
    } catch (NumberFormatException notANumber) {
      throw bad(pid, attribute, text);
    }
  }

  private static void withinBounds(
      String pid, Attribute attribute, String text, BigDecimal measure) {
    Optional<BigDecimal> min = attribute.min().map(BigDecimal::new);
    Optional<BigDecimal> max = attribute.max().map(BigDecimal::new);
    if (min.filter(m -> measure.compareTo(m) < 0).isPresent()
        || max.filter(m -> measure.compareTo(m) > 0).isPresent()) {
      throw bad(pid, attribute, text);
    }
  }

  private static AdminException bad(String pid, Attribute attribute, String text) {
    String shown =
        attribute.type() == org.jtgt.admin.ValueType.PASSWORD ? "the value" : quoted(text);
    return new AdminException(
        Problem.BAD_VALUE,
        pid,
        attribute.key(),
        text,
        shown + " is not allowed; allowed: " + attribute.allowed());
  }

  static String quoted(String text) {
    return "'" + text + "'";
  }
}
