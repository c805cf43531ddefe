// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.component;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.ByteSize;
import org.jtgt.scsi.device.DeviceType;
import org.jtgt.scsi.internal.engine.Engine;
import org.jtgt.scsi.internal.engine.LogicalUnit;
import org.jtgt.scsi.internal.engine.LuSettings;
import org.jtgt.scsi.internal.engine.StateRows;
import org.jtgt.scsi.internal.engine.StoreContent;
import org.jtgt.scsi.internal.engine.SystemClock;
import org.jtgt.scsi.internal.spc.PrimaryCommands;
import org.jtgt.state.ContentControl;
import org.jtgt.state.StateSource;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.cm.ConfigurationEvent;
import org.osgi.service.cm.ConfigurationListener;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.Designate;

/** Puts the SCSI engine into the container: finds the stores, publishes the live state. */
@Component(
    configurationPid = "org.jtgt.scsi",
    service = {EngineComponent.class, ConfigurationListener.class},
    immediate = true)
@Designate(ocd = EngineConfig.class)
public final class EngineComponent implements ConfigurationListener {
  private static final String LU_FACTORY = "org.jtgt.scsi.lu";
  private static final String DEVICE_FACTORIES = "org.jtgt.device.";
  private static final long LEAST_BUDGET_BYTES = 4L << 20;
  private static final int WORKER_STOCK = 16;

  /** Longer than a transport announces for the end of its sessions. */
  private static final Duration RETIRE_LIMIT = Duration.ofSeconds(30);

  private final Bundle bundle;
  private final SystemClock clock = new SystemClock();
  private final Engine engine;
  private final LuIdentities identities;
  private final List<ServiceRegistration<StateSource>> states = new ArrayList<>();
  private final StoreTracker stores;
  private final ServiceRegistration<ContentControl> content;

  /**
   * Starts the engine.
   *
   * @throws IllegalArgumentException when the configuration is wrong
   */
  @Activate
  public EngineComponent(EngineConfig config, BundleContext context) {
    bundle = context.getBundle();
    Path state = stateFolder(context);
    engine =
        new Engine(
            clock,
            unit -> PrimaryCommands.unmapped(),
            unit -> PrimaryCommands.wellKnown(),
            budget(config),
            WORKER_STOCK,
            new FolderMemory(state.resolve("scsi")),
            String.valueOf(context.getProperty(Constants.FRAMEWORK_UUID)));
    engine.abortLimit(abortLimit(config));
    identities = new LuIdentities(state.resolve("lu"));
    for (StateSource source : StateRows.of(engine)) {
      states.add(
          context.registerService(
              StateSource.class,
              source,
              FrameworkUtil.asDictionary(Map.of(StateSource.KIND, source.kind()))));
    }
    stores = new StoreTracker(context, engine);
    stores.open();
    content = context.registerService(ContentControl.class, new StoreContent(engine), null);
  }

  private static Path stateFolder(BundleContext context) {
    String configured = context.getProperty("org.jtgt.state.dir");
    return configured == null ? context.getDataFile("").toPath() : Path.of(configured);
  }

  private static long budget(EngineConfig config) {
    long bytes = ByteSize.parse("transferBudget", config.transferBudget()).bytes();
    if (bytes < LEAST_BUDGET_BYTES) {
      throw Names.refused("transferBudget", config.transferBudget(), "4M or more");
    }
    return bytes;
  }

  private static Duration abortLimit(EngineConfig config) {
    if (config.abortSeconds() < 1 || config.abortSeconds() > 3600) {
      throw Names.refused("abortSeconds", config.abortSeconds(), "1 to 3600");
    }
    return Duration.ofSeconds(config.abortSeconds());
  }

  @Modified
  void modified(EngineConfig config) {
    Duration limit = abortLimit(config);
    engine.budget().resize(budget(config));
    engine.abortLimit(limit);
  }

  /**
   * Said by each component before it goes. When all of them go with the bundle, sessions end before
   * the first one, however the component runtime orders them.
   */
  void leaving() {
    if (bundle.getState() == Bundle.STOPPING) {
      engine.retire(RETIRE_LIMIT);
    }
  }

  @Deactivate
  void close() {
    content.unregister();
    states.forEach(ServiceRegistration::unregister);
    stores.close();
    engine.close();
    clock.close();
  }

  /**
   * Makes a logical unit whose identity has begun; that ends when the unit is not made.
   *
   * @param pid its configuration
   */
  LogicalUnit create(String pid, Supplier<LuSettings> settings, DeviceType type) {
    boolean made = false;
    try {
      LuSettings wanted = settings.get();
      LogicalUnit unit = engine.createUnit(wanted, type, identities.memory(wanted.name()));
      made = true;
      return unit;
    } finally {
      if (!made) {
        identities.end(pid);
      }
    }
  }

  /** Removes a logical unit. */
  void remove(String pid, LogicalUnit unit) {
    leaving();
    engine.removeUnit(unit);
    identities.end(pid);
  }

  Engine engine() {
    return engine;
  }

  LuIdentities identities() {
    return identities;
  }

  /** Forgets the identity of a logical unit with its configuration. */
  @Override
  public void configurationEvent(ConfigurationEvent event) {
    if (event.getType() == ConfigurationEvent.CM_DELETED && isUnit(event.getFactoryPid())) {
      identities.configurationDeleted(event.getPid());
    }
  }

  private static boolean isUnit(@Nullable String factoryPid) {
    return factoryPid != null
        && (factoryPid.equals(LU_FACTORY) || factoryPid.startsWith(DEVICE_FACTORIES));
  }
}
