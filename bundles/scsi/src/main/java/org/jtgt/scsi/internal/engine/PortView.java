// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.ScsiPort;
import org.jtgt.scsi.device.AccessState;
import org.jtgt.scsi.device.TargetPortGroup;
import org.jtgt.scsi.device.UnitAttention;

/** The target ports as logical units see them: those of the targets that map the unit. */
final class PortView {
  private final TargetPorts ports;
  private final Collection<TargetDevice> targets;
  private final Collection<LogicalUnit> units;

  PortView(TargetPorts ports, Collection<TargetDevice> targets, Collection<LogicalUnit> units) {
    this.ports = ports;
    this.targets = targets;
    this.units = units;
  }

  private Set<String> devices(UnitView unit) {
    Set<String> devices = new LinkedHashSet<>();
    for (TargetDevice target : targets) {
      if (target.settings().luns().containsValue(unit.name())) {
        devices.add(target.name());
      }
    }
    return devices;
  }

  SortedMap<Integer, ScsiPort> ports(UnitView unit) {
    return ports.ports(devices(unit));
  }

  List<TargetPortGroup> groups(UnitView unit) {
    return ports.report(devices(unit));
  }

  /**
   * Returns when a restart finds every port with its identifier; the thread may wait.
   *
   * @throws IOException when it would not
   */
  void keepIdentifiers() throws IOException {
    ports.identifiers().keep();
  }

  PortGroup groupOf(String portName) {
    return ports.groupOf(portName);
  }

  boolean anyExplicit() {
    return ports.anyExplicit();
  }

  /** SET TARGET PORT GROUPS. */
  void set(Map<Integer, AccessState> wanted, Nexus by) throws IOException {
    Map<PortGroup, AccessState> changes = new LinkedHashMap<>();
    wanted.forEach((id, state) ->
        ports
            .group(id)
            .filter(group -> group.state() != state)
            .ifPresent(group -> changes.put(group, state)));
    if (!changes.isEmpty()) {
      ports.set(changes);
      changed(by);
    }
  }

  /** Every nexus learns that states have changed, but the one that has changed them. */
  void changed(@Nullable Nexus by) {
    for (LogicalUnit unit : units) {
      unit.paths().establishExcept(UnitAttention.ACCESS_STATE_CHANGED, by);
    }
  }
}
