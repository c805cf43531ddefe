// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.jtgt.admin.Admin;
import org.jtgt.admin.AdminException;
import org.jtgt.admin.Change;
import org.jtgt.admin.ContentChange;
import org.jtgt.admin.ManagedObject;
import org.jtgt.admin.ObjectType;
import org.jtgt.admin.Origin;
import org.jtgt.admin.Result;
import org.jtgt.state.ConfigurationCheck;
import org.jtgt.state.ContentControl;
import org.jtgt.state.StateRow;
import org.jtgt.state.StateSource;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.cm.ConfigurationEvent;
import org.osgi.service.cm.SynchronousConfigurationListener;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Wires the administration to the container. */
@Component(immediate = true)
public final class AdminComponent implements Admin {
  private static final Logger LOG = LoggerFactory.getLogger("org.jtgt.admin");

  private static final long TICK_MILLISECONDS = 500;

  /** A location that no bundle has. */
  private static final String HIDDEN = "jtgt-retry:hidden";

  private static final String VISIBLE = "?";

  /** Long enough for SCR to see both events apart; less than a tick, whose thread it shares. */
  private static final long HIDDEN_MILLISECONDS = 150;

  private final Collection<StateSource> sources = new CopyOnWriteArrayList<>();
  private final Collection<ConfigurationCheck> checks = new CopyOnWriteArrayList<>();

  @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
  private volatile @Nullable ContentControl content;

  private final Inventory inventory;
  private final ServiceRegistration<?> changes;
  private final MetatypeCatalog catalog;
  private final Administration administration;
  private final FailureWatch failures;
  private final ScheduledExecutorService scheduler;
  private final Looks looks;

  /** Starts to watch for components that fail. */
  @Activate
  public AdminComponent(
      BundleContext context,
      @Reference ConfigurationAdmin configurationAdmin,
      @Reference ServiceComponentRuntime runtime) {
    catalog = new MetatypeCatalog(context);
    catalog.open();
    inventory = new Inventory(configurationAdmin, catalog::types);
    // Not by the component runtime: that makes the component known to who waits for it, who may
    // read and change configurations at once, before Configuration Admin has come to know it.
    changes =
        context.registerService(
            SynchronousConfigurationListener.class, event -> changed(inventory, event), null);
    var configurations = new Configurations(configurationAdmin, new ChangeRecord(folder(context)));
    finish(configurations);
    Components components = new Components(runtime);
    administration =
        new Administration(
            inventory,
            configurations,
            components::conditions,
            components::after,
            new LiveState(() -> sources),
            new Checks(() -> checks),
            () -> Optional.ofNullable(content));
    failures = new FailureWatch(new Retries(runtime, this::hideForAMoment));
    // What a crash left hidden in the middle of a retry.
    find("(service.bundleLocation=" + HIDDEN + ")").forEach(c -> c.setBundleLocation(VISIBLE));
    scheduler =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("jtgt-admin").factory());
    looks = new Looks(scheduler, TICK_MILLISECONDS, this::tick);
    looks.begin();
  }

  private static Path folder(BundleContext context) {
    return Optional.ofNullable(context.getProperty("org.jtgt.state.dir"))
        .map(state -> Path.of(state).resolve("admin"))
        .orElseGet(() -> context.getDataFile("changes").toPath());
  }

  /** Before the bundles of later start levels get their configurations. */
  private static void finish(Configurations configurations) {
    try {
      configurations.finish();
    } catch (AdminException e) {
      LOG.error("{}", e.getMessage());
    }
  }

  /** Where a configuration is visible is not of interest: retries change it, of many at once. */
  private static void changed(Inventory inventory, ConfigurationEvent event) {
    if (event.getType() != ConfigurationEvent.CM_LOCATION_CHANGED) {
      inventory.changed(event.getPid());
    }
  }

  @Deactivate
  void deactivate() {
    scheduler.shutdownNow();
    // Whoever still has this may go on with a change.
    inventory.toldNoMore();
    changes.unregister();
    catalog.close();
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  void bindSource(StateSource source) {
    sources.add(source);
  }

  void unbindSource(StateSource source) {
    sources.remove(source);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  void bindCheck(ConfigurationCheck check) {
    checks.add(check);
  }

  void unbindCheck(ConfigurationCheck check) {
    checks.remove(check);
  }

  private void tick() {
    try {
      failures.tick(Instant.now(), administration.conditions());
    } catch (RuntimeException e) {
      LOG.error("Failed components could not be looked at", e);
    }
  }

  private void hideForAMoment(String pid) {
    relocate(pid, HIDDEN);
    scheduler.schedule(() -> relocate(pid, VISIBLE), HIDDEN_MILLISECONDS, TimeUnit.MILLISECONDS);
  }

  private void relocate(String pid, String location) {
    for (Configuration configuration : find(Inventory.only(pid))) {
      try {
        configuration.setBundleLocation(location);
      } catch (IllegalStateException deletedMeanwhile) {
        LOG.debug("{} is gone", pid);
      }
    }
  }

  private List<Configuration> find(String filter) {
    try {
      return inventory.list(filter);
    } catch (AdminException e) {
      LOG.warn("{}: {}", filter, e.getMessage());
      return List.of();
    }
  }

  @Override
  public List<ObjectType> types() {
    return administration.types();
  }

  @Override
  public ObjectType type(String word) {
    return administration.type(word);
  }

  @Override
  public List<ManagedObject> objects() {
    return administration.objects();
  }

  @Override
  public Optional<ManagedObject> object(String type, String name) {
    return administration.object(type, name);
  }

  @Override
  public Result apply(List<Change> changes, Origin origin) {
    Result result = administration.apply(changes, origin);
    scheduler.execute(() -> {
      result.pids().forEach(failures::hurry);
      looks.soon();
    });
    return result;
  }

  @Override
  public Optional<String> underWay() {
    return administration.underWay();
  }

  @Override
  public Map<String, String> read(Path file) {
    return administration.read(file);
  }

  @Override
  public Duration carryOut(ContentChange change) {
    return administration.carryOut(change);
  }

  @Override
  public boolean keepsSnapshots(String name) {
    return administration.keepsSnapshots(name);
  }

  @Override
  public List<StateRow> live(String kind) {
    return administration.live(kind);
  }
}
