// SPDX-License-Identifier: Apache-2.0
package org.jtgt.gotgt;

import jakarta.json.Json;
import jakarta.json.JsonException;
import jakarta.json.stream.JsonParser;
import java.io.Reader;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A JSON value that knows its place in the file. Keys of an object are found whatever their case,
 * as gotgt finds them.
 */
sealed interface Node {
  /** Where it stands, as {@code $.storages[1].path (line 7)}. */
  String place();

  /** Members by key as written. */
  record ObjectNode(String place, Map<String, Node> members) implements Node {
    /** Refuses keys that are not among those. */
    void allow(Set<String> keys) throws WrongEntryException {
      for (Map.Entry<String, Node> member : members.entrySet()) {
        if (keys.stream().noneMatch(member.getKey()::equalsIgnoreCase)) {
          throw new WrongEntryException(
              member.getValue().place(),
              "unknown entry; allowed: " + String.join(", ", keys.stream().sorted().toList()));
        }
      }
    }

    Optional<Node> get(String key) {
      return members.entrySet().stream()
          .filter(m -> m.getKey().equalsIgnoreCase(key))
          .map(Map.Entry::getValue)
          .findFirst();
    }

    Node require(String key) throws WrongEntryException {
      Optional<Node> found = get(key);
      if (found.isEmpty()) {
        throw new WrongEntryException(place, "the entry " + key + " is missing");
      }
      return found.get();
    }
  }

  /** Elements in order. */
  record ArrayNode(String place, List<Node> elements) implements Node {}

  /** A text. */
  record TextNode(String place, String text) implements Node {}

  /** A number. */
  record NumberNode(String place, BigDecimal number) implements Node {}

  /** true or false. */
  record BooleanNode(String place, boolean value) implements Node {}

  /** null. */
  record NullNode(String place) implements Node {}

  default ObjectNode object() throws WrongEntryException {
    if (this instanceof ObjectNode node) {
      return node;
    }
    throw new WrongEntryException(place(), "has to be an object { }");
  }

  default List<Node> array() throws WrongEntryException {
    if (this instanceof ArrayNode node) {
      return node.elements();
    }
    throw new WrongEntryException(place(), "has to be a list [ ]");
  }

  default String text() throws WrongEntryException {
    if (this instanceof TextNode node) {
      return node.text();
    }
    throw new WrongEntryException(place(), "has to be a text in quotes");
  }

  default boolean bool() throws WrongEntryException {
    if (this instanceof BooleanNode node) {
      return node.value();
    }
    throw new WrongEntryException(place(), "has to be true or false");
  }

  /** A whole number within bounds. */
  default long number(long min, long max) throws WrongEntryException {
    if (this instanceof NumberNode node) {
      try {
        long value = node.number().longValueExact();
        if (value >= min && value <= max) {
          return value;
        }
      } catch (ArithmeticException notALong) {
        // Refused below, as any other number that is not allowed.
      }
      throw new WrongEntryException(
          place(), node.number() + " is not allowed; allowed: " + min + ".." + max);
    }
    throw new WrongEntryException(place(), "has to be a number " + min + ".." + max);
  }

  /** Reads a whole document. */
  static Node read(Reader reader) throws WrongEntryException {
    try (JsonParser parser = Json.createParser(reader)) {
      parser.next();
      Node root = value(parser, parser.currentEvent(), "$");
      if (parser.hasNext()) {
        parser.next();
      }
      return root;
    } catch (JsonException e) {
      String message = String.valueOf(e.getMessage());
      throw new WrongEntryException("no JSON", message.lines().findFirst().orElse(message));
    }
  }

  private static Node value(JsonParser parser, JsonParser.Event event, String path)
      throws WrongEntryException {
    String place =
        String.format(Locale.ROOT, "%s (line %d)", path, parser.getLocation().getLineNumber());
    return switch (event) {
      case START_OBJECT -> object(parser, path, place);
      case START_ARRAY -> {
        List<Node> elements = new ArrayList<>();
        for (JsonParser.Event e = parser.next();
            e != JsonParser.Event.END_ARRAY;
            e = parser.next()) {
          elements.add(value(parser, e, path + "[" + elements.size() + "]"));
        }
        yield new ArrayNode(place, List.copyOf(elements));
      }
      case VALUE_STRING -> new TextNode(place, parser.getString());
      case VALUE_NUMBER -> new NumberNode(place, parser.getBigDecimal());
      case VALUE_TRUE -> new BooleanNode(place, true);
      case VALUE_FALSE -> new BooleanNode(place, false);
      case VALUE_NULL -> new NullNode(place);
      case KEY_NAME, END_OBJECT, END_ARRAY -> throw new IllegalStateException(event.toString());
    };
  }

  private static Node object(JsonParser parser, String path, String place)
      throws WrongEntryException {
    var members = new LinkedHashMap<String, Node>();
    for (JsonParser.Event e = parser.next(); e != JsonParser.Event.END_OBJECT; e = parser.next()) {
      String key = parser.getString();
      String at = path + (key.matches("\\w+") ? "." + key : "[\"" + key + "\"]");
      Node member = value(parser, parser.next(), at);
      if (members.keySet().stream().anyMatch(key::equalsIgnoreCase)) {
        throw new WrongEntryException(member.place(), "stands there twice");
      }
      members.put(key, member);
    }
    return new ObjectNode(place, members);
  }
}
