// SPDX-License-Identifier: Apache-2.0
package org.jtgt.shell;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jtgt.admin.Admin;
import org.jtgt.admin.AdminException;
import org.jtgt.admin.Attribute;
import org.jtgt.admin.Category;
import org.jtgt.admin.ManagedObject;
import org.jtgt.admin.ObjectType;
import org.jtgt.admin.ValueType;

/** What may stand at a place of a command. */
final class Completion {
  private static final List<String> KINDS =
      List.of("lu", "session", "connection", "portal", "target", "buffers");

  private final Admin admin;

  Completion(Admin admin) {
    this.admin = admin;
  }

  /**
   * @param words the command and the words before the place
   * @param word what stands at the place already
   * @return description by candidate, in the order to show; a candidate that ends in {@code =} goes
   *     on with its value
   */
  Map<String, String> candidates(List<String> words, String word) {
    var found = new LinkedHashMap<String, String>();
    if (words.isEmpty()) {
      Usage.PAGES.forEach((name, page) -> found.put(name, page.summary()));
      return found;
    }
    String command = words.getFirst();
    List<String> before =
        words.subList(1, words.size()).stream().filter(w -> !w.startsWith("--")).toList();
    int place = before.size();
    switch (command) {
      case "help" -> Usage.PAGES.forEach((name, page) -> found.put(name, page.summary()));
      case "types" -> types(found);
      case "list" -> {
        categories(found);
        types(found);
      }
      case "stats" -> KINDS.forEach(kind -> found.put(kind, ""));
      case "create" -> create(found, before, word);
      case "show" -> {
        if (place == 0) {
          categories(found);
        } else {
          names(found, before.getFirst());
        }
      }
      case "rm" -> {
        if (place == 0) {
          categories(found);
          found.put(Disks.WORD, "a logical unit with its store and LUNs");
        } else {
          names(found, before.getFirst().equals(Disks.WORD) ? "lu" : before.getFirst());
          if (before.getFirst().equals("snapshot")) {
            snapshots(found);
          }
          found.put("--force", "also when it is in use");
        }
      }
      case "set" -> {
        if (place == 0) {
          categories(found);
        } else if (place == 1) {
          names(found, before.getFirst());
          settings(found, before.getFirst());
        } else {
          object(before)
              .flatMap(o -> type(o.typePid()))
              .ifPresent(t -> keys(found, t, before, word));
          if (found.isEmpty()) {
            type(before.get(1)).ifPresent(t -> keys(found, t, before, word));
          }
        }
      }
      case "update" -> found.put("--force", "also when something would be lost by it");
      case "uninstall" -> {
        admin.live("file").stream()
            .map(row -> row.values().get("bundle"))
            .filter(Objects::nonNull)
            .forEach(bundle -> found.put(bundle.toString(), ""));
        found.put("--force", "also when something would be lost by it");
      }
      case "snapshot" -> {
        if (word.indexOf(SnapshotCommands.AT) < 0) {
          of("lu").forEach(lu -> found.put(lu.name() + SnapshotCommands.AT, lu.state()));
        }
        found.put("path=", "folder of the overlay of a first snapshot");
        found.put("limit=", "most bytes that it may hold");
      }
      case "snapshots" -> names(found, "lu");
      case "clone" -> {
        if (place == 0) {
          snapshots(found);
        } else if (place > 1) {
          clone(found, before, word);
        }
      }
      case "rollback" -> {
        snapshots(found);
        found.put("--force", "also when initiators are logged in");
      }
      case "discard" -> {
        names(found, "lu");
        found.put("--force", "also when initiators are logged in");
      }
      case "commit" -> {
        names(found, "lu");
        found.put("--detach", "the base takes the overlay's place");
      }
      case "map" -> names(found, place == 0 ? "target" : place == 1 ? "lu" : "none");
      case "unmap" -> {
        if (place == 0) {
          names(found, "target");
        } else {
          object(List.of("target", before.getFirst())).ifPresent(t -> luns(found, t));
          found.put("--force", "also when the target has sessions");
        }
      }
      default -> {}
    }
    return found;
  }

  private void snapshots(Map<String, String> found) {
    admin.live("snapshot").forEach(row -> found.put(row.name(), Views.text(row, "created")));
  }

