// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.apache.felix.framework.FrameworkFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.startlevel.FrameworkStartLevel;
import org.osgi.framework.wiring.FrameworkWiring;

/** The walls between the bundles (docs/architecture.md): who may know whom, and who is missed. */
class BundlesTest {
  private static final Path BUNDLES = Path.of(System.getProperty("jtgt.distribution"), "bundles");
  private static final String STORES = "org.jtgt.backstore.";
  private static final String FILTER = "org.jtgt.backstore.filter";

  @TempDir Path cache;

  static Stream<String> ours() throws IOException {
    return jars().keySet().stream().filter(name -> name.startsWith("org.jtgt.")).sorted();
  }

  /** Those that no other bundle needs. */
  static Stream<String> capabilities() throws IOException {
    return ours().filter(name -> others().noneMatch(other -> mayKnow(other).test(name)));
  }

  private static Stream<String> others() {
    try {
      return ours();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Map<String, Path> jars() throws IOException {
    Map<String, Path> jars = new HashMap<>();
    try (Stream<Path> files = Files.list(BUNDLES)) {
      for (Path file : files.toList()) {
        try (JarFile jar = new JarFile(file.toFile())) {
          String name =
              jar.getManifest().getMainAttributes().getValue(Constants.BUNDLE_SYMBOLICNAME);
          jars.put(name.split(";", 2)[0].strip(), file);
        }
      }
    }
    return jars;
  }

  /**
   * The arrows of docs/architecture.md, transitively; {@code state} and the contract are for all.
   */
  private static Predicate<String> mayKnow(String bundle) {
    Set<String> known =
        switch (bundle) {
          case "org.jtgt.backstore", "org.jtgt.state" -> Set.of();
          case "org.jtgt.scsi", FILTER, "org.jtgt.admin" ->
              Set.of("org.jtgt.backstore", "org.jtgt.state");
          case "org.jtgt.iscsi" -> Set.of("org.jtgt.backstore", "org.jtgt.state", "org.jtgt.scsi");
          default ->
              bundle.startsWith(STORES)
                  ? Set.of("org.jtgt.backstore", "org.jtgt.state", FILTER)
                  : Set.of(
                      "org.jtgt.backstore",
                      "org.jtgt.state",
                      "org.jtgt.admin",
                      "org.jtgt.scsi",
                      "org.jtgt.iscsi");
        };
    return name -> known.contains(name) && !name.equals(bundle);
  }

  private Framework framework(Predicate<String> which) throws IOException, BundleException {
    Map<String, String> settings = new HashMap<>();
    settings.put(Constants.FRAMEWORK_STORAGE, cache.resolve("framework").toString());
    settings.put(Constants.FRAMEWORK_STORAGE_CLEAN, Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
    settings.put("felix.service.urlhandlers", "false");
    settings.put("org.jtgt.state.dir", cache.resolve("state").toString());
    settings.put("gosh.args", "--nointeractive");
    settings.put("gosh.home", BUNDLES.getParent().toString());
    settings.put("ds.log.enabled", "false");
    settings.put("org.ops4j.pax.logging.DefaultServiceLog.level", "ERROR");
    Framework framework = new FrameworkFactory().newFramework(settings);
    framework.init();
    for (Map.Entry<String, Path> jar : jars().entrySet()) {
      if (!jar.getKey().startsWith("org.jtgt.") || which.test(jar.getKey())) {
        framework.getBundleContext().installBundle(jar.getValue().toUri().toString());
      }
    }
    return framework;
  }

  private static void end(Framework framework) throws BundleException, InterruptedException {
    framework.stop();
    framework.waitForStop(0);
  }

  private static Bundle bundle(Framework framework, String name) {
    return Stream.of(framework.getBundleContext().getBundles())
        .filter(bundle -> name.equals(bundle.getSymbolicName()))
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @MethodSource("ours")
  void eachBundleResolvesWithNothingOfOursButWhatItMayKnow(String name) throws Exception {
    Framework framework = framework(mayKnow(name).or(name::equals));
    try {
      framework.adapt(FrameworkWiring.class).resolveBundles(null);
      assertThat(bundle(framework, name).getState()).as(name).isEqualTo(Bundle.RESOLVED);
    } finally {
      end(framework);
    }
  }

  @ParameterizedTest
  @MethodSource("capabilities")
  void withoutACapabilityEveryOtherBundleResolvesAndStarts(String missing) throws Exception {
    Framework framework = framework(name -> !name.equals(missing));
    try {
      framework.adapt(FrameworkStartLevel.class).setInitialBundleStartLevel(1);
      framework.start();
      List<String> inactive = new ArrayList<>();
      for (Bundle bundle : framework.getBundleContext().getBundles()) {
        if (bundle.getHeaders().get(Constants.FRAGMENT_HOST) == null) {
          bundle.start();
          if (bundle.getState() != Bundle.ACTIVE) {
            inactive.add(bundle.getSymbolicName());
          }
        }
      }
      assertThat(inactive).as("without %s", missing).isEmpty();
    } finally {
      end(framework);
    }
  }
}
