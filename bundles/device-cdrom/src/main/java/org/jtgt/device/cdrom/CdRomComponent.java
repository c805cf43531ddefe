// SPDX-License-Identifier: Apache-2.0
package org.jtgt.device.cdrom;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.device.LogicalUnits;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;

/** One configured drive. */
@Component(
    configurationPid = "org.jtgt.device.cdrom",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = CdRomComponent.class,
    immediate = true)
@Designate(ocd = CdRomConfig.class, factory = true)
public final class CdRomComponent {
  static final int BLOCK_BYTES = 2048;

  private final String pid;
  private final LogicalUnits.Handle handle;

  /** Makes the unit, with a disc or without. */
  @Activate
  public CdRomComponent(
      CdRomConfig config, Map<String, Object> properties, @Reference LogicalUnits units) {
    pid = properties.get("service.pid") instanceof String text ? text : "";
    handle = units.create(settings(config), unit -> new CdRomDrive(unit, units.primaryCommands()));
  }

  @Modified
  void modified(CdRomConfig config) {
    handle.change(settings(config));
  }

  @Deactivate
  void close() {
    handle.close();
  }

  /** The drive's name. */
  String name() {
    return pid.substring(pid.indexOf('~') + 1);
  }

  CdRomDrive drive() {
    return (CdRomDrive) handle.unit().deviceServer();
  }

  private LogicalUnits.Settings settings(CdRomConfig config) {
    return new LogicalUnits.Settings(
        pid,
        text(config.store()),
        BLOCK_BYTES,
        true,
        // A drive without a disc says so at once.
        Duration.ZERO,
        config.product(),
        config.serial());
  }

  private static String text(@Nullable String value) {
    return value == null ? "" : value;
  }
}
