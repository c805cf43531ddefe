// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jtgt.backstore.Backstore;
import org.jtgt.scsi.ScsiPort;
import org.jtgt.scsi.device.AccessState;
import org.jtgt.scsi.device.DeviceType;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Unit;
import org.jtgt.scsi.device.UnitAttention;
import org.jtgt.scsi.device.UnitMemory;

/**
 * The SCSI engine: the logical units, the targets and the stores by name, the byte budget and the
 * threads that they share. Plain Java; the components put it into the container.
 */
public final class Engine implements AutoCloseable {
  /** How long a drain may take before the store is let go all the same. */
  static final Duration DRAIN_LIMIT = Duration.ofSeconds(30);

  private final DeviceType unmappedType;
  private final DeviceType wellKnownType;
  private final Map<String, LogicalUnit> units = new ConcurrentHashMap<>();
  private final List<TargetDevice> targets = new CopyOnWriteArrayList<>();

  // Units that were removed while commands of theirs may still wait for their initiators.
  private final List<LogicalUnit> removed = new CopyOnWriteArrayList<>();
  private final Map<String, List<StoreOffer>> stores = new LinkedHashMap<>();
  private final TargetPorts ports;
  private final Shared shared;

  /** An engine that keeps nothing of its own over restarts, and hands nothing over. */
  public Engine(
      EngineClock clock,
      DeviceType unmappedType,
      DeviceType wellKnownType,
      long budgetBytes,
      int workerStock) {
    this(clock, unmappedType, wellKnownType, budgetBytes, workerStock, UnitMemory.ofProcess(), "");
  }

  /**
   * @param unmappedType what a LUN answers at which nothing is mapped (SAM-5 5.11)
   * @param wellKnownType the REPORT LUNS well known logical unit
   * @param budgetBytes size of the byte budget
   * @param memory what the engine itself keeps over restarts
   * @param workerStock threads for stores that block, beyond one for each logical unit
   */
  public Engine(
      EngineClock clock,
      DeviceType unmappedType,
      DeviceType wellKnownType,
      long budgetBytes,
      int workerStock,
      UnitMemory memory,
      String run) {
    this.unmappedType = unmappedType;
    this.wellKnownType = wellKnownType;
    BlockingWorkers workers = new BlockingWorkers(workerStock);
    this.ports = new TargetPorts(memory, new Reporter(clock), workers.share()::run);
    this.shared =
        new Shared(
            new TransferBudget(budgetBytes),
            workers,
            clock,
            new PortView(ports, targets, units.values()),
            new StuckAborts(clock),
            run);
  }

  /**
   * Makes a logical unit.
   *
   * @param type makes its device server
   * @param memory what it keeps over restarts
   * @throws IllegalArgumentException when another has its name
   */
  public LogicalUnit createUnit(LuSettings settings, DeviceType type, UnitMemory memory) {
    LogicalUnit unit =
        new LogicalUnit(settings, type, memory, Sense.INVALID_COMMAND_OPERATION_CODE, shared);
    synchronized (stores) {
      LogicalUnit other = units.putIfAbsent(settings.name(), unit);
      if (other != null) {
        throw new IllegalArgumentException(
            "logical unit %s exists already, made by %s"
                .formatted(settings.name(), other.settings().pid()));
      }
      offers(settings.store()).forEach(offer -> unit.choice().offer(settings.store(), offer));
    }
    targets.forEach(TargetDevice::remap);
    return unit;
  }

  /** Changes a logical unit in place; a store of another identity is accepted thereby. */
  public void changeUnit(LogicalUnit unit, LuSettings settings) {
    synchronized (stores) {
      unit.change(settings);
    }
    unit.choice().replace(() -> offers(settings.store()), DRAIN_LIMIT);
  }

  private List<StoreOffer> offers(String store) {
    synchronized (stores) {
      return List.copyOf(stores.getOrDefault(store, List.of()));
    }
  }

  /** Removes a logical unit: its LUNs are unmapped, its commands end, its store is let go. */
  public void removeUnit(LogicalUnit unit) {
    removed.removeIf(gone -> gone.tasks().size() == 0);
    removed.add(unit);
    units.remove(unit.name(), unit);
    targets.forEach(TargetDevice::remap);
    unit.remove(DRAIN_LIMIT);
  }

  /**
   * Makes a target.
   *
   * @throws IllegalArgumentException when another has its name
   */
  public synchronized TargetDevice createTarget(String pid, TargetDevice.TargetSettings settings) {
    for (TargetDevice other : targets) {
      if (other.name().equals(settings.name())) {
        throw new IllegalArgumentException(
            "name=%s; allowed: a name that target %s does not have"
                .formatted(settings.name(), other.settings().label()));
      }
    }
    TargetDevice target =
        new TargetDevice(
            this,
            pid,
            settings,
            bareUnit("", unmappedType, Sense.LOGICAL_UNIT_NOT_SUPPORTED),
            bareUnit("-", wellKnownType, Sense.INVALID_COMMAND_OPERATION_CODE));
    targets.add(target);
    return target;
  }

  /** A unit of a target's own, without a store. */
  private LogicalUnit bareUnit(String name, DeviceType type, Sense unknownCommand) {
    Unit.Identity nobody = new Unit.Identity("JTGT", "", "", "", 0);
    LuSettings settings =
        new LuSettings(name, "", "", 512, false, true, false, Duration.ZERO, nobody);
    return new LogicalUnit(settings, type, UnitMemory.ofProcess(), unknownCommand, shared);
  }

