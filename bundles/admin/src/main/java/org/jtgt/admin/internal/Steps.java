// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jtgt.admin.AdminException;
import org.jtgt.admin.AdminException.Problem;
import org.jtgt.admin.Category;
import org.jtgt.admin.Change;
import org.jtgt.admin.ObjectType;
import org.jtgt.admin.Origin;

/** Carries out changes on a model, refusing what is not allowed; nothing is stored here. */
final class Steps {
  private final Model model;
  private final Origin origin;
  private final List<String> warnings;
  private final Function<Entry, List<String>> sessions;

  /**
   * @param model is changed
   * @param origin who asks
   * @param warnings takes what is allowed but perhaps not meant
   * @param sessions the sessions that use an object, in words
   */
  Steps(Model model, Origin origin, List<String> warnings, Function<Entry, List<String>> sessions) {
    this.model = model;
    this.origin = origin;
    this.warnings = warnings;
    this.sessions = sessions;
  }

  /**
   * @return PID of the object concerned
   * @throws AdminException why not
   */
  String carryOut(Change change) {
    return switch (change) {
      case Change.Create create -> {
        Entry entry = fresh(create.type(), create.name(), create.values());
        model
            .get(entry.pid())
            .ifPresent(old -> {
              throw new AdminException(
                  Problem.EXISTS,
                  entry.pid(),
                  "",
                  create.name(),
                  "exists already, made by " + old.origin().words());
            });
        yield put(entry);
      }
      case Change.Declare declare -> {
        Entry entry = fresh(declare.type(), declare.name(), declare.values());
        model.get(entry.pid()).ifPresent(this::requireSameOrigin);
        yield put(entry);
      }
      case Change.Update update -> {
        Optional<ObjectType> settings = settings(update);
        Entry old =
            settings.isPresent()
                ? new Entry(
                    settings.get().pid(),
                    settings.get().pid(),
                    Category.SETTINGS,
                    settings.get().word(),
                    Map.of(),
                    origin)
                : model.require(update.type(), update.name());
        yield put(updated(old, update.values()));
      }
      case Change.Remove remove -> remove(remove);
      case Change.MapLun map -> map(map);
      case Change.UnmapLun unmap -> unmap(unmap);
    };
  }

  /** The type, when a singleton is changed that has no configuration yet. */
  private Optional<ObjectType> settings(Change.Update update) {
    return model.find(update.type(), update.name()).isPresent()
        ? Optional.empty()
        : model.types().stream()
            .filter(t -> !t.factory())
            .filter(t -> t.word().equals(update.name()) || t.pid().equals(update.name()))
            .filter(
                t -> t.category().word().equals(update.type()) || t.word().equals(update.type()))
            .findFirst();
  }

  private Entry fresh(String typeWord, String name, Map<String, String> texts) {
    ObjectType type = model.type(typeWord);
    if (!type.factory()) {
      if (!name.equals(type.word()) && !name.equals(type.pid())) {
        throw new AdminException(
            Problem.BAD_NAME,
            type.pid(),
            "",
            name,
            "there is only one, without a name of its own such as " + Validator.quoted(name));
      }
      return new Entry(
          type.pid(),
          type.pid(),
          type.category(),
          type.word(),
          Validator.check(type, type.pid(), texts),
          origin);
    }
    String instance = name;
    Map<String, String> values = texts;
    if (type.category() == Category.TARGET && Names.looksLikeIscsiName(name)) {
      instance = Names.fromIscsiName(name);
      values = new LinkedHashMap<>(texts);
      values.putIfAbsent("name", name);
    }
    String pid = type.pid() + "~" + instance;
    if (!Names.valid(instance)) {
      throw new AdminException(
          Problem.BAD_NAME,
          type.pid(),
          "",
          name,
          "the name " + Validator.quoted(name) + " is not allowed; allowed: " + Names.ALLOWED);
    }
    return new Entry(
        pid, type.pid(), type.category(), instance, Validator.check(type, pid, values), origin);
  }

  private String put(Entry entry) {
    model.put(entry);
    new References(model, new ArrayList<>()).check(entry);
    return entry.pid();
  }

