// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.doubles.internal;

import java.time.Duration;
import java.util.Map;
import org.jtgt.scsi.device.LogicalUnits;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;

/** One configured XOR unit. */
@Component(
    configurationPid = "org.jtgt.itests.doubles.xor",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = {},
    immediate = true)
@Designate(ocd = XorUnitConfig.class, factory = true)
public final class XorUnitComponent {
  private final LogicalUnits.Handle handle;

  /** Makes the unit. */
  @Activate
  public XorUnitComponent(
      XorUnitConfig config, Map<String, Object> properties, @Reference LogicalUnits units) {
    String pid = properties.get("service.pid") instanceof String text ? text : "";
    handle =
        units.create(
            new LogicalUnits.Settings(
                pid, "", XorUnit.BLOCK_BYTES, false, Duration.ZERO, "XOR unit", ""),
            unit -> new XorUnit(config.blocks(), units.primaryCommands()));
  }

  @Deactivate
  void close() {
    handle.close();
  }
}
