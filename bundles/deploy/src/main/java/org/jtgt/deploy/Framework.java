// SPDX-License-Identifier: Apache-2.0
package org.jtgt.deploy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.FrameworkWiring;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The OSGi framework as {@link Container}. What is wired to a bundle that is replaced stops before
 * it and starts after it, in the order of the start levels: the transport leaves before the engine,
 * the engine before the stores.
 */
final class Framework implements Container {
  private static final String LOCATION = "jtgt-deploy:";
  private static final long REFRESH_SECONDS = 60;
  private static final Logger LOG = LoggerFactory.getLogger("org.jtgt.deploy");
  private static final Comparator<Bundle> AS_THEY_START =
      Comparator.<Bundle>comparingInt(b -> b.adapt(BundleStartLevel.class).getStartLevel())
          .thenComparingLong(Bundle::getBundleId);

  private final BundleContext context;

  /**
   * Of which jar the content of each bundle is, that was not installed as it ships. It lies in the
   * framework's cache, so that it is gone when the bundles are: the state folder knows which jars
   * were deployed, this knows which of them the framework still has.
   */
  private final PropertyFile contents;

  /** Stopped for the sake of another bundle, the first to start first. */
  private final Deque<Bundle> stopped = new ArrayDeque<>();

  /**
   * @throws IOException when what the bundles contain cannot be read
   */
  Framework(BundleContext context) throws IOException {
    this.context = context;
    contents =
        new PropertyFile(
            context.getDataFile("contents").toPath(), "symbolic name = SHA-256 of its jar");
  }

  /** Resolves what can be, so that types of bundles in later start levels are known. */
  void resolveAll() {
    wiring().resolveBundles(null);
  }

  @Override
  public boolean installed(String symbolicName) {
    return find(symbolicName).isPresent();
  }

  @Override
  public boolean contains(Jar jar) {
    return installed(jar.symbolicName()) && contents.get(jar.symbolicName()).equals(jar.digest());
  }

  @Override
  public Set<String> concerned(String symbolicName) {
    return find(symbolicName).stream()
        .flatMap(bundle -> Stream.concat(Stream.of(bundle), dependents(bundle).stream()))
        .map(Bundle::getSymbolicName)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Override
  public void install(String symbolicName, Path jar) throws Failure {
    try (InputStream in = Files.newInputStream(jar)) {
      context.installBundle(LOCATION + symbolicName, in);
      contents.put(symbolicName, Jar.digest(jar));
    } catch (IOException | BundleException e) {
      throw failure(e);
    }
  }

  @Override
  public void update(String symbolicName, Path jar) throws Failure {
    Bundle bundle = require(symbolicName);
    if (bundle == context.getBundle() || dependents(bundle).contains(context.getBundle())) {
      throw new Failure(
          "cannot be replaced while jtgt runs, because the deployer stands on it: put the jar into"
              + " bundles/ and start jtgt again",
          null);
    }
    try (InputStream in = Files.newInputStream(jar)) {
      stop(bundle);
      contents.remove(symbolicName);
      bundle.update(in);
      contents.put(symbolicName, Jar.digest(jar));
    } catch (IOException | BundleException e) {
      throw failure(e);
    }
    refresh(bundle);
  }

  @Override
  public void start(String symbolicName) throws Failure {
    Bundle bundle = require(symbolicName);
    try {
      if (!isFragment(bundle)) {
        bundle.start();
      }
    } catch (BundleException e) {
      throw failure(e);
    }
    startStopped();
  }

  private static boolean isFragment(Bundle bundle) {
    BundleRevision revision = bundle.adapt(BundleRevision.class);
    return revision != null && (revision.getTypes() & BundleRevision.TYPE_FRAGMENT) != 0;
  }

  /** Starts what was stopped; what does not start stays due. */
  private void startStopped() throws Failure {
    while (!stopped.isEmpty()) {
      Bundle next = stopped.getFirst();
      try {
        if (next.getState() != Bundle.UNINSTALLED) {
          next.start(Bundle.START_TRANSIENT);
        }
      } catch (BundleException e) {
        throw new Failure(next.getSymbolicName() + ": " + failure(e).getMessage(), e);
      }
      stopped.removeFirst();
    }
  }

  @Override
  public void retire(String symbolicName) throws Failure {
    Optional<Bundle> found = find(symbolicName);
    if (found.isEmpty()) {
      return;
    }
    Bundle bundle = found.get();
    try {
      contents.remove(symbolicName);
      stop(bundle);
      if (isDropped(bundle)) {
        bundle.uninstall();
      } else {
        bundle.update();
      }
      refresh(bundle);
      if (!isDropped(bundle)) {
        bundle.start();
      }
    } catch (IOException | BundleException e) {
      throw failure(e);
    }
    startStopped();
  }

  private void stop(Bundle bundle) throws BundleException {
    for (Bundle each : dependents(bundle)) {
      if (each.getState() == Bundle.ACTIVE || each.getState() == Bundle.STARTING) {
        stopped.addFirst(each);
        each.stop(Bundle.STOP_TRANSIENT);
      }
    }
    bundle.stop(Bundle.STOP_TRANSIENT);
  }

  private static boolean isDropped(Bundle bundle) {
    return bundle.getLocation().startsWith(LOCATION);
  }

  /**
   * What is wired to a bundle, the last to start first. A dropped jar may have come to be wired to
   * what ships (Netty imports dynamically): for such a jar nothing that ships is stopped, it goes
   * on with the classes that it has.
   */
  private List<Bundle> dependents(Bundle bundle) {
    List<Bundle> others =
        wiring().getDependencyClosure(List.of(bundle)).stream()
            .filter(other -> other != bundle && !isFragment(other))
            .sorted(AS_THEY_START.reversed())
            .toList();
    return isDropped(bundle) && !others.stream().allMatch(Framework::isDropped)
        ? List.of()
        : others;
  }

  /** Refreshes that bundle and what is wired to it, nothing else; see {@link #dependents}. */
  private void refresh(Bundle bundle) {
    if (isDropped(bundle)) {
      List<String> shipped =
          wiring().getDependencyClosure(List.of(bundle)).stream()
              .filter(each -> !isDropped(each))
              .map(Bundle::getSymbolicName)
              .sorted()
              .toList();
      if (!shipped.isEmpty()) {
        LOG.warn(
            "{}: {} use it as it was before, until the next start",
            bundle.getSymbolicName(),
            shipped);
        return;
      }
    }
    var done = new CountDownLatch(1);
    wiring().refreshBundles(List.of(bundle), event -> done.countDown());
    try {
      done.await(REFRESH_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
  }

  private FrameworkWiring wiring() {
    return context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).adapt(FrameworkWiring.class);
  }

  private Bundle require(String symbolicName) throws Failure {
    return find(symbolicName)
        .orElseThrow(() -> new Failure("the bundle " + symbolicName + " is not installed", null));
  }

  private Optional<Bundle> find(String symbolicName) {
    return Arrays.stream(context.getBundles())
        .filter(b -> symbolicName.equals(b.getSymbolicName()))
        .findFirst();
  }

  /** One line: the framework's own texts go on with nested causes. */
  private static Failure failure(Exception e) {
    Throwable cause = e;
    // The activator's own exception says more than the framework's "activator error".
    if (e instanceof BundleException b
        && b.getType() == BundleException.ACTIVATOR_ERROR
        && b.getCause() != null) {
      cause = b.getCause();
    }
    String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    // The framework says it twice.
    int again = message.indexOf(" Unresolved requirements: ");
    String once = again < 0 ? message : message.substring(0, again);
    return new Failure(once.lines().findFirst().orElse(once), e);
  }
}
