// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.jtgt.admin.AdminException;
import org.jtgt.admin.AdminException.Problem;
import org.jtgt.admin.Category;

/**
 * Stores that stand on stores. A filter names the store below it by the key {@code store} when it
 * shows that store's data as they are, so that both may be used; by {@code base} when it does not
 * (encryption, copy-on-write): then what lies below is not for initiators to change; by {@code of}
 * when it shows what that store was: both may be used, and nobody can write to it.
 */
final class Stacks {
  private static final String SAME_DATA = "store";
  private static final String OTHER_DATA = "base";
  private static final String PAST_DATA = "of";
  private static final List<String> PRESENT = List.of(SAME_DATA, OTHER_DATA);
  private static final List<String> KEYS = List.of(SAME_DATA, OTHER_DATA, PAST_DATA);

  /** Reads its base only, so that many stand on one. */
  static final String OVERLAY = "org.jtgt.backstore.overlay";

  private final Model model;

  Stacks(Model model) {
    this.model = model;
  }

  /** The store that a store stands on, by its name. */
  static Optional<String> below(Entry entry) {
    return key(entry).map(entry::text);
  }

  /** The key by which a store names the one that it stands on. */
  private static Optional<String> key(Entry entry) {
    return KEYS.stream()
        .filter(key -> entry.category() == Category.STORE && !entry.text(key).isEmpty())
        .findFirst();
  }

  /** The store that holds a unit's data: the lowest that shows them as they are. */
  Entry keeper(String name) {
    String store = storeOf(name);
    Entry found = model.require(Category.STORE.word(), store);
    for (String below = found.text(SAME_DATA); !below.isEmpty(); below = found.text(SAME_DATA)) {
      found = model.require(Category.STORE.word(), below);
    }
    return found;
  }

  private String storeOf(String name) {
    return model.get(Category.LU, name).map(unit -> unit.text("store")).orElse(name);
  }

  /** The logical units, by their names, whose data change with those that a unit or store shows. */
  Set<String> unitsWith(String name) {
    String keeper = shown(storeOf(name)).getLast();
    return model
        .of(Category.LU)
        .filter(unit -> down(unit.text("store"), PRESENT).contains(keeper))
        .map(Entry::name)
        .collect(Collectors.toSet());
  }

  /** The stores that stand on a store. */
  List<Entry> on(String store) {
    return model
        .of(Category.STORE)
        .filter(other -> below(other).filter(store::equals).isPresent())
        .toList();
  }

  /** The stores that show what a store was. */
  List<Entry> showing(String store) {
    return model.of(Category.STORE).filter(other -> other.text(PAST_DATA).equals(store)).toList();
  }

  /**
   * Checks a store.
   *
   * @param warnings takes what is allowed but perhaps not meant
   */
  void checkStore(Entry entry, List<String> warnings) {
    key(entry).ifPresent(key -> checkStore(entry, key, entry.text(key), warnings));
  }

  private void checkStore(Entry entry, String key, String below, List<String> warnings) {
    if (down(below, KEYS).contains(entry.name())) {
      throw bad(entry, key, below, "stands on '" + entry.name() + "' itself");
    }
    if (model.get(Category.STORE, below).isEmpty()) {
      warnings.add(
          "%s: %s: there is no store '%s' yet; this one waits for it"
              .formatted(entry.pid(), key, below));
    }
    if (key.equals(OTHER_DATA)) {
      refuseSecondForm(entry, below);
      for (Entry unit : writers(below)) {
        throw bad(
            entry,
            key,
            below,
            "is written to by %s; allowed: a store that only lu with readOnly=true use"
                .formatted(unit.pid()));
      }
    }
  }

  /**
   * What writes to its base in a form of its own has it alone: others would see it change below
   * them.
   */
  private void refuseSecondForm(Entry entry, String base) {
    on(base).stream()
        .filter(other -> !other.text(OTHER_DATA).isEmpty() && !other.pid().equals(entry.pid()))
        .filter(other -> !entry.typePid().equals(OVERLAY) || !other.typePid().equals(OVERLAY))
        .findFirst()
        .ifPresent(other -> {
          throw bad(
              entry,
              OTHER_DATA,
              base,
              "is the base of %s already; allowed: a store of its own, or overlays only"
                  .formatted(other.pid()));
        });
  }

  /** The logical units that may write to a store, also through filters. */
  private List<Entry> writers(String store) {
    if (isPast(store)) {
      return List.of();
    }
    var writers = new ArrayList<Entry>();
    model
        .of(Category.LU)
        .filter(unit -> !readOnly(unit))
        .filter(unit -> shown(unit.text("store")).contains(store))
        .forEach(writers::add);
    return writers;
  }

  private boolean isPast(String store) {
    return model
        .get(Category.STORE, store)
        .filter(entry -> !entry.text(PAST_DATA).isEmpty())
        .isPresent();
  }

  /** A store and those whose data it shows as they are. */
  private SequencedSet<String> shown(String store) {
    return down(store, List.of(SAME_DATA));
  }

  /** A store and those below it, as far as these keys lead. */
  private SequencedSet<String> down(String store, List<String> keys) {
    SequencedSet<String> found = new LinkedHashSet<>();
    Optional<String> at = Optional.of(store);
    while (at.isPresent() && found.add(at.get())) {
      at =
          model
              .get(Category.STORE, at.get())
              .flatMap(entry -> key(entry).filter(keys::contains).map(entry::text));
    }
    return found;
  }

  /**
   * Checks that a logical unit does not write below what others stand on.
   *
   * @param warnings takes what is allowed but perhaps not meant
   */
  void checkUnit(Entry unit, List<String> warnings) {
    if (readOnly(unit)) {
      return;
    }
    String store = unit.text("store");
    warnOfSharedData(unit, store, warnings);
    for (String shown : shown(store)) {
      for (Entry above : on(shown)) {
        if (!above.text(OTHER_DATA).isEmpty() && !isPast(shown)) {
          throw bad(
              unit,
              "store",
              store,
              "holds the data of %s in another form; allowed: %s, or readOnly=true"
                  .formatted(above.pid(), above.name()));
        }
      }
    }
  }

  private void warnOfSharedData(Entry unit, String store, List<String> warnings) {
    Set<String> data = shown(store);
    model
        .of(Category.LU)
        .filter(other -> !readOnly(other) && !other.pid().equals(unit.pid()))
        .filter(other -> shown(other.text("store")).stream().anyMatch(data::contains))
        .forEach(other ->
            warnings.add(
                "%s: store: '%s' is written to by %s too: initiators take them for two disks, each with reservations of its own"
                    .formatted(unit.pid(), store, other.pid())));
  }

  private static boolean readOnly(Entry unit) {
    return unit.text("readOnly").equals("true");
  }

  private static AdminException bad(Entry entry, String key, String value, String what) {
    return new AdminException(
        Problem.BAD_VALUE, entry.pid(), key, value, Validator.quoted(value) + " " + what);
  }
}
