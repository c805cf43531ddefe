// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.sbc;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.device.Command;
import org.jtgt.scsi.device.CommandTable;
import org.jtgt.scsi.device.DeviceServer;
import org.jtgt.scsi.device.LogPage;
import org.jtgt.scsi.device.MediumState;
import org.jtgt.scsi.device.ModePage;
import org.jtgt.scsi.device.ModeValues;
import org.jtgt.scsi.device.Reservations;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.Unit;
import org.jtgt.scsi.internal.copy.CopyCommands;
import org.jtgt.scsi.internal.copy.ThirdPartyCopyPage;

/** The device server of a direct access block device (SBC-3). */
public final class BlockDevice implements DeviceServer, MediumState.Owner {
  private final Unit unit;
  private final MediumState medium;
  private final WholeMedium wholeMedium;
  private final ThresholdWatch thresholds;
  private volatile Options options;

  /**
   * What is configured beyond what every unit has.
   *
   * @param removable RMB: initiators may take the medium out
   * @param thresholdPercent soft threshold of thin provisioning, in percent of the capacity that
   *     holds space; 0 for none
   */
  public record Options(boolean removable, int thresholdPercent) {
    /** Fixed medium, no threshold. */
    public static final Options NONE = new Options(false, 0);
  }

  /** The device server of a unit. */
  public BlockDevice(Unit unit, Options options) {
    this.unit = unit;
    this.options = options;
    medium = new MediumState(unit, options.removable);
    wholeMedium = new WholeMedium(unit);
    thresholds = new ThresholdWatch(unit, this);
  }

  static BlockDevice of(Task task) {
    return (BlockDevice) task.unit().deviceServer();
  }

  /** Takes changed options over. */
  public void options(Options changed) {
    options = changed;
    medium.removable(changed.removable);
    thresholds.look();
  }

  @Override
  public MediumState medium() {
    return medium;
  }

  WholeMedium wholeMedium() {
    return wholeMedium;
  }

  Options options() {
    return options;
  }

  @Override
  public int peripheralDeviceType() {
    return 0x00;
  }

  @Override
  public boolean removable() {
    return medium.removable();
  }

  /** SBC-3, no version claimed (SPC-4 table 142). */
  @Override
  public List<Integer> versionDescriptors() {
    return List.of(0x04C0);
  }

  @Override
  public CommandTable commands() {
    Optional<Unit.Medium> now = unit.medium();
    return BlockCommands.table(
        unit.unmaps(),
        medium.removable(),
        now.isPresent() && now.get().atomicUnitBytes() >= now.get().blockBytes(),
        now.isPresent() && now.get().cryptoErase());
  }

  @Override
  public List<ModePage> modePages() {
    List<ModePage> pages = new ArrayList<>();
    for (ModePage page : BlockModePages.ALL) {
      if (page.key() == BlockModePages.PROVISIONING) {
        if (unit.unmaps()) {
          pages.add(page);
        }
      } else if (page.key() == ModeValues.CACHING) {
        pages.add(page.withDefault(2, ModeValues.WCE, unit.writeCacheDefault()));
      } else {
        pages.add(page);
      }
    }
    return pages;
  }

  /** DEVICE-SPECIFIC PARAMETER (SBC-3 6.5.1): WP and DPOFUA. */
  @Override
  public int modeDeviceSpecific() {
    return (unit.readOnly() || unit.softwareWriteProtect() ? 0x80 : 0) | 0x10;
  }

  @Override
  public SortedMap<Integer, VpdPage> vpdPages() {
    SortedMap<Integer, VpdPage> pages = new TreeMap<>();
    pages.put(0x8F, ThirdPartyCopyPage::body);
    pages.put(0xB0, BlockVpdPages::blockLimits);
    pages.put(0xB1, BlockVpdPages::blockDeviceCharacteristics);
    pages.put(0xB2, BlockVpdPages::logicalBlockProvisioning);
    return pages;
  }

  @Override
  public List<LogPage> logPages() {
    return BlockLogPages.ALL;
  }

  @Override
  public @Nullable Sense refusal(Task task, Command command) {
    Sense refusal = medium.refusal(command);
    return refusal != null || wholeMedium.idle() ? refusal : wholeMedium.refusal(command);
  }

  @Override
  public Sense status() {
    return wholeMedium.idle() ? medium.status() : wholeMedium.status();
  }

  @Override
  public void reset() {
    medium.reset();
    CopyCommands.reset(unit);
  }

  @Override
  public void nexusLost(Reservations.Registrant nexus) {
    medium.nexusLost(nexus);
    CopyCommands.nexusLost(unit, nexus);
  }

  @Override
  public void storeAttached(Unit.@Nullable Medium before, Unit.Medium now) {
    wholeMedium.takeUp(now.storeIdentity());
    thresholds.look();
  }

  @Override
  public String unsaved() {
    return wholeMedium.formatting() ? "FORMAT UNIT, which is under way" : "";
  }

  @Override
  public void close() {
    thresholds.close();
  }
}
