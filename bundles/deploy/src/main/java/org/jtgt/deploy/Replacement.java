// SPDX-License-Identifier: Apache-2.0
package org.jtgt.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts a jar in place of what runs under its symbolic name. What depended on it must be as well
 * afterwards as before, else what ran before runs again: the last jar that was fit is kept for
 * that.
 */
final class Replacement {
  private static final Logger LOG = LoggerFactory.getLogger("org.jtgt.deploy");

  /** What became of a jar. */
  enum Outcome {
    /** It runs. */
    RUNS,
    /** It is installed and does not start: another jar may bring what it needs. */
    WAITS,
    /** What ran before runs. */
    REFUSED
  }

  /**
   * @param reason why it does not run; of one that runs what is wrong with it; empty for nothing
   */
  record Result(Outcome outcome, String reason) {}

  private final Container container;
  private final DeployedBundles deployed;
  private final Health health;
  private volatile boolean rollBack = true;
  private volatile Duration settleTime = Duration.ofSeconds(10);

  Replacement(Container container, DeployedBundles deployed, Health health) {
    this.container = container;
    this.deployed = deployed;
    this.health = health;
  }

  /**
   * @param unfitGoesBack whether the version before comes back when what depends on a bundle does
   *     not survive its upgrade
   * @param patience how long it may take
   */
  void unfitUpgrades(boolean unfitGoesBack, Duration patience) {
    rollBack = unfitGoesBack;
    settleTime = patience;
  }

  /**
   * Puts the jar in place.
   *
   * @param force also when something would be lost thereby
   * @throws IOException when what is kept of it cannot be written
   */
  Result put(Jar jar, boolean force) throws IOException {
    String name = jar.symbolicName();
    boolean installed = container.installed(name);
    Set<String> concerned = container.concerned(name);
    Optional<String> lost = force ? Optional.empty() : lost(concerned);
    if (lost.isPresent()) {
      return new Result(Outcome.REFUSED, lost.get());
    }
    Set<String> dependents = health.wellWith(concerned);
    try {
      if (installed) {
        container.update(name, jar.path());
      } else {
        container.install(name, jar.path());
      }
      container.start(name);
    } catch (Container.Failure e) {
      if (!installed && !anotherIsKept(jar)) {
        return new Result(Outcome.WAITS, String.valueOf(e.getMessage()));
      }
      restore(name);
      return new Result(Outcome.REFUSED, String.valueOf(e.getMessage()));
    }
    Optional<String> unfit = health.problem(dependents, settleTime);
    if (unfit.isPresent() && rollBack) {
      deployed.refuse(jar);
      restore(name);
      return new Result(Outcome.REFUSED, unfit.get());
    }
    return new Result(Outcome.RUNS, unfit.map(what -> "stays, though " + what).orElse(""));
  }

  private boolean anotherIsKept(Jar jar) throws IOException {
    Path kept = deployed.kept(jar.symbolicName());
    return Files.exists(kept) && !Jar.digest(kept).equals(jar.digest());
  }

  /** What would be lost if a bundle were replaced or taken away now, in one line. */
  Optional<String> lostWith(String symbolicName) {
    return lost(container.concerned(symbolicName));
  }

  private Optional<String> lost(Set<String> concerned) {
    List<String> lost = concerned.isEmpty() ? List.of() : health.lostWithout(concerned);
    return lost.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "would be lost: "
                + String.join("; ", lost)
                + " (`jtgt update --force` replaces it all the same)");
  }

  private void restore(String name) {
    try {
      if (Files.exists(deployed.kept(name))) {
        runKept(name);
      } else {
        container.retire(name);
      }
      LOG.warn("{}: the version that ran before runs again", name);
    } catch (Container.Failure e) {
      LOG.warn("{}: the version that ran before does not start again: {}", name, e.getMessage());
    }
  }

  /** Runs the last jar of a name that was fit. */
  void runKept(String name) throws Container.Failure {
    if (container.installed(name)) {
      container.update(name, deployed.kept(name));
    } else {
      container.install(name, deployed.kept(name));
    }
    container.start(name);
  }

  /** Keeps a jar that is fit, whatever becomes of its file. */
  void keep(Jar jar) throws IOException {
    Path kept = deployed.kept(jar.symbolicName());
    Files.createDirectories(kept.getParent());
    // Whole or not at all: it is needed when something else has gone wrong.
    jar.copyTo(kept);
  }
}
