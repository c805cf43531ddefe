// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.component;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jtgt.scsi.ScsiTarget;
import org.jtgt.scsi.internal.engine.TargetDevice;
import org.jtgt.scsi.internal.engine.TargetDevice.TargetSettings;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;

/** One configured target: registers the {@link ScsiTarget} service that transports track. */
@Component(
    configurationPid = "org.jtgt.scsi.target",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = {},
    immediate = true)
@Designate(ocd = TargetConfig.class, factory = true)
public final class TargetComponent {
  private static final int MAXIMUM_LUN = 16383;

  private final EngineComponent component;
  private final BundleContext context;
  private final String pid;
  private TargetDevice target;
  private ServiceRegistration<ScsiTarget> registration;

  /**
   * Makes the target.
   *
   * @throws IllegalArgumentException when the configuration is wrong
   */
  @Activate
  public TargetComponent(
      TargetConfig config,
      Map<String, Object> properties,
      BundleContext context,
      @Reference EngineComponent component) {
    this.component = component;
    this.context = context;
    this.pid = Names.pid(properties);
    target = component.engine().createTarget(pid, settings(config));
    registration = register();
  }

  private ServiceRegistration<ScsiTarget> register() {
    return context.registerService(
        ScsiTarget.class,
        target,
        FrameworkUtil.asDictionary(Map.of(ScsiTarget.NAME, target.name(), "service.pid", pid)));
  }

  /** In place; only another name is another target for initiators. */
  @Modified
  void modified(TargetConfig config) {
    TargetSettings settings = settings(config);
    if (settings.name().equals(target.name())) {
      boolean portalsChanged =
          !settings.portals().equals(target.portals()) || !settings.alias().equals(target.alias());
      target.change(settings);
      if (portalsChanged) {
        registration.setProperties(
            FrameworkUtil.asDictionary(Map.of(ScsiTarget.NAME, target.name(), "service.pid", pid)));
      }
      return;
    }
    TargetDevice renamed = component.engine().createTarget(pid, settings);
    remove();
    target = renamed;
    registration = register();
  }

  @Deactivate
  void close() {
    component.leaving();
    remove();
  }

  private void remove() {
    registration.unregister();
    target.remove();
  }

  private TargetSettings settings(TargetConfig config) {
    String label = Names.checked("name", Names.instance(pid));
    String name = config.name().isEmpty() ? "iqn.2026-11.org.jtgt:" + label : config.name();
    if (!name.matches("\\S{1,223}")) {
      throw Names.refused("name", name, "1 to 223 characters without spaces");
    }
    Set<String> portals = new LinkedHashSet<>();
    for (String portal : config.portals()) {
      if (!portal.isBlank()) {
        portals.add(Names.checked("portals", portal.strip()));
      }
    }
    return new TargetSettings(label, name, config.alias(), Set.copyOf(portals), luns(config));
  }

  private static SortedMap<Integer, String> luns(TargetConfig config) {
    SortedMap<Integer, String> luns = new TreeMap<>();
    for (String entry : config.luns()) {
      if (entry.isBlank()) {
        continue;
      }
      String[] parts = entry.strip().split("\\s*:\\s*", 2);
      if (parts.length != 2 || !parts[0].matches("\\d{1,5}")) {
        throw Names.refused("luns", entry, "LUN:logical-unit, for example 0:disk0");
      }
      int lun = Integer.parseInt(parts[0]);
      if (lun > MAXIMUM_LUN) {
        throw Names.refused("luns", entry, "LUNs 0 to " + MAXIMUM_LUN);
      }
      if (luns.put(lun, Names.checked("luns", parts[1])) != null) {
        throw Names.refused("luns", entry, "each LUN once");
      }
    }
    return luns;
  }
}
