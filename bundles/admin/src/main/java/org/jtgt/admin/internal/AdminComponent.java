// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jtgt.admin.Admin;
import org.jtgt.admin.Change;
import org.jtgt.admin.ManagedObject;
import org.jtgt.admin.ObjectType;
import org.jtgt.admin.Origin;
import org.jtgt.admin.Result;
import org.jtgt.state.StateRow;
import org.jtgt.state.StateSource;
import org.osgi.framework.BundleContext;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
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

  private final Collection<StateSource> sources = new CopyOnWriteArrayList<>();
  private final ConfigurationAdmin configurationAdmin;
  private final MetatypeCatalog catalog;
  private final Administration administration;
  private final FailureWatch failures;
  private final ScheduledExecutorService scheduler;

  /** Starts to watch for components that fail. */
  @Activate
  public AdminComponent(
      BundleContext context,
      @Reference ConfigurationAdmin configurationAdmin,
      @Reference ServiceComponentRuntime runtime) {
    this.configurationAdmin = configurationAdmin;
    catalog = new MetatypeCatalog(context);
    catalog.open();
    administration =
        new Administration(
            catalog::types,
            new Configurations(configurationAdmin),
            new Components(runtime)::conditions,
            new LiveState(() -> sources));
    failures = new FailureWatch(this::retry);
    scheduler =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("jtgt-admin").factory());
    scheduler.scheduleWithFixedDelay(
        this::tick, TICK_MILLISECONDS, TICK_MILLISECONDS, TimeUnit.MILLISECONDS);
  }

  @Deactivate
  void deactivate() {
    scheduler.shutdownNow();
    catalog.close();
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  void bindSource(StateSource source) {
    sources.add(source);
  }

  void unbindSource(StateSource source) {
    sources.remove(source);
  }

  private void tick() {
    try {
      failures.tick(Instant.now(), administration.failures());
    } catch (RuntimeException e) {
      // An exception that leaves a scheduled task would end it for ever.
      LOG.error("Failed components could not be looked at", e);
    }
  }

  private void retry(String pid) {
    try {
      Configuration[] found = configurationAdmin.listConfigurations("(service.pid=" + pid + ")");
      if (found != null) {
        for (Configuration configuration : found) {
          configuration.update();
        }
      }
    } catch (IOException | org.osgi.framework.InvalidSyntaxException e) {
      LOG.warn("{}: cannot be tried again: {}", pid, e.getMessage());
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
    return administration.apply(changes, origin);
  }

  @Override
  public Map<String, String> read(Path file) {
    return administration.read(file);
  }

  @Override
  public List<StateRow> live(String kind) {
    return administration.live(kind);
  }
}
