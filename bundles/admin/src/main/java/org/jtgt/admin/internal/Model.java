// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.jtgt.admin.AdminException;
import org.jtgt.admin.AdminException.Problem;
import org.jtgt.admin.Category;
import org.jtgt.admin.ObjectType;

/** All configurations as they are, or as they will be when the changes at hand are carried out. */
final class Model {
  private final List<ObjectType> types;
  private final Map<String, Entry> entries;

  /** The entries by category and name; made when it is asked for, gone with each change. */
  private @Nullable Map<Name, Entry> named;

  private record Name(Category category, String name) {}

  Model(List<ObjectType> types, Collection<Entry> entries) {
    this(types, new LinkedHashMap<>());
    entries.forEach(this::put);
  }

  private Model(List<ObjectType> types, Map<String, Entry> entries) {
    this.types = types;
    this.entries = entries;
  }

  Model copy() {
    return new Model(types, new LinkedHashMap<>(entries));
  }

  Collection<Entry> entries() {
    return List.copyOf(entries.values());
  }

  Stream<Entry> of(Category category) {
    return entries.values().stream().filter(e -> e.category() == category);
  }

  Optional<Entry> get(String pid) {
    return Optional.ofNullable(entries.get(pid));
  }

  Optional<Entry> get(Category category, String name) {
    Map<Name, Entry> index = named;
    if (index == null) {
      index = new HashMap<>();
      for (Entry entry : entries.values()) {
        index.putIfAbsent(new Name(entry.category(), entry.name()), entry);
      }
      named = index;
    }
    return Optional.ofNullable(index.get(new Name(category, name)));
  }

  void put(Entry entry) {
    named = null;
    entries.put(entry.pid(), entry);
  }

  void remove(String pid) {
    named = null;
    entries.remove(pid);
  }

  List<ObjectType> types() {
    return types;
  }

  /** The installed type of that PID. */
  Optional<ObjectType> installed(String pid) {
    return types.stream().filter(t -> t.pid().equals(pid)).findFirst();
  }

  /** The installed type called so by word or PID. */
  ObjectType type(String word) {
    List<ObjectType> found =
        types.stream().filter(t -> t.pid().equals(word) || t.word().equals(word)).toList();
    if (found.size() == 1) {
      return found.getFirst();
    }
    if (found.size() > 1) {
      throw new AdminException(
          Problem.UNKNOWN_TYPE,
          "",
          "",
          word,
          "'" + word + "' is ambiguous; say " + String.join(" or ", pids(found)));
    }
    if (word.contains(".")) {
      throw new AdminException(
          Problem.UNKNOWN_TYPE,
          "",
          "",
          word,
          "no installed bundle offers the type "
              + word
              + Nearest.to(word, pids(types)).map(c -> "; did you mean '" + c + "'?").orElse(""));
    }
    throw new AdminException(
        Problem.UNKNOWN_TYPE,
        "",
        "",
        word,
        "no installed bundle offers a type '"
            + word
            + "'"
            + Nearest.hint(word, types.stream().map(ObjectType::word).sorted().toList()));
  }

  /**
   * The object called so.
   *
   * @param word a type's word or PID, or a category's word
   */
  Optional<Entry> find(String word, String name) {
    return entries.values().stream()
        .filter(e -> called(e, word) && (e.name().equals(name) || targetName(e).equals(name)))
        .findFirst();
  }

  /** As {@link #find}, or a refusal that names what there is. */
  Entry require(String word, String name) {
    return find(word, name)
        .orElseThrow(() -> {
          List<String> names =
              entries.values().stream()
                  .filter(e -> called(e, word))
                  .map(Entry::name)
                  .sorted()
                  .toList();
          if (names.isEmpty() && !isCategory(word)) {
            type(word);
          }
          return notFound(word, name, names);
        });
  }

  /** A logical unit or a store is called so; else a refusal that names the units that there are. */
  void requireDisk(String name) {
    if (get(Category.LU, name).isEmpty() && get(Category.STORE, name).isEmpty()) {
      throw notFound("disk", name, of(Category.LU).map(Entry::name).sorted().toList());
    }
  }

  private static AdminException notFound(String word, String name, List<String> names) {
    return new AdminException(
        Problem.NOT_FOUND,
        "",
        "",
        name,
        "there is no "
            + word
            + " '"
            + name
            + "'"
            + (names.isEmpty() ? "; there is none at all" : Nearest.hint(name, names)));
  }

  /** The iSCSI name of a target; empty for anything else. */
  static String targetName(Entry entry) {
    if (entry.category() != Category.TARGET) {
      return "";
    }
    String name = entry.text("name");
    return name.isEmpty() ? Names.DEFAULT_TARGET_PREFIX + entry.name() : name;
  }

  private boolean called(Entry entry, String word) {
    return entry.typePid().equals(word)
        || entry.category().word().equals(word)
        || installed(entry.typePid()).map(t -> t.word().equals(word)).orElse(false)
        || Categories.lastSegment(entry.typePid()).equals(word);
  }

  private static boolean isCategory(String word) {
    return Stream.of(Category.values()).anyMatch(c -> c.word().equals(word));
  }

  private static List<String> pids(List<ObjectType> types) {
    return types.stream().map(ObjectType::pid).toList();
  }
}
