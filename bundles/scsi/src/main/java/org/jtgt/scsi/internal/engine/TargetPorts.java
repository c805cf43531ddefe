// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import org.jtgt.scsi.ScsiPort;
import org.jtgt.scsi.device.AccessState;
import org.jtgt.scsi.device.TargetPortGroup;
import org.jtgt.scsi.device.UnitMemory;

/**
 * The SCSI target ports of the container (SAM-5 4.5.4): their RELATIVE TARGET PORT IDENTIFIERs,
 * which are the same after a restart because registrations with APTPL mean them, and their target
 * port groups with the states that SET TARGET PORT GROUPS gave them.
 */
final class TargetPorts {
  private static final String STATES = "portgroups";

  private final UnitMemory memory;
  private final PortIdentifiers identifiers;
  private final Object setting = new Object();
  private final List<PortGroup> groups = new CopyOnWriteArrayList<>();
  private final PortGroup others = new PortGroup(PortGroup.DEFAULT);

  // Of each group whose state was set by SET TARGET PORT GROUPS: the configured one, then the set.
  private final Map<Integer, List<AccessState>> explicit = new TreeMap<>();

  // The ports of each device by their names: those that a transport offers, or that were used.
  private final Map<String, Map<String, ScsiPort>> known = new ConcurrentHashMap<>();

  /**
   * @param writer runs what waits for stable storage
   * @throws IllegalStateException when what was kept cannot be used
   */
  TargetPorts(UnitMemory memory, Reporter reporter, Executor writer) {
    this.memory = memory;
    this.identifiers = new PortIdentifiers(memory, reporter, writer);
    for (String line : PortIdentifiers.lines(memory, STATES, "\\d{1,5} [a-z-]+ [a-z-]+")) {
      String[] words = line.split(" ");
      explicit.put(
          Integer.parseInt(words[0]),
          List.of(AccessState.of(words[1]).orElseThrow(), AccessState.of(words[2]).orElseThrow()));
    }
  }

  // --- relative identifiers ---

  /** RELATIVE TARGET PORT IDENTIFIER of a port. */
  synchronized int relativeId(ScsiPort port) {
    known
        .computeIfAbsent(key(port.deviceName()), name -> new ConcurrentHashMap<>())
        .putIfAbsent(port.portName(), port);
    return identifiers.of(port.portName());
  }

  /** The identifiers of all ports, as they are kept. */
  PortIdentifiers identifiers() {
    return identifiers;
  }

  /**
   * Says which ports a device has now; a port that it has no more keeps its identifier.
   *
   * @return whether it had others before
   */
  synchronized boolean offer(String deviceName, Collection<ScsiPort> ports) {
    Map<String, ScsiPort> before = known.remove(key(deviceName));
    ports.forEach(this::relativeId);
    return before != null
        && !before.keySet().equals(known.getOrDefault(key(deviceName), Map.of()).keySet());
  }

  private static String key(String deviceName) {
    return deviceName.toLowerCase(Locale.ROOT);
  }

  /** The ports of some devices, by their relative identifiers. */
  synchronized SortedMap<Integer, ScsiPort> ports(Collection<String> deviceNames) {
    SortedMap<Integer, ScsiPort> ports = new TreeMap<>();
    for (String device : deviceNames) {
      for (ScsiPort port : known.getOrDefault(key(device), Map.of()).values()) {
        ports.put(relativeId(port), port);
      }
    }
    return ports;
  }

  // --- groups ---

  /** The group of a port. */
  PortGroup groupOf(String portName) {
    return groups.stream().filter(group -> group.has(portName)).findFirst().orElse(others);
  }

  /** Makes a group; what SET TARGET PORT GROUPS gave it counts until the operator sets another. */
  synchronized PortGroup add(PortGroup.Settings settings) {
    if (settings.id() == PortGroup.DEFAULT.id()
        || groups.stream().anyMatch(other -> other.settings().id() == settings.id())) {
      throw new IllegalArgumentException(
          "id=%d; allowed: an identifier that no other target port group has; 1 is that of ports in none"
              .formatted(settings.id()));
    }
    PortGroup group = new PortGroup(settings);
    List<AccessState> kept = explicit.get(settings.id());
    if (kept != null && kept.get(0) == settings.state() && settings.explicit()) {
      group.state(kept.get(1), PortGroup.CHANGED_EXPLICITLY);
    }
    groups.add(group);
    return group;
  }

  /** Puts a group in the place of another, in one step. */
  synchronized PortGroup replace(PortGroup old, PortGroup.Settings settings) {
    groups.remove(old);
    try {
      PortGroup made = add(settings);
      if (made.statusCode() == 0 && made.state() != old.state()) {
        made.state(made.state(), PortGroup.CHANGED_IMPLICITLY);
      }
      return made;
    } catch (IllegalArgumentException refused) {
      groups.add(old);
      throw refused;
    }
  }

  void remove(PortGroup group) {
    groups.remove(group);
  }

  /** Whether any group can be changed by SET TARGET PORT GROUPS. */
  boolean anyExplicit() {
    return groups.stream().anyMatch(group -> group.settings().explicit());
  }

  /** The groups that were made, by their identifiers. */
  List<PortGroup> groups() {
    return groups.stream().sorted(Comparator.comparing(group -> group.settings().id())).toList();
  }

  /** The names of the ports of a group that are known. */
  List<String> portNames(PortGroup group) {
    return known.values().stream()
        .flatMap(ports -> ports.keySet().stream())
        .filter(name -> groupOf(name) == group)
        .sorted()
        .toList();
  }

  /** A group by its identifier. */
  Optional<PortGroup> group(int id) {
    if (id == PortGroup.DEFAULT.id()) {
      return Optional.of(others);
    }
    return groups.stream().filter(group -> group.settings().id() == id).findFirst();
  }

  /**
   * Keeps states that SET TARGET PORT GROUPS asks for, then gives them to the groups. The thread
   * waits for stable storage, and nobody else does.
   */
  void set(Map<PortGroup, AccessState> wanted) throws IOException {
    synchronized (setting) {
      Map<Integer, List<AccessState>> next;
      synchronized (this) {
        next = new TreeMap<>(explicit);
      }
      wanted.forEach((group, state) ->
          next.put(group.settings().id(), List.of(group.settings().state(), state)));
      List<String> lines = new ArrayList<>();
      next.forEach(
          (id, states) -> lines.add(id + " " + states.get(0).text() + " " + states.get(1).text()));
      PortIdentifiers.keep(memory, STATES, lines);
      synchronized (this) {
        explicit.putAll(next);
        wanted.forEach((group, state) -> group.state(state, PortGroup.CHANGED_EXPLICITLY));
      }
    }
  }

  /** The groups of the ports of some devices. */
  List<TargetPortGroup> report(Collection<String> deviceNames) {
    Map<PortGroup, List<Integer>> ports = new LinkedHashMap<>();
    ports(deviceNames)
        .forEach((id, port) ->
            ports.computeIfAbsent(groupOf(port.portName()), group -> new ArrayList<>()).add(id));
    List<TargetPortGroup> report = new ArrayList<>();
    ports.forEach((group, ids) ->
        report.add(
            new TargetPortGroup(
                group.settings().id(),
                group.state(),
                group.settings().preferred(),
                group.settings().explicit(),
                group.statusCode(),
                List.copyOf(ids))));
    return report;
  }
}
