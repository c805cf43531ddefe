// SPDX-License-Identifier: Apache-2.0
package org.jtgt.deploy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.FrameworkWiring;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The OSGi framework as {@link Container}. */
final class Framework implements Container {
  private static final String LOCATION = "jtgt-deploy:";
  private static final long REFRESH_SECONDS = 60;
  private static final Logger LOG = LoggerFactory.getLogger("org.jtgt.deploy");

  private final BundleContext context;

  Framework(BundleContext context) {
    this.context = context;
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
  public void install(String symbolicName, Path jar) throws Failure {
    try (InputStream in = Files.newInputStream(jar)) {
      context.installBundle(LOCATION + symbolicName, in);
    } catch (IOException | BundleException e) {
      throw failure(e);
    }
  }

  @Override
  public void update(String symbolicName, Path jar) throws Failure {
    Bundle bundle = require(symbolicName);
    try (InputStream in = Files.newInputStream(jar)) {
      bundle.stop(Bundle.STOP_TRANSIENT);
      bundle.update(in);
    } catch (IOException | BundleException e) {
      throw failure(e);
    }
    refresh(bundle);
  }

  @Override
  public void start(String symbolicName) throws Failure {
    Bundle bundle = require(symbolicName);
    BundleRevision revision = bundle.adapt(BundleRevision.class);
    if (revision != null && (revision.getTypes() & BundleRevision.TYPE_FRAGMENT) != 0) {
      return;
    }
    try {
      bundle.start();
    } catch (BundleException e) {
      throw failure(e);
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
      if (bundle.getLocation().startsWith(LOCATION)) {
        bundle.uninstall();
        refresh(bundle);
      } else {
        bundle.stop(Bundle.STOP_TRANSIENT);
        bundle.update();
        refresh(bundle);
        bundle.start();
      }
    } catch (BundleException e) {
      throw failure(e);
    }
  }

  /**
   * Refreshes that bundle and what is wired to it, nothing else. A dropped jar may have come to be
   * wired to what ships (Netty imports dynamically); for such a jar nothing that ships is stopped:
   * it goes on with the classes that it has.
   */
  private void refresh(Bundle bundle) {
    if (bundle.getLocation().startsWith(LOCATION)) {
      List<String> shipped =
          wiring().getDependencyClosure(List.of(bundle)).stream()
              .filter(each -> !each.getLocation().startsWith(LOCATION))
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
    return new Failure(message.lines().findFirst().orElse(message), e);
  }
}
