// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jtgt.admin.AdminException;
import org.jtgt.admin.AdminException.Problem;
import org.jtgt.admin.Category;
import org.jtgt.admin.Change;
import org.jtgt.admin.ContentChange;
import org.jtgt.state.ContentControl;

/**
 * Changes of content: checked against the configurations here, done by whoever serves the logical
 * units. Where configurations change with it, both go together or not at all.
 */
final class ContentChanges {
  private static final int LOOKS = 100;
  private static final long LOOK_MILLISECONDS = 50;

  private final Supplier<Optional<ContentControl>> control;
  private final Supplier<Model> model;
  private final Consumer<List<Change>> apply;
  private final Function<Entry, List<String>> sessions;

  /**
   * @param control who serves the logical units
   * @param model all configurations now
   * @param apply changes configurations, as a command
   * @param sessions the sessions that use a target, in words
   */
  ContentChanges(
      Supplier<Optional<ContentControl>> control,
      Supplier<Model> model,
      Consumer<List<Change>> apply,
      Function<Entry, List<String>> sessions) {
    this.control = control;
    this.model = model;
    this.apply = apply;
    this.sessions = sessions;
  }

  boolean keepsSnapshots(String name) {
    return control.get().filter(c -> c.keepsSnapshots(name)).isPresent();
  }

  Duration carryOut(ContentChange change) {
    ContentControl content =
        control.get().orElseThrow(() -> failed("no logical units are served now"));
    of(change).forEach(model.get()::requireDisk);
    try {
      return switch (change) {
        case ContentChange.TakeSnapshot take -> content.takeSnapshot(take.names(), take.snapshot());
        case ContentChange.DeleteSnapshot delete -> {
          requireNotShown(delete);
          content.deleteSnapshot(delete.name(), delete.snapshot());
          yield Duration.ZERO;
        }
        case ContentChange.RollBack back -> {
          requireNoSessions(back.name(), back.force());
          yield content.rollBack(back.name(), back.snapshot());
        }
        case ContentChange.Discard discard -> {
          requireNoSessions(discard.name(), discard.force());
          yield content.discard(discard.name());
        }
        case ContentChange.Commit commit -> commit(content, commit);
        case ContentChange.Cover cover -> cover(content, cover);
      };
    } catch (IOException failure) {
      throw failed(String.valueOf(failure.getMessage()));
    }
  }

  private static List<String> of(ContentChange change) {
    return switch (change) {
      case ContentChange.TakeSnapshot take -> take.names();
      case ContentChange.DeleteSnapshot delete -> List.of(delete.name());
      case ContentChange.RollBack back -> List.of(back.name());
      case ContentChange.Discard discard -> List.of(discard.name());
      case ContentChange.Commit commit -> List.of(commit.name());
      case ContentChange.Cover cover -> List.of(cover.unit());
    };
  }

  private static AdminException failed(String why) {
    return new AdminException(Problem.FAILED, "", "", "", why);
  }

  private void requireNotShown(ContentChange.DeleteSnapshot delete) {
    Stacks stacks = new Stacks(model.get());
    List<String> users =
        stacks.showing(stacks.keeper(delete.name()).name()).stream()
            .filter(shown -> shown.text("snapshot").equals(delete.snapshot()))
            .map(shown -> "store " + shown.name())
            .toList();
    if (!users.isEmpty()) {
      throw new AdminException(
          Problem.IN_USE,
          "",
          "",
          delete.snapshot(),
          "snapshot %s of %s is in use by %s; remove that first"
              .formatted(delete.snapshot(), delete.name(), String.join(", ", users)));
    }
  }

  /** Who has the disk mounted would not see it change. */
  private void requireNoSessions(String name, boolean force) {
    if (force) {
      return;
    }
    Model now = model.get();
    Set<String> units = new Stacks(now).unitsWith(name);
    List<String> users =
        now.of(Category.TARGET)
            .filter(target -> shows(now, target, units))
            .flatMap(target -> sessions.apply(target).stream())
            .toList();
    if (!users.isEmpty()) {
      throw new AdminException(
          Problem.IN_USE,
          "",
          "",
          name,
          "%s is in use by %s; with --force its content changes all the same, and they are told"
              .formatted(name, String.join(", ", users)));
    }
  }

  /** Whether initiators find one of the units in a target, by its LUN map or an access rule's. */
  private static boolean shows(Model now, Entry target, Set<String> units) {
    return Stream.concat(
            Stream.of(target),
            now.of(Category.LOGIN).filter(rule -> References.about(rule, target)))
        .flatMap(LunMapping::of)
        .anyMatch(mapping -> units.contains(mapping.lu()));
  }

  private Duration commit(ContentControl content, ContentChange.Commit commit) throws IOException {
    Model now = model.get();
    Stacks stacks = new Stacks(now);
    Entry overlay = stacks.keeper(commit.name());
    String base = overlay.text("base");
    List<String> others =
        stacks.on(base).stream()
            .filter(other -> !other.pid().equals(overlay.pid()))
            .map(Entry::name)
            .toList();
    if (!base.isEmpty() && !others.isEmpty()) {
      throw new AdminException(
          Problem.IN_USE,
          overlay.pid(),
          "base",
          base,
          "'%s' is also the base of %s, which would change with it"
              .formatted(base, String.join(", ", others)));
    }
    content.commit(commit.name(), commit.detach());
    if (commit.detach()) {
      // First, because nobody may write to what is still a base.
      List<Change> changes = new ArrayList<>();
      changes.add(new Change.Remove(Category.STORE.word(), overlay.name(), true));
      changes.addAll(moved(now, overlay.name(), base));
      apply.accept(changes);
    }
    return Duration.ZERO;
  }

  /** Whoever shows a store's data as they are shows those of another store. */
  private static List<Change> moved(Model model, String from, String to) {
    var changes = new ArrayList<Change>();
    Stream.concat(model.of(Category.LU), model.of(Category.STORE))
        .filter(user -> user.text("store").equals(from))
        .forEach(user ->
            changes.add(new Change.Update(user.typePid(), user.name(), Map.of("store", to))));
    return changes;
  }

  private Duration cover(ContentControl content, ContentChange.Cover cover) {
    Model now = model.get();
    now.require(Category.LU.word(), cover.unit());
    Entry store = new Stacks(now).keeper(cover.unit());
    List<Change> changes = moved(now, store.name(), cover.overlay());
    var values = new LinkedHashMap<>(cover.values());
    values.put("base", store.name());
    changes.add(new Change.Create(Stacks.OVERLAY, cover.overlay(), values));
    apply.accept(changes);
    for (int look = 0; look < LOOKS; look++) {
      if (content.keepsSnapshots(cover.unit())) {
        return Duration.ZERO;
      }
      pause();
    }
    List<Change> back = new ArrayList<>();
    back.add(new Change.Remove(Category.STORE.word(), cover.overlay(), true));
    back.addAll(moved(model.get(), cover.overlay(), store.name()));
    apply.accept(back);
    throw failed(
        "the overlay %s did not come up on store %s, which is used as before"
            .formatted(cover.overlay(), store.name()));
  }

  private static void pause() {
    try {
      Thread.sleep(LOOK_MILLISECONDS);
    } catch (InterruptedException end) {
      Thread.currentThread().interrupt();
    }
  }
}
