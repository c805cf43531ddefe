// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.felix.cm.file.ConfigurationHandler;
import org.jspecify.annotations.Nullable;
import org.jtgt.admin.Origin;

/**
 * What several changes of one command are, kept in a file while they are carried out one by one: a
 * crash in between leaves the file, and who finds it knows what is left to do.
 *
 * <p>Its name tells the direction: {@code changes} is carried out, {@code changes.back} is taken
 * back because a part of it failed. Turning it needs no space on the disk. The text is that of
 * configurations in the state folder.
 */
final class ChangeRecord {
  private static final String BEFORE = "before";
  private static final String AFTER = "after";

  private final Path forward;
  private final Path back;

  /**
   * @param folder is made when there is something to keep
   */
  ChangeRecord(Path folder) {
    forward = folder.resolve("changes");
    back = folder.resolve("changes.back");
  }

  /** What was begun and is not ended. */
  record Unfinished(List<Part<?>> parts, boolean forward) {}

  /** Keeps what is about to be done. */
  void begin(List<Part<?>> parts) throws IOException {
    var text = new Hashtable<String, Object>();
    text.put("parts", parts.size());
    for (int i = 0; i < parts.size(); i++) {
      put(text, i + ".", parts.get(i));
    }
    var bytes = new ByteArrayOutputStream();
    ConfigurationHandler.write(bytes, text);
    Files.createDirectories(forward.getParent());
    StableFiles.write(forward, bytes.toByteArray());
  }

  /** From now on it is taken back. */
  void turnBack() throws IOException {
    StableFiles.rename(forward, back);
  }

  /** All of it is done, or taken back. */
  void end() throws IOException {
    StableFiles.delete(forward);
    StableFiles.delete(back);
  }

  /** What a crash or a failing disk left. */
  Optional<Unfinished> unfinished() throws IOException {
    for (Path file : List.of(back, forward)) {
      if (Files.exists(file)) {
        return Optional.of(new Unfinished(read(file), file.equals(forward)));
      }
    }
    return Optional.empty();
  }

  private static List<Part<?>> read(Path file) throws IOException {
    try {
      Dictionary<?, ?> text =
          ConfigurationHandler.read(new ByteArrayInputStream(Files.readAllBytes(file)));
      int count = (Integer) Objects.requireNonNull(text.get("parts"));
      var parts = new ArrayList<Part<?>>();
      for (int i = 0; i < count; i++) {
        parts.add(part(text, i + "."));
      }
      return List.copyOf(parts);
    } catch (RuntimeException damaged) {
      throw new IOException(file + " is no record of changes: " + damaged, damaged);
    }
  }

  private static void put(Dictionary<String, Object> text, String prefix, Part<?> part) {
    switch (part) {
      case Part.OfFile of -> {
        text.put(prefix + "file", of.file().toString());
        of.before().ifPresent(content -> text.put(prefix + BEFORE, content));
        of.after().ifPresent(content -> text.put(prefix + AFTER, content));
      }
      case Part.OfConfiguration of -> {
        text.put(prefix + "pid", of.any().pid());
        text.put(prefix + "type", of.any().typePid());
        text.put(prefix + "name", of.any().name());
        of.before().ifPresent(entry -> put(text, prefix + BEFORE, entry));
        of.after().ifPresent(entry -> put(text, prefix + AFTER, entry));
      }
    }
  }

  /** Keys stand as values: a key may have characters that the text's own must not have. */
  private static void put(Dictionary<String, Object> text, String prefix, Entry entry) {
    text.put(prefix, entry.origin().text());
    List<String> keys = List.copyOf(entry.values().keySet());
    for (int i = 0; i < keys.size(); i++) {
      text.put(prefix + ".key." + i, keys.get(i));
      text.put(prefix + ".value." + i, Objects.requireNonNull(entry.values().get(keys.get(i))));
    }
  }

  private static Part<?> part(Dictionary<?, ?> text, String prefix) {
    if (text.get(prefix + "file") instanceof String file) {
      return new Part.OfFile(
          Path.of(file), string(text, prefix + BEFORE), string(text, prefix + AFTER));
    }
    return new Part.OfConfiguration(entry(text, prefix, BEFORE), entry(text, prefix, AFTER));
  }

  private static Optional<Entry> entry(Dictionary<?, ?> text, String part, String which) {
    String prefix = part + which;
    return string(text, prefix)
        .map(origin -> {
          String pid = string(text, part + "pid").orElseThrow();
          String typePid = string(text, part + "type").orElseThrow();
          return new Entry(
              pid,
              typePid,
              Categories.of(typePid, !pid.equals(typePid)),
              string(text, part + "name").orElseThrow(),
              values(text, prefix),
              Origin.parse(origin));
        });
  }

  private static Map<String, Object> values(Dictionary<?, ?> text, String prefix) {
    var values = new LinkedHashMap<String, Object>();
    Optional<String> key = string(text, prefix + ".key.0");
    for (int i = 1; key.isPresent(); i++) {
      values.put(key.get(), Objects.requireNonNull(text.get(prefix + ".value." + (i - 1))));
      key = string(text, prefix + ".key." + i);
    }
    return values;
  }

  private static Optional<String> string(Dictionary<?, ?> text, String key) {
    @Nullable Object value = text.get(key);
    return value instanceof String found ? Optional.of(found) : Optional.empty();
  }
}
