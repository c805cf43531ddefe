// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.device.Reservations;
import org.jtgt.scsi.device.UnitAttention;

/** The I_T nexuses that reach a logical unit, and what all of them are told. */
final class UnitPaths {
  private final List<Path> paths = new CopyOnWriteArrayList<>();

  void learn(Path path) {
    paths.add(path);
  }

  void forget(Path path) {
    paths.remove(path);
  }

  void forget(Nexus nexus) {
    paths.removeIf(path -> path.nexus() == nexus);
  }

  /** Name of the initiator port of a nexus, as the transport writes it. */
  String initiator(Reservations.Registrant who) {
    return paths.stream()
        .map(Path::nexus)
        .filter(nexus -> nexus.registrant().equals(who))
        .map(nexus -> nexus.initiator().portName())
        .findFirst()
        .orElse(who.transportId());
  }

  /** Their initiator ports, as TransportIDs in normal form. */
  Set<String> initiators() {
    return paths.stream()
        .map(path -> path.nexus().registrant().transportId())
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Establishes a unit attention for every nexus but one. */
  void establishExcept(UnitAttention attention, @Nullable Nexus except) {
    for (Path path : paths) {
      if (path.nexus() != except) {
        path.establish(attention);
      }
    }
  }

  /** Writes may be lost, and any nexus may have made them. */
  void mayHaveLost() {
    paths.forEach(Path::mayHaveLost);
  }

  /** Establishes a unit attention for every nexus. */
  void establish(UnitAttention attention) {
    paths.forEach(path -> path.establish(attention));
  }

  /** Establishes a unit attention for every nexus but the one that knows, because it caused it. */
  void establish(UnitAttention attention, @Nullable Path except) {
    for (Path path : paths) {
      if (path != except) {
        path.establish(attention);
      }
    }
  }

  /** Establishes the unit attentions of a PERSISTENT RESERVE OUT. */
  void establish(Reservations.Outcome outcome) {
    for (Path path : paths) {
      Reservations.Registrant who = path.nexus().registrant();
      if (outcome.released().contains(who)) {
        path.establish(UnitAttention.RESERVATIONS_RELEASED);
      }
      if (outcome.reservationsPreempted().contains(who)) {
        path.establish(UnitAttention.RESERVATIONS_PREEMPTED);
      }
      if (outcome.registrationsPreempted().contains(who)) {
        path.establish(UnitAttention.REGISTRATIONS_PREEMPTED);
      }
    }
  }
}
