// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.component;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jtgt.scsi.device.AccessState;
import org.jtgt.scsi.internal.engine.Engine;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;

/** One configured target port group. */
@Component(
    configurationPid = "org.jtgt.scsi.portgroup",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = {},
    immediate = true)
@Designate(ocd = PortGroupConfig.class, factory = true)
public final class PortGroupComponent {
  private final Engine engine;
  private Engine.GroupHandle group;

  /**
   * Makes the group.
   *
   * @throws IllegalArgumentException when the configuration is wrong
   */
  @Activate
  public PortGroupComponent(
      PortGroupConfig config,
      Map<String, Object> properties,
      @Reference EngineComponent component) {
    engine = component.engine();
    group =
        engine.addPortGroup(
            Names.pid(properties),
            id(config),
            ports(config),
            state(config),
            config.preferred(),
            config.explicit());
  }

  /** The old group goes, the new one comes; nexuses see one change of state. */
  @Modified
  void modified(PortGroupConfig config) {
    group =
        engine.changePortGroup(
            group, id(config), ports(config), state(config), config.preferred(), config.explicit());
  }

  @Deactivate
  void close() {
    engine.removePortGroup(group);
  }

  private static int id(PortGroupConfig config) {
    if (config.id() < 2 || config.id() > 0xFFFF) {
      throw Names.refused("id", config.id(), "2 to 65535");
    }
    return config.id();
  }

  private static List<String> ports(PortGroupConfig config) {
    List<String> ports =
        config.ports() == null
            ? List.of()
            : Arrays.stream(config.ports())
                .map(String::strip)
                .filter(port -> !port.isEmpty())
                .toList();
    if (ports.isEmpty()) {
      throw Names.refused("ports", "", "names of target ports, for example *,t,0x0002");
    }
    return ports;
  }

  private static AccessState state(PortGroupConfig config) {
    return AccessState.of(config.state())
        .orElseThrow(() ->
            Names.refused(
                "state",
                config.state(),
                "active-optimized, active-non-optimized, standby, unavailable, offline, transitioning"));
  }
}
