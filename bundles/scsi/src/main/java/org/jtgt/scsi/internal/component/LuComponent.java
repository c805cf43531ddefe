// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.component;

import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jtgt.scsi.device.Unit;
import org.jtgt.scsi.internal.engine.LogicalUnit;
import org.jtgt.scsi.internal.engine.LuSettings;
import org.jtgt.scsi.internal.engine.Outage;
import org.jtgt.scsi.internal.sbc.BlockDevice;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;

/** One configured logical unit. */
@Component(
    configurationPid = "org.jtgt.scsi.lu",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = {},
    immediate = true)
@Designate(ocd = LuConfig.class, factory = true)
public final class LuComponent {
  private final EngineComponent component;
  private final String pid;
  private final String name;
  private final LuIdentities.Identity kept;
  private final LogicalUnit unit;

  /**
   * Makes the unit, with or without its store.
   *
   * @throws IllegalArgumentException when the configuration is wrong
   */
  @Activate
  public LuComponent(
      LuConfig config, Map<String, Object> properties, @Reference EngineComponent component) {
    this.component = component;
    pid = Names.pid(properties);
    name = Names.checked("name", Names.instance(pid));
    check(config);
    kept = component.identities().begin(pid);
    unit =
        component.create(pid, () -> settings(config), of -> new BlockDevice(of, options(config)));
  }

  private static BlockDevice.Options options(LuConfig config) {
    return new BlockDevice.Options(config.removable(), config.thresholdPercent());
  }

  @Modified
  void modified(LuConfig config) {
    check(config);
    component.engine().changeUnit(unit, settings(config));
    ((BlockDevice) unit.deviceServer()).options(options(config));
  }

  @Deactivate
  void close() {
    component.remove(pid, unit);
  }

  private static void check(LuConfig config) {
    if (config.store() == null) {
      throw Names.refused("store", "", "the name of a store");
    }
    Names.checked("store", config.store());
    if (config.blockSize() != 512 && config.blockSize() != 4096) {
      throw Names.refused("blockSize", config.blockSize(), "512, 4096");
    }
    if (config.holdSeconds() < 0 || config.holdSeconds() > 3600) {
      throw Names.refused("holdSeconds", config.holdSeconds(), "0 to 3600");
    }
    if (config.commandDeadlineSeconds() < 0 || config.commandDeadlineSeconds() > 3600) {
      throw Names.refused("commandDeadlineSeconds", config.commandDeadlineSeconds(), "0 to 3600");
    }
    if (!Set.of("hold", "busy", "fail").contains(config.outage())) {
      throw Names.refused("outage", config.outage(), "hold, busy, fail");
    }
    if (config.thresholdPercent() < 0 || config.thresholdPercent() > 100) {
      throw Names.refused("thresholdPercent", config.thresholdPercent(), "0 to 100");
    }
    if (!config.naa().isEmpty() && !config.naa().matches("[0-9a-fA-F]{16}")) {
      throw Names.refused("naa", config.naa(), "16 hexadecimal digits");
    }
    Names.text("serial", config.serial(), 0, 36);
    Names.text("vendor", config.vendor(), 1, 8);
    Names.text("product", config.product(), 0, 16);
    Names.text("revision", config.revision(), 0, 4);
  }

  private LuSettings settings(LuConfig config) {
    Unit.Identity identity =
        new Unit.Identity(
            config.vendor(),
            config.product(),
            config.revision(),
            config.serial().isEmpty() ? kept.serial() : config.serial(),
            config.naa().isEmpty() ? kept.naa() : HexFormat.fromHexDigitsToLong(config.naa()));
    return new LuSettings(
        name,
        pid,
        config.store(),
        config.blockSize(),
        config.readOnly(),
        config.writeCache(),
        config.thinProvisioning(),
        Duration.ofSeconds(config.holdSeconds()),
        identity,
        Outage.valueOf(config.outage().toUpperCase(Locale.ROOT)),
        Duration.ofSeconds(config.commandDeadlineSeconds()));
  }
}
