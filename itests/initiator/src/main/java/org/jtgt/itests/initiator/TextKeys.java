// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * key=value pairs in their order (RFC 7143 6.1). A key may stand twice, because a test may want to
 * send that.
 */
public record TextKeys(List<Pair> pairs) {

  /** One key=value pair. */
  public record Pair(String key, String value) {}

  public static final TextKeys EMPTY = new TextKeys(List.of());

  public TextKeys {
    pairs = List.copyOf(pairs);
  }

  /** {@code of("InitiatorName", "iqn...", "SessionType", "Discovery")}. */
  public static TextKeys of(String... keysAndValues) {
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      pairs.add(new Pair(keysAndValues[i], keysAndValues[i + 1]));
    }
    return new TextKeys(pairs);
  }

  /** These pairs and one more, even if the key is there already. */
  public TextKeys plus(String key, String value) {
    List<Pair> all = new ArrayList<>(pairs);
    all.add(new Pair(key, value));
    return new TextKeys(all);
  }

  public TextKeys plus(TextKeys others) {
    List<Pair> all = new ArrayList<>(pairs);
    all.addAll(others.pairs);
    return new TextKeys(all);
  }

  /** These pairs with the key's value replaced, or appended if the key is not there. */
  public TextKeys set(String key, String value) {
    if (first(key).isEmpty()) {
      return plus(key, value);
    }
    return new TextKeys(
        pairs.stream().map(p -> p.key().equals(key) ? new Pair(key, value) : p).toList());
  }

  public TextKeys without(String key) {
    return new TextKeys(pairs.stream().filter(p -> !p.key().equals(key)).toList());
  }

  public Optional<String> first(String key) {
    return pairs.stream().filter(p -> p.key().equals(key)).map(Pair::value).findFirst();
  }

  public List<String> all(String key) {
    return pairs.stream().filter(p -> p.key().equals(key)).map(Pair::value).toList();
  }

  public boolean isEmpty() {
    return pairs.isEmpty();
  }

  /** The pairs as UTF-8, each ended by a zero byte. */
  public byte[] encode() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Pair pair : pairs) {
      out.writeBytes((pair.key() + "=" + pair.value()).getBytes(StandardCharsets.UTF_8));
      out.write(0);
    }
    return out.toByteArray();
  }

  /**
   * Reads a whole text, all PDUs of a C-bit sequence joined.
   *
   * @throws ProtocolViolation if a pair has no '=' or the last one no zero byte (RFC 7143 6.1)
   */
  public static TextKeys parse(byte[] text) {
    if (text.length > 0 && text[text.length - 1] != 0) {
      throw new ProtocolViolation("6.1", "the last pair does not end in a zero byte");
    }
    List<Pair> pairs = new ArrayList<>();
    for (String pair : new String(text, StandardCharsets.UTF_8).split("\0")) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        pairs.add(new Pair(pair.substring(0, equals), pair.substring(equals + 1)));
      } else if (!pair.isEmpty()) {
        throw new ProtocolViolation("6.1", "no key=value pair: " + pair);
      }
    }
    return new TextKeys(pairs);
  }
}