  /**
   * The engine is going to stop: the transports are asked to end their sessions while the logical
   * units are still there, so that no initiator sees a unit vanish.
   *
   * @param limit how long it may take
   */
  public void retire(Duration limit) {
    List<TargetDevice> leaving = List.copyOf(targets);
    leaving.forEach(TargetDevice::remove);
    long end = System.nanoTime() + limit.toNanos();
    for (TargetDevice target : leaving) {
      target.awaitNoNexus(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
    }
  }

  void forget(TargetDevice target) {
    targets.remove(target);
  }

  /** A store of one and the same version has come, see {@link #addStore(String, StoreOffer)}. */
  public void addStore(String name, Backstore store) {
    addStore(name, new StoreOffer(store, ""));
  }

  /** A store has come; units of that store name use it at once. */
  public void addStore(String name, StoreOffer offer) {
    List<LogicalUnit> users;
    synchronized (stores) {
      stores.computeIfAbsent(name, key -> new ArrayList<>()).add(offer);
      users = usersOf(name);
    }
    users.forEach(unit -> unit.choice().offer(name, offer));
  }

  /** A store goes away: returns when no I/O runs on it, at the latest after the drain limit. */
  public void removeStore(String name, Backstore store) {
    List<LogicalUnit> users;
    synchronized (stores) {
      List<StoreOffer> offers = stores.get(name);
      if (offers != null && offers.removeIf(offer -> offer.store() == store) && offers.isEmpty()) {
        stores.remove(name);
      }
      // One that asks for another store by now may not have left this one yet.
      users =
          units.values().stream()
              .filter(unit -> unit.settings().store().equals(name) || unit.choice().uses(store))
              .toList();
    }
    users.forEach(unit -> unit.choice().withdraw(store, DRAIN_LIMIT));
  }

  private List<LogicalUnit> usersOf(String store) {
    return units.values().stream().filter(unit -> unit.settings().store().equals(store)).toList();
  }

  /** A store by its name; the one that came first where there are several. */
  Optional<Backstore> store(String name) {
    synchronized (stores) {
      return stores.getOrDefault(name, List.of()).stream().findFirst().map(StoreOffer::store);
    }
  }

  List<String> storeNames() {
    synchronized (stores) {
      return List.copyOf(stores.keySet());
    }
  }

  /** A logical unit by its name. */
  Optional<LogicalUnit> unit(String name) {
    return Optional.ofNullable(units.get(name));
  }

  Collection<LogicalUnit> units() {
    return units.values();
  }

  List<LogicalUnit> removedUnits() {
    return removed;
  }

  List<TargetDevice> targets() {
    return targets;
  }

  int relativePort(ScsiPort port) {
    return ports.relativeId(port);
  }

  /** A target's ports are those and no others from now on. */
  void offer(TargetDevice target, Collection<ScsiPort> offered) {
    if (ports.offer(target.name(), offered)) {
      // The SCSI Ports page is INQUIRY data (SPC-4 6.6.1).
      target.units().forEach(unit -> unit.establish(UnitAttention.INQUIRY_DATA_CHANGED));
    }
  }

  PortGroup portGroup(ScsiPort port) {
    return ports.groupOf(port.portName());
  }

  // --- target port groups ---

  /** A target port group that was made. */
  public static final class GroupHandle {
    private final PortGroup group;

    private GroupHandle(PortGroup group) {
      this.group = group;
    }
  }

  /**
   * Makes a target port group.
   *
   * @param pid its configuration; empty when it has none
   * @param id TARGET PORT GROUP
   * @param portNames names of its target ports, {@code *} stands for any text
   * @param state its asymmetric access state
   * @param preferred PREF
   * @param explicit whether SET TARGET PORT GROUPS may change its state
   * @throws IllegalArgumentException when another group has its identifier
   */
  public GroupHandle addPortGroup(
      String pid,
      int id,
      List<String> portNames,
      AccessState state,
      boolean preferred,
      boolean explicit) {
    PortGroup group =
        ports.add(
            new PortGroup.Settings(pid, id, List.copyOf(portNames), state, preferred, explicit));
    regroup();
    return new GroupHandle(group);
  }

  /** Changes a group; the parameters are those of {@link #addPortGroup}. */
  public GroupHandle changePortGroup(
      GroupHandle handle,
      int id,
      List<String> portNames,
      AccessState state,
      boolean preferred,
      boolean explicit) {
    PortGroup.Settings settings =
        new PortGroup.Settings(
            handle.group.settings().pid(), id, List.copyOf(portNames), state, preferred, explicit);
    GroupHandle changed = new GroupHandle(ports.replace(handle.group, settings));
    regroup();
    return changed;
  }

  /** Removes a group; its ports fall to the group of all others. */
  public void removePortGroup(GroupHandle handle) {
    ports.remove(handle.group);
    regroup();
  }

  /** The groups that were made, by their identifiers. */
  List<PortGroup> portGroups() {
    return ports.groups();
  }

  List<String> portNames(PortGroup group) {
    return ports.portNames(group);
  }

  private void regroup() {
    targets.forEach(TargetDevice::regroup);
    shared.ports().changed(null);
  }

  StuckAborts stuckAborts() {
    return shared.stuckAborts();
  }

  /**
   * Sets how long the commands of an abort may take to end before the nexus that waits for it is
   * given up.
   */
  public void abortLimit(Duration limit) {
    shared.stuckAborts().limit(limit);
  }

  /** The byte budget. */
  public TransferBudget budget() {
    return shared.budget();
  }

  @Override
  public void close() {
    ports.identifiers().keepOrTell();
    shared.workers().close();
  }
}
