// SPDX-License-Identifier: Apache-2.0
package org.jtgt.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jtgt.admin.AdminException;
import org.jtgt.admin.AdminException.Problem;
import org.jtgt.admin.Bundles;

/**
 * Bundles by command: the jar is put into {@code deploy/} and taken from there at once, on the
 * deployer's own thread, so that a command and a dropped file are one and the same.
 */
final class BundleCommands implements Bundles {
  private static final long PATIENCE_SECONDS = 120;

  private final Supplier<Optional<Path>> folder;
  private final Container container;
  private final BundleFiles files;
  private final Runnable look;
  private final ExecutorService deployer;

  /**
   * @param folder {@code deploy/}; none while somebody else watches it
   * @param look looks at the folder once
   * @param deployer the thread that looks
   */
  BundleCommands(
      Supplier<Optional<Path>> folder,
      Container container,
      BundleFiles files,
      Runnable look,
      ExecutorService deployer) {
    this.folder = folder;
    this.container = container;
    this.files = files;
    this.look = look;
    this.deployer = deployer;
  }

  @Override
  public String install(Path jar) {
    return onDeployer(() -> {
      Jar read = read(jar);
      if (container.installed(read.symbolicName())) {
        throw refused(Problem.EXISTS, "%s is installed; `update` replaces it", read.symbolicName());
      }
      return put(read, "installed");
    });
  }

  @Override
  public String update(Path jar, boolean force) {
    return onDeployer(() -> {
      Jar read = read(jar);
      if (!container.installed(read.symbolicName())) {
        throw refused(
            Problem.NOT_FOUND, "%s is not installed; `install` does that", read.symbolicName());
      }
      if (force) {
        files.force(read.digest());
      }
      return put(read, "updated");
    });
  }

  @Override
  public String uninstall(String symbolicName, boolean force) {
    return onDeployer(() -> {
      Path deploy = folder();
      List<Path> jars = files.files(symbolicName);
      if (jars.isEmpty()) {
        throw refused(Problem.NOT_FOUND, "no jar in %s is of %s", deploy, symbolicName);
      }
      if (force) {
        files.force(symbolicName);
      } else {
        files
            .lostWith(symbolicName)
            .ifPresent(lost -> {
              throw refused(Problem.IN_USE, "%s: %s", symbolicName, lost);
            });
      }
      for (Path jar : jars) {
        // One that an update has replaced may be known for a moment longer than it is there.
        Files.deleteIfExists(jar);
      }
      for (int i = 0; i < Folder.LOOKS_UNTIL_GONE; i++) {
        look.run();
      }
      return symbolicName
          + (container.installed(symbolicName) ? ": runs as it ships" : ": uninstalled");
    });
  }

  private Jar read(Path jar) throws IOException {
    if (!jar.isAbsolute()) {
      throw refused(Problem.BAD_VALUE, "%s; allowed: an absolute path of a jar", jar);
    }
    if (!Files.isRegularFile(jar)) {
      throw refused(Problem.NOT_FOUND, "there is no file %s", jar);
    }
    try {
      return Jar.read(jar);
    } catch (IOException e) {
      throw refused(Problem.BAD_VALUE, "%s %s", jar, String.valueOf(e.getMessage()));
    }
  }

  private Path folder() {
    return folder
        .get()
        .orElseThrow(() ->
            refused(
                Problem.STORAGE,
                "no folder for bundles is configured, or Felix FileInstall watches it"));
  }

  /** Beside what lies there of that name, which goes when the new one runs. */
  private String put(Jar jar, String done) throws IOException {
    String name = jar.symbolicName();
    Path target = folder().resolve(name + "-" + jar.version() + ".jar");
    final List<Path> before = files.files(name);
    if (!jar.path().equals(target)) {
      jar.copyTo(target);
    }
    // A file is taken when it looks the same twice.
    look.run();
    look.run();
    String problem = files.problem(target);
    if (!problem.isEmpty()) {
      if (!before.contains(target)) {
        Files.delete(target);
      }
      throw refused(Problem.IN_USE, "%s %s: %s", name, jar.version(), problem);
    }
    for (Path old : before) {
      if (!old.equals(target)) {
        Files.deleteIfExists(old);
      }
    }
    return "%s %s: %s".formatted(name, jar.version(), done);
  }

  private String onDeployer(Callable<String> work) {
    try {
      return deployer.submit(work).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof AdminException refusal) {
        throw refusal;
      }
      throw new AdminException(Problem.STORAGE, "", "", "", String.valueOf(e.getCause()));
    } catch (TimeoutException e) {
      throw refused(Problem.IN_USE, "not done within %d s; the log tells more", PATIENCE_SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw refused(Problem.IN_USE, "interrupted");
    }
  }

  private static AdminException refused(Problem problem, String text, Object... parts) {
    return new AdminException(problem, "", "", "", text.formatted(parts));
  }
}
