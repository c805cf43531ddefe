// SPDX-License-Identifier: Apache-2.0
package org.jtgt.deploy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;
import org.jtgt.admin.Admin;
import org.jtgt.admin.AdminException;
import org.jtgt.admin.AdminException.Problem;
import org.jtgt.admin.Category;
import org.jtgt.admin.Change;
import org.jtgt.admin.ManagedObject;
import org.jtgt.admin.ObjectType;
import org.jtgt.admin.Origin;
import org.jtgt.admin.Result;
import org.jtgt.state.StateRow;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the configurations that {@code .cfg} files make equal to the files. What a file made is
 * known from the origin in the configuration itself, so nothing else has to be remembered over a
 * restart.
 */
final class ConfigurationFiles {
  private static final Logger LOG = LoggerFactory.getLogger("org.jtgt.deploy");
  private static final String SUFFIX = ".cfg";
  private static final Duration RETRY = Duration.ofSeconds(1);

  /** So long after the first look a type may be missing unmentioned: its bundle is starting. */
  private static final Duration STARTING = Duration.ofSeconds(3);

  private enum Outcome {
    APPLIED,
    WAITING,
    REFUSED
  }

  private record Known(
      Folder.Stamp stamp, String pid, Outcome outcome, String problem, Instant when) {}

  private final Admin admin;
  private final Set<Path> watched;
  private final Clock clock;
  private final Map<Path, Known> known = new ConcurrentSkipListMap<>();
  private Optional<Instant> first = Optional.empty();

  /**
   * @param watched the folders, absolute
   */
  ConfigurationFiles(Admin admin, Set<Path> watched, Clock clock) {
    this.admin = admin;
    this.watched = Set.copyOf(watched);
    this.clock = clock;
  }

  /**
   * Applies what changed in the folders since the last call; the first call also removes the
   * objects whose file has vanished meanwhile.
   *
   * @param looks by folder; a folder that cannot be read is not among them
   */
  void reconcile(Map<Path, Folder.Look> looks) {
    boolean firstTime = first.isEmpty();
    if (firstTime) {
      first = Optional.of(clock.instant());
    }
    var due = new TreeMap<Path, Folder.Stamp>();
    looks
        .values()
        .forEach(look ->
            look.complete()
                .forEach((file, stamp) -> {
                  if (due(known.get(file), stamp)) {
                    due.put(file, stamp);
                  }
                }));
    // A renamed file keeps its object: taken before the old name is given up.
    inOrder(due.keySet()).forEach(file -> take(file, Objects.requireNonNull(due.get(file))));
    if (firstTime) {
      orphans(looks);
    }
    known.keySet().stream().filter(file -> vanished(looks, file)).toList().forEach(this::giveUp);
  }

  /** One row a file: whether it was applied, and why not. */
  List<StateRow> rows() {
    var rows = new ArrayList<StateRow>();
    known.forEach((file, k) -> {
      var values = new LinkedHashMap<String, Object>();
      values.put("file", k.outcome().name().toLowerCase(Locale.ROOT));
      values.put("reason", k.problem());
      rows.add(new StateRow(file.toString(), k.pid(), values));
    });
    return rows;
  }

  private boolean due(@Nullable Known k, Folder.Stamp stamp) {
    return k == null
        || !k.stamp().equals(stamp)
        || (k.outcome() != Outcome.APPLIED && !clock.instant().isBefore(k.when().plus(RETRY)));
  }

  /** Portals last: when one opens, what exists shall be reachable through it, for those who may. */
  private List<Path> inOrder(Iterable<Path> files) {
    Map<String, Category> categories = new LinkedHashMap<>();
    for (ObjectType type : admin.types()) {
      categories.put(type.pid(), type.category());
    }
    var sorted = new ArrayList<Path>();
    files.forEach(sorted::add);
    sorted.sort(
        Comparator.comparingInt((Path file) ->
            switch (categories.getOrDefault(pid(file), Category.OTHER)) {
              case SETTINGS, PORTGROUP, OTHER -> 0;
              case STORE -> 1;
              case LU -> 2;
              case TARGET -> 3;
              case LOGIN -> 4;
              case PORTAL -> 5;
            }));
    return sorted;
  }

