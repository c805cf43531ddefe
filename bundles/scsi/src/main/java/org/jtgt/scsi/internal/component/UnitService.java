// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.component;

import java.util.List;
import org.jtgt.scsi.device.Command;
import org.jtgt.scsi.device.DeviceType;
import org.jtgt.scsi.device.LogicalUnits;
import org.jtgt.scsi.device.Unit;
import org.jtgt.scsi.internal.engine.LogicalUnit;
import org.jtgt.scsi.internal.engine.LuSettings;
import org.jtgt.scsi.internal.spc.PrimaryCommands;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Makes the logical units of device types that come in bundles of their own. */
@Component(service = LogicalUnits.class)
public final class UnitService implements LogicalUnits {
  private final EngineComponent component;

  /** Serves the engine of the container. */
  @Activate
  public UnitService(@Reference EngineComponent component) {
    this.component = component;
  }

  @Override
  public Handle create(Settings settings, DeviceType type) {
    String name = Names.checked("name", Names.instance(settings.pid()));
    LuIdentities.Identity kept = component.identities().begin(settings.pid());
    LogicalUnit unit = component.create(settings.pid(), () -> settings(name, settings, kept), type);
    return new Handle() {
      @Override
      public Unit unit() {
        return unit;
      }

      @Override
      public void change(Settings changed) {
        component.engine().changeUnit(unit, settings(name, changed, kept));
      }

      @Override
      public void close() {
        component.remove(settings.pid(), unit);
      }
    };
  }

  private static LuSettings settings(String name, Settings settings, LuIdentities.Identity kept) {
    int block = settings.blockBytes();
    if (block < 512 || block > 65_536 || Integer.bitCount(block) != 1) {
      throw Names.refused("blockBytes", block, "a power of two from 512 to 65536");
    }
    Names.text("product", settings.product(), 0, 16);
    Names.text("serial", settings.serial(), 0, 36);
    if (!settings.store().isEmpty()) {
      Names.checked("store", settings.store());
    }
    Unit.Identity identity =
        new Unit.Identity(
            "JTGT",
            settings.product(),
            "0001",
            settings.serial().isEmpty() ? kept.serial() : settings.serial(),
            kept.naa());
    return new LuSettings(
        name,
        settings.pid(),
        settings.store(),
        block,
        settings.readOnly(),
        true,
        false,
        settings.holdTime(),
        identity);
  }

  @Override
  public List<Command> primaryCommands() {
    return PrimaryCommands.rows();
  }
}
