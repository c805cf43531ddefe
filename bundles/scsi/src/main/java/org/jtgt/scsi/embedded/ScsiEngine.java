// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.embedded;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jtgt.backstore.Backstore;
import org.jtgt.scsi.ScsiTarget;
import org.jtgt.scsi.device.Unit;
import org.jtgt.scsi.device.UnitMemory;
import org.jtgt.scsi.internal.engine.Engine;
import org.jtgt.scsi.internal.engine.LogicalUnit;
import org.jtgt.scsi.internal.engine.LuSettings;
import org.jtgt.scsi.internal.engine.SystemClock;
import org.jtgt.scsi.internal.engine.TargetDevice;
import org.jtgt.scsi.internal.engine.TargetDevice.TargetSettings;
import org.jtgt.scsi.internal.sbc.BlockDevice;
import org.jtgt.scsi.internal.spc.PrimaryCommands;

/**
 * A SCSI engine inside a program: targets whose logical units stand on stores of the program. It
 * keeps nothing over its end: saved mode pages, reservations and port identifiers are of its life.
 *
 * <p>Thread rules: any thread.
 */
public final class ScsiEngine implements AutoCloseable {
  private static final long BUDGET_BYTES = 256L << 20;
  private static final int WORKER_STOCK = 16;
  private static final Duration HOLD_TIME = Duration.ofSeconds(20);

  private final SystemClock clock = new SystemClock();
  private final Engine engine =
      new Engine(
          clock,
          unit -> PrimaryCommands.unmapped(),
          unit -> PrimaryCommands.wellKnown(),
          BUDGET_BYTES,
          WORKER_STOCK);
  private final List<Served> served = new ArrayList<>();

  /** A target and what stands behind its LUNs. */
  private record Served(TargetDevice target, List<Disk> disks, List<LogicalUnit> units) {}

  /**
   * Makes a target that shows stores as disks that nobody has seen before, under the LUNs from 0
   * on.
   *
   * @param name its SCSI device name, for iSCSI an iSCSI name
   * @param stores open; they can be closed when the target has been removed
   * @throws IllegalArgumentException when another target has the name
   */
  public ScsiTarget target(String name, Backstore... stores) {
    return target(name, Arrays.stream(stores).map(Disk::of).toList());
  }

  /**
   * Makes a target that shows disks under the LUNs from 0 on.
   *
   * @param name its SCSI device name, for iSCSI an iSCSI name
   * @throws IllegalArgumentException when another target has the name
   */
  public synchronized ScsiTarget target(String name, List<Disk> disks) {
    List<LogicalUnit> units = new ArrayList<>();
    SortedMap<Integer, String> luns = new TreeMap<>();
    String prefix = name + " LUN ";
    for (int lun = 0; lun < disks.size(); lun++) {
      luns.put(lun, prefix + lun);
    }
    TargetDevice target =
        engine.createTarget(name, new TargetSettings(name, name, "", Set.of(), luns));
    luns.forEach((lun, label) -> {
      Disk disk = disks.get(lun);
      units.add(
          engine.createUnit(
              settings(label, disk),
              unit -> new BlockDevice(unit, BlockDevice.Options.NONE),
              UnitMemory.ofProcess()));
      engine.addStore(label, disk.store());
    });
    served.add(new Served(target, List.copyOf(disks), units));
    return target;
  }

  private static LuSettings settings(String label, Disk disk) {
    Unit.Identity identity =
        new Unit.Identity("JTGT", disk.product(), "0001", disk.serial(), disk.naa());
    int blockBytes = Math.max(512, disk.store().blockBytes());
    return new LuSettings(label, "", label, blockBytes, false, true, true, HOLD_TIME, identity);
  }

  /**
   * Ends a target: its nexuses are asked to end, its commands end, its stores are drained and
   * flushed. They can be closed when this returns.
   */
  public synchronized void remove(ScsiTarget target) {
    for (Served each : List.copyOf(served)) {
      if (each.target() == target) {
        served.remove(each);
        end(each);
      }
    }
  }

  private void end(Served each) {
    each.target().remove();
    for (int i = 0; i < each.units().size(); i++) {
      LogicalUnit unit = each.units().get(i);
      Backstore store = each.disks().get(i).store();
      engine.removeStore(unit.name(), store);
      engine.removeUnit(unit);
    }
  }

  /** Ends all targets, then its threads. */
  @Override
  public synchronized void close() {
    served.forEach(this::end);
    served.clear();
    engine.close();
    clock.close();
  }
}