  private void take(Path file, Folder.Stamp stamp) {
    String pid = stem(file).contains("-") ? pid(file) + "~" + name(file) : pid(file);
    try {
      Result result =
          admin.apply(
              List.of(new Change.Declare(pid(file), name(file), admin.read(file))),
              Origin.file(file));
      for (String changed : result.pids()) {
        LOG.info(
            "{}: {} by {}", changed, result.made().contains(changed) ? "made" : "changed", file);
      }
      result.warnings().forEach(LOG::warn);
      remember(file, new Known(stamp, pid, Outcome.APPLIED, "", clock.instant()), false);
    } catch (AdminException refused) {
      if (!Files.exists(file)) {
        return;
      }
      boolean unknownType = refused.problem() == Problem.UNKNOWN_TYPE;
      Outcome outcome = unknownType ? Outcome.WAITING : Outcome.REFUSED;
      String message = String.valueOf(refused.getMessage());
      boolean quiet = unknownType && clock.instant().isBefore(first.orElseThrow().plus(STARTING));
      remember(file, new Known(stamp, pid, outcome, message, clock.instant()), !quiet);
    }
  }

  private void remember(Path file, Known now, boolean tell) {
    Known before = known.put(file, now);
    boolean told = before != null && before.problem().equals(now.problem()) && !untold(before);
    if (tell && !told) {
      LOG.warn(
          "{}: {}: {}",
          file,
          now.outcome() == Outcome.WAITING ? "waits" : "refused",
          now.problem());
    }
  }

  /** A type that was missing at the start is mentioned when the time for it is over. */
  private boolean untold(Known before) {
    return before.outcome() == Outcome.WAITING
        && before.when().isBefore(first.orElseThrow().plus(STARTING));
  }

  private static boolean vanished(Map<Path, Folder.Look> looks, Path file) {
    Folder.Look look = looks.get(file.getParent());
    return look != null && !look.has(file);
  }

  private void giveUp(Path file) {
    Known k = known.remove(file);
    if (k != null) {
      admin.object(pid(file), name(file)).ifPresent(object -> remove(object, file));
    }
  }

  private void orphans(Map<Path, Folder.Look> looks) {
    for (ManagedObject object : admin.objects()) {
      if (object.origin().kind() == Origin.Kind.FILE) {
        Path file = Path.of(object.origin().source());
        // A folder that cannot be read now says nothing about its files.
        boolean unknown =
            watched.contains(file.getParent()) && !looks.containsKey(file.getParent());
        if (!Files.exists(file) && !unknown) {
          remove(object, file);
        }
      }
    }
  }

  private void remove(ManagedObject object, Path file) {
    Origin origin = Origin.file(file);
    if (!object.origin().equals(origin)) {
      return;
    }
    try {
      Result result =
          admin.apply(List.of(new Change.Remove(object.typePid(), object.name(), true)), origin);
      LOG.info("{}: removed with {}", object.pid(), file);
      result.warnings().forEach(LOG::warn);
    } catch (AdminException e) {
      LOG.warn("{}: its file {} is gone, but: {}", object.pid(), file, e.getMessage());
    }
  }

  /** PIDs contain no {@code -}: the first one separates PID and name. */
  private static String pid(Path file) {
    String stem = stem(file);
    int dash = stem.indexOf('-');
    return dash < 0 ? stem : stem.substring(0, dash);
  }

  private static String name(Path file) {
    String stem = stem(file);
    int dash = stem.indexOf('-');
    return dash < 0 ? stem.substring(stem.lastIndexOf('.') + 1) : stem.substring(dash + 1);
  }

  private static String stem(Path file) {
    String name = file.getFileName().toString();
    return name.substring(0, name.length() - SUFFIX.length());
  }
}
