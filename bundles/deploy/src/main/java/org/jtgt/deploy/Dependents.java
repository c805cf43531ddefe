// SPDX-License-Identifier: Apache-2.0
package org.jtgt.deploy;

import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jtgt.admin.Admin;
import org.jtgt.admin.Category;
import org.jtgt.admin.ManagedObject;
import org.jtgt.admin.ObjectType;
import org.jtgt.state.StateSource;

/**
 * What depends on bundles: the objects of their types, what stands on stores among them, and the
 * logical units that use those. An upgrade is good when all of them are as well as before.
 */
final class Dependents implements Health {
  private static final Set<String> WELL = Set.of("active", "idle", "ready", "listening");
  private static final Set<String> LOST = Set.of("failed", "refused");

  /** Where these go, the sessions go. */
  private static final Set<Category> CARRY_SESSIONS =
      EnumSet.of(Category.LU, Category.TARGET, Category.PORTAL);

  private static final Duration LOOK = Duration.ofMillis(50);

  /** So long a state may be a moment in between: a component that is tried again. */
  private static final Duration MOMENT = Duration.ofMillis(1500);

  private final Admin admin;

  Dependents(Admin admin) {
    this.admin = admin;
  }

  @Override
  public List<String> lostWithout(Set<String> symbolicNames) {
    boolean sessionsEnd =
        admin.types().stream()
            .anyMatch(type ->
                symbolicNames.contains(type.bundle()) && CARRY_SESSIONS.contains(type.category()));
    if (!sessionsEnd) {
      return List.of();
    }
    return admin.live("lu").stream()
        .filter(row -> row.values().containsKey(StateSource.UNSAVED))
        .map(row -> "logical unit " + row.name() + ": " + row.values().get(StateSource.UNSAVED))
        .toList();
  }

  @Override
  public Set<String> wellWith(Set<String> symbolicNames) {
    Set<String> types =
        admin.types().stream()
            .filter(type -> symbolicNames.contains(type.bundle()))
            .map(ObjectType::pid)
            .collect(Collectors.toSet());
    List<ManagedObject> objects = admin.objects();
    Set<ManagedObject> found =
        objects.stream()
            .filter(object -> types.contains(object.typePid()))
            .collect(Collectors.toCollection(HashSet::new));
    while (found.addAll(users(objects, found))) {
      continue;
    }
    return found.stream()
        .filter(object -> WELL.contains(object.state()))
        .map(ManagedObject::pid)
        .collect(Collectors.toSet());
  }

  /** The stores and logical units that name one of the stores found. */
  private static List<ManagedObject> users(List<ManagedObject> objects, Set<ManagedObject> found) {
    Set<String> stores =
        found.stream()
            .filter(object -> object.category() == Category.STORE)
            .map(ManagedObject::name)
            .collect(Collectors.toSet());
    return objects.stream()
        .filter(object -> object.category() == Category.STORE || object.category() == Category.LU)
        .filter(object ->
            stores.contains(object.values().getOrDefault("store", ""))
                || stores.contains(object.values().getOrDefault("base", "")))
        .toList();
  }

  @Override
  public Optional<String> problem(Set<String> pids, Duration patience) {
    long begun = System.nanoTime();
    while (true) {
      Optional<ManagedObject> unwell =
          admin.objects().stream()
              .filter(object -> pids.contains(object.pid()) && !WELL.contains(object.state()))
              .findFirst();
      if (unwell.isEmpty()) {
        return Optional.empty();
      }
      ManagedObject object = unwell.get();
      Duration waited = Duration.ofNanos(System.nanoTime() - begun);
      boolean lost = LOST.contains(object.state()) && waited.compareTo(MOMENT) > 0;
      if (lost || waited.compareTo(patience) > 0) {
        return Optional.of("%s is %s: %s".formatted(object.pid(), object.state(), object.reason()));
      }
      try {
        Thread.sleep(LOOK);
      } catch (InterruptedException stopping) {
        Thread.currentThread().interrupt();
        return Optional.empty();
      }
    }
  }
}
