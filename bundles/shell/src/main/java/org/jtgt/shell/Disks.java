// SPDX-License-Identifier: Apache-2.0
package org.jtgt.shell;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jtgt.admin.Admin;
import org.jtgt.admin.Change;
import org.jtgt.admin.ManagedObject;
import org.jtgt.admin.ObjectType;

/** A newcomer's disk: a store, a logical unit of the same name and its LUN in a target. */
final class Disks {
  static final String WORD = "disk";

  private final Admin admin;
  private final Optional<Path> stateFolder;

  /**
   * @param stateFolder where a store without a path gets its files
   */
  Disks(Admin admin, Optional<Path> stateFolder) {
    this.admin = admin;
    this.stateFolder = stateFolder;
  }

  /** The changes that make it. */
  List<Change> create(String name, Map<String, String> given) {
    var values = new LinkedHashMap<>(given);
    String typeWord = taken(values, "type").orElse("file");
    String target = taken(values, "target").orElse(name);
    OptionalInt lun = taken(values, "lun").map(Disks::lun).orElse(OptionalInt.empty());
    ObjectType storeType = admin.type(typeWord);
    ObjectType luType = admin.type("lu");
    var store = new LinkedHashMap<String, String>();
    var lu = new LinkedHashMap<String, String>();
    values.forEach((key, value) -> {
      // What neither knows is left to the store's type, whose refusal names the nearest key.
      boolean forLu = storeType.attribute(key).isEmpty() && luType.attribute(key).isPresent();
      (forLu ? lu : store).put(key, value);
    });
    if (storeType.word().equals("file") && !store.containsKey("path")) {
      Path file = folder("disks").resolve(name + ".img");
      if (!store.containsKey("size") && !Files.exists(file)) {
        throw new Refusal(
            Refusal.USAGE,
            "size: is required, as in size=10G; or path=FILE for a file or device that is there");
      }
      store.put("path", file.toString());
    }
    lu.put("store", name);
    var changes = new ArrayList<Change>();
    changes.add(new Change.Create(storeType.pid(), name, store));
    changes.add(new Change.Create("lu", name, lu));
    map(changes, target, lun, name);
    return changes;
  }

  /** Adds the changes that show a unit in a target, which is made when there is none. */
  void map(List<Change> changes, String target, OptionalInt lun, String lu) {
    if (admin.object("target", target).isEmpty()) {
      changes.add(new Change.Create("target", target, Map.of()));
    }
    changes.add(new Change.MapLun(target, lun, lu));
  }

  static OptionalInt lun(String text) {
    return lun("lun", text);
  }

  /**
   * A LUN.
   *
   * @param called what the usage calls it
   */
  static OptionalInt lun(String called, String text) {
    try {
      return OptionalInt.of(Integer.parseInt(text));
    } catch (NumberFormatException e) {
      throw new Refusal(
          Refusal.USAGE, called + ": '" + text + "' is no number; allowed: integer 0..16383");
    }
  }

  /** A value that is not for the store; empty when it is not given. */
  static Optional<String> taken(Map<String, String> values, String key) {
    return Optional.ofNullable(values.remove(key)).filter(value -> !value.isEmpty());
  }

  /** A folder for data in the state folder, made when it is not there. */
  Path folder(String name) {
    Path folder =
        stateFolder
            .map(state -> state.resolve(name))
            .orElseThrow(() -> new Refusal(Refusal.USAGE, "path: is required; allowed: text"));
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new Refusal(Refusal.FAILED, folder + " cannot be made: " + e.getMessage());
    }
    return folder;
  }

  /** The changes that take it away; data stays. */
  List<Change> remove(String name, boolean force) {
    ManagedObject lu =
        admin
            .object("lu", name)
            .orElseThrow(() -> new Refusal(Refusal.FAILED, "there is no disk '" + name + "'"));
    var changes = new ArrayList<Change>();
    for (ManagedObject target : admin.objects()) {
      if (target.type().equals("target")) {
        List<String> luns = luns(target);
        List<String> others = luns.stream().filter(item -> !maps(item, name)).toList();
        if (others.size() == luns.size()) {
          continue;
        }
        if (others.isEmpty() && target.name().equals(name)) {
          changes.add(new Change.Remove("target", target.name(), force));
        } else {
          changes.add(new Change.UnmapLun(target.name(), name, force));
        }
      }
    }
    changes.add(new Change.Remove("lu", name, force));
    Optional<ManagedObject> store = store(lu, "store");
    while (store.isPresent()) {
      changes.add(new Change.Remove("store", store.get().name(), force));
      // What was made with the disk lies under it: the store that was covered, a clone's snapshot.
      store = store(store.get(), "base").filter(s -> (s.name() + ".").startsWith(name + "."));
    }
    return changes;
  }

  private Optional<ManagedObject> store(ManagedObject above, String key) {
    return admin.object("store", above.values().getOrDefault(key, ""));
  }

  private static List<String> luns(ManagedObject target) {
    String luns = target.values().getOrDefault("luns", "");
    return luns.isEmpty() ? List.of() : List.of(luns.split(","));
  }

  private static boolean maps(String item, String lu) {
    return item.substring(item.indexOf(':') + 1).strip().equals(lu);
  }
}