  private Entry updated(Entry old, Map<String, String> changes) {
    requireChangeable(old);
    ObjectType type = model.type(old.typePid());
    var texts = new LinkedHashMap<>(old.texts());
    changes.forEach((key, text) -> {
      if (text.isBlank() && type.attribute(key).isEmpty()) {
        texts.remove(key);
      } else {
        texts.put(key, text);
      }
    });
    return old.with(Validator.check(type, old.pid(), texts), old.origin());
  }

  private String remove(Change.Remove remove) {
    Entry entry = model.require(remove.type(), remove.name());
    requireChangeable(entry);
    var users = new ArrayList<>(References.users(model, entry));
    users.addAll(sessions.apply(entry));
    if (!users.isEmpty() && !remove.force()) {
      throw new AdminException(
          Problem.IN_USE,
          entry.pid(),
          "",
          entry.name(),
          "is in use by " + String.join(", ", users) + "; remove it all the same with --force");
    }
    if (!users.isEmpty()) {
      warnings.add(entry.pid() + ": removed although in use by " + String.join(", ", users));
    }
    model.remove(entry.pid());
    return entry.pid();
  }

  private String map(Change.MapLun map) {
    Entry target = model.require(map.type(), map.name());
    List<String> luns = new ArrayList<>(target.list("luns"));
    List<Integer> taken = LunMapping.of(target).map(LunMapping::lun).toList();
    OptionalInt lun = map.lun();
    if (lun.isPresent() && taken.contains(lun.getAsInt())) {
      throw new AdminException(
          Problem.EXISTS,
          target.pid(),
          "luns",
          Integer.toString(lun.getAsInt()),
          "LUN " + lun.getAsInt() + " is mapped already: " + String.join(",", luns));
    }
    int free = 0;
    while (taken.contains(free)) {
      free++;
    }
    luns.add(new LunMapping(lun.orElse(free), map.lu()).text());
    return put(updated(target, Map.of("luns", String.join(",", luns))));
  }

  private String unmap(Change.UnmapLun unmap) {
    Entry target = model.require(unmap.type(), unmap.name());
    List<String> luns = target.list("luns");
    List<String> kept =
        luns.stream()
            .filter(item ->
                LunMapping.parse(item)
                    .map(m ->
                        !Integer.toString(m.lun()).equals(unmap.lunOrLu())
                            && !m.lu().equals(unmap.lunOrLu()))
                    .orElse(true))
            .collect(Collectors.toList());
    if (kept.size() == luns.size()) {
      throw new AdminException(
          Problem.NOT_FOUND,
          target.pid(),
          "luns",
          unmap.lunOrLu(),
          Validator.quoted(unmap.lunOrLu())
              + " is not mapped"
              + (luns.isEmpty() ? "; no LUN is" : "; mapped: " + String.join(", ", luns)));
    }
    List<String> users = sessions.apply(target);
    if (!users.isEmpty() && !unmap.force()) {
      throw new AdminException(
          Problem.IN_USE,
          target.pid(),
          "luns",
          unmap.lunOrLu(),
          "the target is in use by "
              + String.join(", ", users)
              + "; unmap it all the same with"
              + " --force");
    }
    return put(updated(target, Map.of("luns", String.join(",", kept))));
  }

  private void requireSameOrigin(Entry old) {
    // A file that was moved or renamed takes its object with it: the old path is gone.
    boolean moved =
        origin.kind() == Origin.Kind.FILE
            && old.origin().kind() == Origin.Kind.FILE
            && !Files.exists(Path.of(old.origin().source()));
    if (!old.origin().equals(origin) && !moved) {
      throw new AdminException(
          Problem.OTHER_ORIGIN,
          old.pid(),
          "",
          old.name(),
          "was made by " + old.origin().words() + " and is left as it is; remove that one first");
    }
  }

  private void requireChangeable(Entry old) {
    if (origin.kind() == Origin.Kind.COMMAND && old.origin().kind() == Origin.Kind.IMPORT) {
      throw new AdminException(
          Problem.OTHER_ORIGIN,
          old.pid(),
          "",
          old.name(),
          "comes from " + old.origin().source() + " at each start; change it in that file");
    }
    if (origin.kind() != Origin.Kind.COMMAND) {
      requireSameOrigin(old);
    }
  }
}
