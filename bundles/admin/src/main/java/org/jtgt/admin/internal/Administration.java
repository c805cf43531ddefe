// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jtgt.admin.Admin;
import org.jtgt.admin.Attribute;
import org.jtgt.admin.Change;
import org.jtgt.admin.ContentChange;
import org.jtgt.admin.ManagedObject;
import org.jtgt.admin.ObjectType;
import org.jtgt.admin.Origin;
import org.jtgt.admin.Result;
import org.jtgt.admin.ValueType;
import org.jtgt.state.ContentControl;
import org.jtgt.state.StateRow;

/**
 * The administration as plain Java. One lock serialises changes; reading waits for none of them.
 */
final class Administration implements Admin {
  private static final long PAUSE_MILLISECONDS = 20;

  private final Inventory inventory;
  private final Configurations configurations;
  private final Supplier<Map<String, Condition>> components;
  private final LiveState live;
  private final Checks checks;
  private final ContentChanges content;
  private final Takeover takeover;
  private final Turn turn = new Turn(System::nanoTime);

  /**
   * @param inventory the configurations and the installed types
   * @param configurations where configurations are stored
   * @param components how components are, by PID
   * @param changed how a component is after a change, see {@link Takeover}
   * @param live what bundles publish
   * @param checks what bundles say to values
   * @param control who serves the logical units
   */
  Administration(
      Inventory inventory,
      Configurations configurations,
      Supplier<Map<String, Condition>> components,
      BiFunction<Entry, Entry, Optional<Condition>> changed,
      LiveState live,
      Checks checks,
      Supplier<Optional<ContentControl>> control) {
    this.inventory = inventory;
    this.configurations = configurations;
    this.components = components;
    this.live = live;
    this.checks = checks;
    takeover = new Takeover(changed, this::condition, PAUSE_MILLISECONDS);
    content =
        new ContentChanges(
            control, inventory::model, changes -> apply(changes, Origin.COMMAND), live::sessions);
  }

  @Override
  public List<ObjectType> types() {
    return List.copyOf(inventory.types());
  }

  @Override
  public ObjectType type(String word) {
    return new Model(inventory.types(), List.of()).type(word);
  }

  @Override
  public List<ManagedObject> objects() {
    Model model = inventory.model();
    Map<String, Condition> component = components.get();
    Map<String, Condition> published = live.conditions();
    Map<String, String> notes = live.notes();
    return model.entries().stream()
        .sorted(
            Comparator.comparing(Entry::category)
                .thenComparing(Entry::name)
                .thenComparing(Entry::pid))
        .map(entry -> show(model, entry, component, published, notes))
        .toList();
  }

  @Override
  public Optional<ManagedObject> object(String type, String name) {
    Model model = inventory.model();
    return model
        .find(type, name)
        .map(entry -> show(model, entry, components.get(), live.conditions(), live.notes()));
  }

  @Override
  public Result apply(List<Change> changes, Origin origin) {
    var warnings = new ArrayList<String>();
    return turn.take(changes, origin, warnings, () -> carryOut(changes, origin, warnings));
  }

  @Override
  public Optional<String> underWay() {
    return turn.underWay();
  }

  private Result carryOut(List<Change> changes, Origin origin, List<String> warnings) {
    configurations.finish();
    Model before = inventory.model();
    Model after = before.copy();
    var steps = new Steps(after, origin, warnings, live::sessions);
    Set<String> touched = new LinkedHashSet<>();
    changes.forEach(change -> touched.add(steps.carryOut(MadeByFile.asItIsNow(change, origin))));
    // Only now, because a later change may bring what an earlier one refers to.
    touched.forEach(pid -> after.get(pid).ifPresent(new References(after, warnings)::check));
    for (String pid : touched) {
      after
          .get(pid)
          .ifPresent(entry -> checks.check(after.installed(entry.typePid()), entry, origin));
    }
    for (String pid : touched) {
      after
          .get(pid)
          .flatMap(entry ->
              after
                  .installed(entry.typePid())
                  .flatMap(type -> OpenFiles.warning(type, entry, origin)))
          .ifPresent(warnings::add);
    }
    List<String> pids =
        takeover.carryOut(
            before, after, () -> configurations.store(before, after, origin), warnings);
    Set<String> made =
        pids.stream().filter(pid -> before.get(pid).isEmpty()).collect(Collectors.toSet());
    return new Result(pids, made, warnings);
  }

  @Override
  public Map<String, String> read(Path file) {
    return CfgFile.read(file);
  }

  @Override
  public Duration carryOut(ContentChange change) {
    return content.carryOut(change);
  }

  @Override
  public boolean keepsSnapshots(String name) {
    return content.keepsSnapshots(name);
  }

  @Override
  public List<StateRow> live(String kind) {
    return live.rows(kind);
  }

  /** How components are, by PID. */
  Map<String, Condition> conditions() {
    return components.get();
  }

  private ManagedObject show(
      Model model,
      Entry entry,
      Map<String, Condition> components,
      Map<String, Condition> published,
      Map<String, String> notes) {
    Optional<ObjectType> type = model.installed(entry.typePid());
    var values = new LinkedHashMap<>(entry.texts());
    type.ifPresent(t ->
        t.attributes().stream()
            .filter(a -> a.type() == ValueType.PASSWORD)
            .map(Attribute::key)
            .forEach(values::remove));
    Condition condition = condition(entry, type, components, published);
    String note = notes.getOrDefault(entry.pid(), "");
    var users = new ArrayList<>(References.users(model, entry));
    users.addAll(live.sessions(entry));
    return new ManagedObject(
        entry.pid(),
        entry.typePid(),
        type.map(ObjectType::word).orElse(entry.typePid()),
        entry.category(),
        entry.name(),
        values,
        entry.origin(),
        condition.state(),
        condition.reason().isEmpty() ? note : condition.reason(),
        users);
  }

  private Condition condition(Entry entry) {
    Optional<ObjectType> type =
        inventory.types().stream().filter(t -> t.pid().equals(entry.typePid())).findFirst();
    return condition(entry, type, components.get(), live.conditions());
  }

  private static Condition condition(
      Entry entry,
      Optional<ObjectType> type,
      Map<String, Condition> components,
      Map<String, Condition> published) {
    if (type.isEmpty()) {
      return new Condition(
          Condition.ABSENT, "no installed bundle offers the type " + entry.typePid());
    }
    Condition component = components.get(entry.pid());
    Condition own = published.get(entry.pid());
    if (component == null) {
      return own != null ? own : new Condition(Condition.WAITING, "not taken by its bundle yet");
    }
    return component.well() && own != null ? own : component;
  }
}
