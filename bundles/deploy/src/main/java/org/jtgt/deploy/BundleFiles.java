// SPDX-License-Identifier: Apache-2.0
package org.jtgt.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jtgt.state.StateRow;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the deployed bundles equal to the jars in {@code deploy/}: one bundle for a symbolic name,
 * of the jar that came last. {@link Replacement} decides whether a newer one stays.
 */
final class BundleFiles {
  private static final Logger LOG = LoggerFactory.getLogger("org.jtgt.deploy");

  private record Known(Folder.Stamp stamp, Optional<Jar> jar, String problem) {}

  private final Container container;
  private final DeployedBundles deployed;
  private final Map<Path, Known> known = new ConcurrentSkipListMap<>();
  private final Set<String> unstarted = new LinkedHashSet<>();
  private final Map<String, String> postponed = new HashMap<>();
  private final Set<String> forced = ConcurrentHashMap.newKeySet();
  private final Replacement replacement;

  BundleFiles(Container container, DeployedBundles deployed, Replacement replacement) {
    this.container = container;
    this.deployed = deployed;
    this.replacement = replacement;
  }

  /** A jar of that digest is taken also when something would be lost thereby. */
  void force(String digest) {
    forced.add(digest);
  }

  /** Why a jar is not in use; empty when it is, or is not known. */
  String problem(Path file) {
    Known k = known.get(file);
    return k == null ? "" : k.problem();
  }

  /** What would be lost if a bundle were taken away now. */
  Optional<String> lostWith(String symbolicName) {
    return replacement.lostWith(symbolicName);
  }

  /** The jars of a symbolic name that lie there. */
  List<Path> files(String symbolicName) {
    return known.values().stream()
        .filter(k -> named(k, symbolicName))
        .flatMap(k -> k.jar().stream())
        .map(Jar::path)
        .toList();
  }

  /** Applies what changed in the folder since the last call. */
  void reconcile(Folder.Look look) {
    var fresh = new ArrayList<Jar>();
    look.complete()
        .forEach((file, stamp) -> {
          Known k = known.get(file);
          if (k == null || !k.stamp().equals(stamp)) {
            read(file, stamp).ifPresent(fresh::add);
          }
        });
    // At the start several jars of one name may be there: the newest version is the last.
    fresh.sort(Comparator.comparing(Jar::symbolicName).thenComparing(Jar::version));
    boolean changed = !fresh.isEmpty();
    lastOfEachName(fresh).forEach(this::take);
    for (Path file : List.copyOf(known.keySet())) {
      if (!look.has(file)) {
        changed = true;
        Known gone = knownOf(file);
        known.remove(file);
        gone.jar().ifPresent(this::retire);
      }
    }
    for (String name : deployed.names()) {
      if (known.values().stream().noneMatch(k -> named(k, name)) && !unreadable(look, name)) {
        changed = true;
        retire(name, deployed.jar(name).map(Path::toString).orElse(name));
      }
    }
    if (changed) {
      List.copyOf(unstarted).forEach(this::start);
    }
  }

  /** Whether the file of a bundle is there, but being written, damaged, or not to be read now. */
  private boolean unreadable(Folder.Look look, String name) {
    return deployed
        .jar(name)
        .filter(file -> {
          Known k = known.get(file);
          return look.incomplete().containsKey(file)
              || (look.has(file) && (k == null || k.jar().isEmpty()));
        })
        .isPresent();
  }

  private static boolean named(Known k, String name) {
    return k.jar().filter(jar -> jar.symbolicName().equals(name)).isPresent();
  }

  /** One row a jar: whether it runs, and why not. */
  List<StateRow> rows() {
    var rows = new ArrayList<StateRow>();
    known.forEach((file, k) -> {
      var values = new LinkedHashMap<String, Object>();
      boolean inUse =
          k.jar().filter(j -> deployed.isDeployed(j.symbolicName(), j.digest())).isPresent();
      values.put("file", k.problem().isEmpty() ? (inUse ? "applied" : "superseded") : "refused");
      k.jar().ifPresent(jar -> values.put("bundle", jar.symbolicName()));
      k.jar().ifPresent(jar -> values.put("version", jar.version().toString()));
      values.put("reason", k.problem());
      rows.add(new StateRow(file.toString(), "", values));
    });
    return rows;
  }

  private Optional<Jar> read(Path file, Folder.Stamp stamp) {
    try {
      Jar jar = Jar.read(file);
      known.put(file, new Known(stamp, Optional.of(jar), ""));
      return Optional.of(jar);
    } catch (IOException e) {
      known.put(file, new Known(stamp, Optional.empty(), String.valueOf(e.getMessage())));
      LOG.warn("{}: refused: {}", file, e.getMessage());
      return Optional.empty();
    }
  }