  private void clone(Map<String, String> found, List<String> before, String word) {
    if (word.startsWith("target=")) {
      of("target").forEach(t -> found.put("target=" + t.name(), ""));
      return;
    }
    found.put("readOnly=true", "shows the snapshot itself");
    found.put("target=", "where it is mapped (a new target)");
    found.put("lun=", "LUN (the lowest free one)");
    type("overlay").ifPresent(t -> keys(found, t, before, word));
    found.remove("base=");
  }

  private void create(Map<String, String> found, List<String> before, String word) {
    if (before.isEmpty()) {
      found.put(Disks.WORD, "a store, a logical unit and its LUN in one step");
      types(found);
    } else if (before.size() > 1 && before.getFirst().equals(Disks.WORD)) {
      if (word.startsWith("type=")) {
        admin.types().stream()
            .filter(t -> t.category() == Category.STORE)
            .forEach(t -> found.put("type=" + t.word(), t.title()));
      } else if (word.startsWith("target=")) {
        of("target").forEach(t -> found.put("target=" + t.name(), ""));
      } else {
        found.put("type=", "the store's type (file)");
        found.put("target=", "where it is mapped (a new target)");
        found.put("lun=", "LUN (the lowest free one)");
        String store =
            before.stream()
                .filter(w -> w.startsWith("type="))
                .map(w -> w.substring("type=".length()))
                .findFirst()
                .orElse("file");
        type(store).ifPresent(t -> keys(found, t, before, word));
        type("lu").ifPresent(t -> keys(found, t, before, word));
        found.remove("store=");
      }
    } else if (before.size() > 1) {
      type(before.getFirst()).ifPresent(t -> keys(found, t, before, word));
    }
  }

  private void keys(Map<String, String> found, ObjectType type, List<String> before, String word) {
    for (Attribute a : type.attributes()) {
      String prefix = a.key() + "=";
      if (word.startsWith(prefix)) {
        values(type, a).forEach(value -> found.put(prefix + value, ""));
      } else if (before.stream().noneMatch(w -> w.startsWith(prefix))) {
        found.put(prefix, (a.required() ? "needed: " : "") + a.title());
      }
    }
  }

  private Stream<String> values(ObjectType type, Attribute a) {
    if (!a.options().isEmpty()) {
      return a.options().stream();
    }
    if (a.type() == ValueType.BOOLEAN) {
      return Stream.of("true", "false");
    }
    if (type.category() == Category.LU && a.key().equals("store")) {
      return of("store").map(ManagedObject::name);
    }
    if (a.key().equals("portals")) {
      return of("portal").map(ManagedObject::name);
    }
    if (type.category() == Category.LOGIN && a.key().equals("targets")) {
      return of("target").map(ManagedObject::name);
    }
    return a.defaults().stream();
  }

  private void types(Map<String, String> found) {
    admin.types().stream().filter(Views::ours).forEach(t -> found.put(t.word(), t.title()));
  }

  private static void categories(Map<String, String> found) {
    for (Category category : Category.values()) {
      if (category != Category.OTHER) {
        found.put(category.word(), "");
      }
    }
  }

  private void names(Map<String, String> found, String word) {
    of(word).forEach(o -> found.put(o.name(), o.state()));
  }

  private void settings(Map<String, String> found, String word) {
    if (word.equals(Category.SETTINGS.word())) {
      admin.types().stream()
          .filter(t -> t.category() == Category.SETTINGS)
          .forEach(t -> found.put(t.word(), t.title()));
    }
  }

  private static void luns(Map<String, String> found, ManagedObject target) {
    var items = new ArrayList<>(List.of(target.values().getOrDefault("luns", "").split(",")));
    items.removeIf(item -> !item.contains(":"));
    items.forEach(item -> found.put(item.substring(0, item.indexOf(':')).strip(), item.strip()));
  }

  private Stream<ManagedObject> of(String word) {
    return admin.objects().stream()
        .filter(o -> o.category().word().equals(word) || o.type().equals(word));
  }

  private Optional<ManagedObject> object(List<String> typeAndName) {
    return admin.object(typeAndName.get(0), typeAndName.get(1));
  }

  private Optional<ObjectType> type(String word) {
    try {
      return Optional.of(admin.type(word));
    } catch (AdminException unknown) {
      return Optional.empty();
    }
  }
}
