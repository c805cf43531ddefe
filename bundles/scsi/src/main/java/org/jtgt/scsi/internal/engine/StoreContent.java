// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.CopyOnWrite;
import org.jtgt.backstore.Snapshots;
import org.jtgt.state.ContentControl;
import org.jtgt.state.StateRow;

/**
 * What an operator does to the content of stores while logical units use them: all units that show
 * a store, also through filters, are paused for it.
 */
public final class StoreContent implements ContentControl {
  /** So long the commands that run may take to end, before it is given up. */
  private static final Duration PAUSE_LIMIT = Duration.ofSeconds(10);

  private final Engine engine;

  public StoreContent(Engine engine) {
    this.engine = engine;
  }

  @Override
  public boolean keepsSnapshots(String name) {
    return find(name).flatMap(store -> store.adapt(Snapshots.class)).isPresent();
  }

  @Override
  public synchronized Duration takeSnapshot(List<String> names, String snapshot)
      throws IOException {
    Set<Snapshots> keepers = new LinkedHashSet<>();
    for (String name : names) {
      Snapshots keeper = snapshots(name);
      if (keeper.list().stream().anyMatch(known -> known.name().equals(snapshot))) {
        throw new IOException("%s has a snapshot %s already".formatted(name, snapshot));
      }
      if (keepers.add(keeper)) {
        // Most of what is not stable yet becomes so now, while I/O goes on.
        LastFlush.of(store(name), PAUSE_LIMIT, Runnable::run);
      }
    }
    Set<LogicalUnit> users = new LinkedHashSet<>();
    keepers.forEach(keeper -> users.addAll(usersOf(Snapshots.class, keeper)));
    return paused(users, false, () -> takeAll(keepers, snapshot));
  }

  private static void takeAll(Set<Snapshots> keepers, String snapshot) throws IOException {
    List<Snapshots> taken = new ArrayList<>();
    try {
      for (Snapshots keeper : keepers) {
        keeper.create(snapshot);
        taken.add(keeper);
      }
    } finally {
      if (taken.size() < keepers.size()) {
        for (Snapshots keeper : taken) {
          keeper.delete(snapshot);
        }
      }
    }
  }

  @Override
  public synchronized void deleteSnapshot(String name, String snapshot) throws IOException {
    snapshots(name).delete(snapshot);
  }

  @Override
  public synchronized Duration rollBack(String name, String snapshot) throws IOException {
    Snapshots keeper = snapshots(name);
    return paused(usersOf(Snapshots.class, keeper), true, () -> keeper.rollBack(snapshot));
  }

  @Override
  public synchronized void commit(String name, boolean writeThrough) throws IOException {
    overBase(name).commit(writeThrough);
  }

  @Override
  public synchronized Duration discard(String name) throws IOException {
    CopyOnWrite overBase = overBase(name);
    return paused(usersOf(CopyOnWrite.class, overBase), true, overBase::discard);
  }

  private Optional<Backstore> find(String name) {
    Optional<LogicalUnit> unit = engine.unit(name);
    return unit.isPresent() ? unit.get().store() : engine.store(name);
  }

  private Backstore store(String name) throws IOException {
    return find(name).orElseThrow(() -> new IOException(name + " has no store now"));
  }

  private Snapshots snapshots(String name) throws IOException {
    return store(name)
        .adapt(Snapshots.class)
        .orElseThrow(() -> new IOException("the store of " + name + " keeps no snapshots"));
  }

  private CopyOnWrite overBase(String name) throws IOException {
    return store(name)
        .adapt(CopyOnWrite.class)
        .orElseThrow(() -> new IOException("the store of " + name + " stands on no base"));
  }

  /** The units whose present store has this very capability, in the order of their names. */
  private <C> List<LogicalUnit> usersOf(Class<C> type, C capability) {
    return engine.units().stream()
        .filter(unit ->
            unit.store()
                .flatMap(store -> store.adapt(type))
                .filter(c -> c == capability)
                .isPresent())
        .sorted(Comparator.comparing(LogicalUnit::name))
        .toList();
  }

  private static Duration paused(
      Iterable<LogicalUnit> units, boolean newContent, StoreChoice.Action action)
      throws IOException {
    long begin = System.nanoTime();
    pauseNext(units.iterator(), newContent, action);
    return Duration.ofNanos(System.nanoTime() - begin);
  }

  private static void pauseNext(
      Iterator<LogicalUnit> units, boolean newContent, StoreChoice.Action action)
      throws IOException {
    if (units.hasNext()) {
      units
          .next()
          .choice()
          .whilePaused(PAUSE_LIMIT, newContent, () -> pauseNext(units, newContent, action));
    } else {
      action.run();
    }
  }

  /** One row for each snapshot that a store keeps. */
  List<StateRow> rows() {
    Map<Snapshots, String> keepers = new LinkedHashMap<>();
    for (String name : engine.storeNames()) {
      engine
          .store(name)
          .flatMap(store -> store.adapt(Snapshots.class))
          .ifPresent(keeper -> keepers.putIfAbsent(keeper, name));
    }
    List<StateRow> rows = new ArrayList<>();
    keepers.forEach((keeper, store) -> {
      List<LogicalUnit> users = usersOf(Snapshots.class, keeper);
      rows.addAll(rows(keeper, store, users.stream().map(LogicalUnit::name).toList()));
    });
    return rows;
  }

  private static List<StateRow> rows(Snapshots keeper, String store, List<String> units) {
    try {
      return keeper.list().stream()
          .map(snapshot -> {
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("lu", units);
            values.put("store", store);
            values.put("snapshot", snapshot.name());
            values.put("created", snapshot.created());
            String shown = units.isEmpty() ? store : units.getFirst();
            return new StateRow(shown + "@" + snapshot.name(), "", values);
          })
          .toList();
    } catch (IOException unreadable) {
      return List.of(
          new StateRow(store + "@", "", Map.of("store", store, "reason", unreadable.toString())));
    }
  }
}
