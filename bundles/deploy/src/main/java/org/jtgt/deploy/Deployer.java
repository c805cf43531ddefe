// SPDX-License-Identifier: Apache-2.0
package org.jtgt.deploy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jtgt.admin.Admin;
import org.jtgt.admin.Bundles;
import org.jtgt.state.StateRow;
import org.jtgt.state.StateSource;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches {@code etc/} and {@code deploy/}. Its activation ends when what lay there has been taken,
 * so that a bundle of a later start level, such as the one that opens portals, finds it in place.
 */
@Component(configurationPid = "org.jtgt.deploy", immediate = true, service = Bundles.class)
@Designate(ocd = DeployConfig.class)
public final class Deployer implements StateSource, Bundles {
  private static final Logger LOG = LoggerFactory.getLogger("org.jtgt.deploy");
  private static final long PERIOD_MILLISECONDS = 300;

  /** So often the start waits for files that are being written, to take all in their order. */
  private static final int LOOKS_AT_START = 3;

  private static final long FIRST_LOOK_SECONDS = 30;
  private static final long STOP_SECONDS = 10;

  private final Map<Path, Folder> configurationFolders = new LinkedHashMap<>();
  private final Set<Path> unreadable = new LinkedHashSet<>();
  private final Set<Path> left = new LinkedHashSet<>();
  private final FileInstall fileInstall;
  private final Optional<Folder> bundleFolder;
  private final ConfigurationFiles configurations;
  private final BundleFiles bundles;
  private final Replacement replacement;
  private final BundleCommands commands;
  private final ServiceRegistration<StateSource> registration;
  private final ScheduledExecutorService scheduler;
  private final CountDownLatch firstLook = new CountDownLatch(1);
  private int looksAtStart;

  /**
   * Takes what lies in the folders and goes on watching.
   *
   * @throws IOException when the state folder or the framework's cache cannot be read
   */
  @Activate
  public Deployer(BundleContext context, DeployConfig config, @Reference Admin admin)
      throws IOException {
    Clock clock = Clock.systemUTC();
    Optional<Path> deploy = folder(context, "org.jtgt.deploy.dir");
    for (Optional<Path> path : List.of(folder(context, "org.jtgt.etc.dir"), deploy)) {
      path.ifPresent(p -> configurationFolders.put(p, new Folder(p, ".cfg", clock)));
    }
    bundleFolder = deploy.map(p -> new Folder(p, ".jar", clock));
    Path state =
        folder(context, "org.jtgt.state.dir")
            .map(p -> p.resolve("deploy"))
            .orElseGet(() -> context.getDataFile("deploy").toPath());
    var framework = new Framework(context);
    fileInstall = new FileInstall(context);
    configurations = new ConfigurationFiles(admin, configurationFolders.keySet(), clock);
    var deployed = new DeployedBundles(state);
    replacement = new Replacement(framework, deployed, new Dependents(admin));
    bundles = new BundleFiles(framework, deployed, replacement);
    modified(config);
    scheduler =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("jtgt-deploy").factory());
    commands =
        new BundleCommands(
            () -> deploy.filter(path -> !left.contains(path)),
            framework,
            bundles,
            this::look,
            scheduler);
    // Not by the component runtime: the administration, which this needs, is bound to it.
    registration =
        context.registerService(
            StateSource.class, this, FrameworkUtil.asDictionary(Map.of(StateSource.KIND, kind())));
    scheduler.execute(framework::resolveAll);
    scheduler.scheduleWithFixedDelay(this::look, 0, PERIOD_MILLISECONDS, TimeUnit.MILLISECONDS);
    try {
      if (!firstLook.await(FIRST_LOOK_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("The files in {} take long", configurationFolders.keySet());
      }
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
  }

  @Modified
  void modified(DeployConfig config) {
    replacement.unfitUpgrades(
        !config.unfitUpgrade().equals("refuse"), Duration.ofSeconds(config.settleSeconds()));
  }

  @Deactivate
  void deactivate() {
    registration.unregister();
    // Not interrupted: an update of a bundle that is half done would be worse than a late stop.
    scheduler.shutdown();
    try {
      scheduler.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String kind() {
    return "file";
  }

  @Override
  public List<StateRow> rows() {
    var rows = new ArrayList<>(configurations.rows());
    rows.addAll(bundles.rows());
    return rows;
  }

  @Override
  public String install(Path jar) {
    return commands.install(jar);
  }

  @Override
  public String update(Path jar, boolean force) {
    return commands.update(jar, force);
  }

  @Override
  public String uninstall(String symbolicName, boolean force) {
    return commands.uninstall(symbolicName, force);
  }

  private void look() {
    try {
      leaveToFileInstall();
      Optional<Folder.Look> jars = bundleFolder.flatMap(this::look);
      var looks = new HashMap<Path, Folder.Look>();
      configurationFolders.forEach(
          (path, folder) -> look(folder).ifPresent(look -> looks.put(path, look)));
      boolean writing =
          Stream.concat(jars.stream(), looks.values().stream())
              .anyMatch(look -> !look.incomplete().isEmpty());
      if (writing && ++looksAtStart < LOOKS_AT_START) {
        return;
      }
      looksAtStart = LOOKS_AT_START;
      // Bundles first: the files next to them may be of the types that they bring.
      jars.ifPresent(bundles::reconcile);
      configurations.reconcile(looks);
      firstLook.countDown();
    } catch (RuntimeException e) {
      // An exception that leaves a scheduled task would end it for ever.
      LOG.error("The folders {} could not be looked at", configurationFolders.keySet(), e);
      firstLook.countDown();
    }
  }

  /** Two never watch one folder: we let go. */
  private void leaveToFileInstall() {
    Set<Path> others = fileInstall.folders();
    for (Path folder : configurationFolders.keySet()) {
      if (!others.contains(folder)) {
        left.remove(folder);
      } else if (left.add(folder)) {
        LOG.warn(
            "{} is watched by Felix FileInstall: nothing is taken from it here until that ends;"
                + " what its files made stays",
            folder);
      }
    }
  }

  private Optional<Folder.Look> look(Folder folder) {
    if (left.contains(folder.path())) {
      return Optional.empty();
    }
    try {
      Folder.Look look = folder.look();
      unreadable.remove(folder.path());
      return Optional.of(look);
    } catch (IOException e) {
      if (unreadable.add(folder.path())) {
        LOG.warn("{} cannot be read; what its files made is left as it is: {}", folder.path(), e);
      }
      return Optional.empty();
    }
  }

  private static Optional<Path> folder(BundleContext context, String property) {
    return Optional.ofNullable(context.getProperty(property))
        .filter(p -> !p.isBlank())
        .map(p -> Path.of(p).toAbsolutePath().normalize());
  }
}