  private List<Jar> lastOfEachName(List<Jar> sorted) {
    Map<String, Jar> last = new TreeMap<>();
    Map<String, Path> current = new HashMap<>();
    for (String name : deployed.names()) {
      deployed.jar(name).ifPresent(path -> current.put(name, path));
    }
    for (Jar jar : sorted) {
      Jar other = last.get(jar.symbolicName());
      // What was in use when the container stopped stays in use.
      if (other == null || !other.path().equals(current.get(jar.symbolicName()))) {
        last.put(jar.symbolicName(), jar);
      }
    }
    return List.copyOf(last.values());
  }

  private void take(Jar jar) {
    String name = jar.symbolicName();
    boolean force = forced.remove(jar.digest());
    boolean installed = container.installed(name);
    try {
      if (deployed.isRefused(jar) && !force) {
        problem(jar, "is not taken: its stores did not survive it before");
        if (Files.exists(deployed.kept(name))) {
          replacement.runKept(name);
        }
      } else if (container.contains(jar) && deployed.isDeployed(name, jar.digest())) {
        deployed.remember(jar);
        start(name, jar);
      } else {
        took(jar, installed, replacement.put(jar, force));
      }
    } catch (Container.Failure e) {
      problem(jar, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      problem(jar, e.toString());
    }
  }

  private void took(Jar jar, boolean installed, Replacement.Result result) throws IOException {
    String name = jar.symbolicName();
    switch (result.outcome()) {
      case RUNS -> {
        unstarted.remove(name);
        if (!result.reason().isEmpty()) {
          LOG.warn("{}: {}", jar.path(), result.reason());
        }
        deployed.remember(jar);
        replacement.keep(jar);
        LOG.info(
            "{} {}: {} by {}",
            name,
            jar.version(),
            installed ? "updated" : "installed",
            jar.path());
      }
      case WAITS -> {
        problem(jar, result.reason());
        unstarted.add(name);
        deployed.remember(jar);
      }
      case REFUSED -> problem(jar, result.reason());
    }
  }

  private void start(String name) {
    known.values().stream()
        .filter(k -> named(k, name))
        .flatMap(k -> k.jar().stream())
        .findFirst()
        .ifPresent(jar -> start(name, jar));
  }

  private void start(String name, Jar jar) {
    try {
      container.start(name);
      if (unstarted.remove(name)) {
        LOG.info("{} {}: started", name, jar.version());
        replacement.keep(jar);
      }
      Known k = knownOf(jar.path());
      known.put(jar.path(), new Known(k.stamp(), k.jar(), ""));
    } catch (Container.Failure e) {
      unstarted.add(name);
      problem(jar, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      problem(jar, e.toString());
    }
  }

  private Known knownOf(Path file) {
    return Objects.requireNonNull(known.get(file), "a file that was read");
  }

  private void problem(Jar jar, String message) {
    Known before = knownOf(jar.path());
    if (!before.problem().equals(message)) {
      LOG.warn("{}: refused: {}", jar.path(), message);
      known.put(jar.path(), new Known(before.stamp(), before.jar(), message));
    }
  }

  private void retire(Jar jar) {
    String name = jar.symbolicName();
    if (!deployed.jar(name).filter(jar.path()::equals).isPresent()) {
      return;
    }
    Optional<Jar> other =
        known.values().stream()
            .filter(k -> named(k, name))
            .flatMap(k -> k.jar().stream())
            .max(Comparator.comparing(Jar::version));
    if (other.isPresent()) {
      take(other.get());
    } else {
      retire(name, jar.path().toString());
    }
  }

  /** What would be lost keeps a bundle until it is not: the next look tries again. */
  private void retire(String name, String file) {
    Optional<String> lost = forced.remove(name) ? Optional.empty() : lostWith(name);
    if (lost.isPresent()) {
      if (!lost.get().equals(postponed.put(name, lost.get()))) {
        LOG.warn("{}: its file {} is gone, but it stays: {}", name, file, lost.get());
      }
      return;
    }
    postponed.remove(name);
    unstarted.remove(name);
    try {
      container.retire(name);
      deployed.forget(name);
      Files.deleteIfExists(deployed.kept(name));
      LOG.info("{}: removed with {}", name, file);
    } catch (Container.Failure e) {
      LOG.warn("{}: its file {} is gone, but: {}", name, file, e.getMessage());
    } catch (IOException e) {
      LOG.warn("{}: cannot be forgotten: {}", name, e.toString());
    }
  }
}
