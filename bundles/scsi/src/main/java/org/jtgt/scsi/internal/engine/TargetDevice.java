// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.NexusView;
import org.jtgt.scsi.ScsiPort;
import org.jtgt.scsi.ScsiTarget;

/** A SCSI target device (SAM-5 4.5.5): its LUN map and its nexuses. */
public final class TargetDevice implements ScsiTarget {
  private final Engine engine;
  private final String pid;
  private final LogicalUnit unmapped;
  private final LogicalUnit wellKnown;
  private final List<Nexus> nexuses = new CopyOnWriteArrayList<>();
  private volatile TargetSettings settings;

  /** Where the transport offers it; null until it has said so. */
  private @Nullable Set<ScsiPort> offered;

  private boolean removed;

  TargetDevice(
      Engine engine,
      String pid,
      TargetSettings settings,
      LogicalUnit unmapped,
      LogicalUnit wellKnown) {
    this.engine = engine;
    this.pid = pid;
    this.settings = settings;
    this.unmapped = unmapped;
    this.wellKnown = wellKnown;
  }

  /**
   * What is configured for a target.
   *
   * @param label the configuration's name
   * @param name the SCSI device name
   * @param alias text to show; empty when there is none
   * @param portals names of portals; empty for all
   * @param luns names of logical units by LUN number
   */
  public record TargetSettings(
      String label,
      String name,
      String alias,
      Set<String> portals,
      SortedMap<Integer, String> luns) {}

  @Override
  public String name() {
    return settings.name();
  }

  @Override
  public String alias() {
    return settings.alias();
  }

  @Override
  public Set<String> portals() {
    return settings.portals();
  }

  @Override
  public Nexus connect(ScsiPort initiator, ScsiPort target, NexusListener listener) {
    return connect(initiator, target, NexusView.WHOLE, listener);
  }

  @Override
  public Nexus connect(
      ScsiPort initiator, ScsiPort target, NexusView view, NexusListener listener) {
    synchronized (this) {
      if (removed) {
        throw new IllegalStateException("target " + name() + " is being removed");
      }
      Nexus nexus =
          new Nexus(
              this, initiator, target, engine.relativePort(target), listener, unmapped, wellKnown);
      nexus.show(view);
      nexuses.add(nexus);
      nexus.portGroup(engine.portGroup(target));
      nexus.map(units(view), false);
      return nexus;
    }
  }

  /** Takes changed settings over in place. */
  public void change(TargetSettings changed) {
    settings = changed;
    remap();
  }

  /** Looks again in which target port group each nexus is. */
  void regroup() {
    nexuses.forEach(nexus -> nexus.portGroup(engine.portGroup(nexus.target())));
  }

  @Override
  public synchronized void offeredAt(Collection<ScsiPort> ports) {
    offered = new LinkedHashSet<>(ports);
    offerPorts(offered);
  }

  /** A port is there as long as it is offered or anyone uses it. */
  private void offerPorts(Set<ScsiPort> ports) {
    Set<ScsiPort> all = new LinkedHashSet<>(ports);
    nexuses.forEach(nexus -> all.add(nexus.target()));
    if (!removed) {
      engine.offer(this, all);
    }
  }

  /** The logical units that are mapped. */
  Collection<LogicalUnit> units() {
    return units(NexusView.WHOLE).values();
  }

  /** Looks again which of the mapped logical units exist. */
  synchronized void remap() {
    nexuses.forEach(nexus -> nexus.map(units(nexus.view()), true));
  }

  /** Shows a nexus something else. */
  synchronized void remap(Nexus nexus, NexusView view) {
    if (!nexus.view().equals(view)) {
      nexus.show(view);
      nexus.map(units(view), true);
    }
  }

  private SortedMap<Integer, LogicalUnit> units(NexusView view) {
    SortedMap<Integer, LogicalUnit> units = new TreeMap<>();
    for (Map.Entry<Integer, String> entry : view.luns().orElse(settings.luns()).entrySet()) {
      engine.unit(entry.getValue()).ifPresent(unit -> units.put(entry.getKey(), unit));
    }
    return units;
  }

  /** Ends the target: no new nexus, the transports are asked to end those that are. */
  public void remove() {
    synchronized (this) {
      removed = true;
    }
    engine.forget(this);
    nexuses.forEach(nexus -> nexus.listener().targetRemoved());
  }

  void forget(Nexus nexus) {
    nexuses.remove(nexus);
    synchronized (this) {
      if (offered != null && !offered.contains(nexus.target())) {
        offerPorts(offered);
      }
      notifyAll();
    }
  }

  /** Waits until no nexus is left, or the time is over, or the thread is interrupted. */
  synchronized void awaitNoNexus(Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    try {
      for (long left = limit.toNanos(); !nexuses.isEmpty() && left > 0; ) {
        TimeUnit.NANOSECONDS.timedWait(this, left);
        left = end - System.nanoTime();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Every unit that may hold a command of a nexus of this target. */
  Collection<LogicalUnit> everyUnit() {
    Set<LogicalUnit> units = new LinkedHashSet<>(engine.units());
    units.addAll(engine.removedUnits());
    units.add(unmapped);
    units.add(wellKnown);
    return units;
  }

  StuckAborts stuckAborts() {
    return engine.stuckAborts();
  }

  TargetSettings settings() {
    return settings;
  }

  String pid() {
    return pid;
  }

  int nexusCount() {
    return nexuses.size();
  }
}
