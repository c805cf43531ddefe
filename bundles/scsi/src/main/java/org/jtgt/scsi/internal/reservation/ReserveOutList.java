// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.reservation;

import java.nio.ByteBuffer;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.device.ReservationState;
import org.jtgt.scsi.device.ReservationState.Request;
import org.jtgt.scsi.device.Reservations.Registrant;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.TransportIds;

/**
 * The parameter list of PERSISTENT RESERVE OUT: the basic one (SPC-4 6.16.3) and that of REGISTER
 * AND MOVE (SPC-4 6.16.4).
 */
final class ReserveOutList {
  static final int BASIC_BYTES = 24;

  private static final int SPEC_I_PT = 0x08;
  private static final int ALL_TG_PT = 0x04;
  private static final int APTPL = 0x01;
  private static final int UNREG = 0x02;

  private final ReserveOutAction action;
  private final Request request;
  private final int flags;
  private final Set<Registrant> also = new LinkedHashSet<>();
  private @Nullable Registrant moveTo;
  private final @Nullable Sense refusal;

  ReserveOutList(Task task, ReserveOutAction action) {
    this.action = action;
    byte[] bytes = task.parameterList();
    ByteBuffer list = ByteBuffer.wrap(bytes);
    request = new Request(task.registrant(), list.getLong(0), list.getLong(8));
    if (action == ReserveOutAction.REGISTER_AND_MOVE) {
      flags = list.get(17) & 0xFF;
      refusal = readMove(task, bytes);
    } else {
      flags = list.get(20) & 0xFF;
      refusal = readBasic(task, bytes);
    }
  }

  private @Nullable Sense readBasic(Task task, byte[] bytes) {
    boolean listed = action.registers() && (flags & SPEC_I_PT) != 0;
    if (listed && action != ReserveOutAction.REGISTER) {
      return Sense.invalidFieldInParameterList(20, 3);
    }
    if (!listed && bytes.length != BASIC_BYTES) {
      return Sense.PARAMETER_LIST_LENGTH_ERROR;
    }
    Set<String> initiators = new LinkedHashSet<>();
    initiators.add(request.by().transportId());
    if (listed) {
      Sense wrong = readInitiators(task, bytes, initiators);
      if (wrong != null) {
        return wrong;
      }
    }
    Set<Integer> ports = new LinkedHashSet<>();
    ports.add(request.by().relativePort());
    if (action.registers() && (flags & ALL_TG_PT) != 0) {
      ports.addAll(task.unit().targetPorts().keySet());
    }
    for (String initiator : initiators) {
      ports.forEach(port -> also.add(new Registrant(initiator, port)));
    }
    also.remove(request.by());
    return null;
  }

  /** TRANSPORTID PARAMETER DATA LENGTH and the TransportIDs (SPC-4 table 207). */
  private static @Nullable Sense readInitiators(Task task, byte[] bytes, Set<String> initiators) {
    int first = BASIC_BYTES + 4;
    if (bytes.length < first
        || bytes.length - first != ByteBuffer.wrap(bytes).getInt(BASIC_BYTES)) {
      return Sense.PARAMETER_LIST_LENGTH_ERROR;
    }
    for (int at = first; at < bytes.length; ) {
      Optional<TransportIds.Found> found = TransportIds.at(bytes, at);
      if (found.isEmpty()) {
        return Sense.invalidFieldInParameterList(at, 7);
      }
      Set<String> named = initiatorPorts(task, found.get());
      if (named.isEmpty()) {
        // GOOD would say that somebody has been registered.
        return Sense.invalidFieldInParameterList(at, 7);
      }
      initiators.addAll(named);
      at += found.get().bytes();
    }
    return null;
  }

  /**
   * What a TransportID means: that port, or all initiator ports that are known with the name of
   * that iSCSI node (SPC-4 7.6.4.6).
   */
  private static Set<String> initiatorPorts(Task task, TransportIds.Found found) {
    if (!found.ofDevice()) {
      return Set.of(found.transportId());
    }
    Set<String> known = new LinkedHashSet<>(task.unit().initiators());
    task.unit().reservations().state().keys().keySet().forEach(who -> known.add(who.transportId()));
    return TransportIds.portsOf(found.transportId(), known);
  }

  private @Nullable Sense readMove(Task task, byte[] bytes) {
    ByteBuffer list = ByteBuffer.wrap(bytes);
    if (bytes.length - BASIC_BYTES != list.getInt(20)) {
      return Sense.PARAMETER_LIST_LENGTH_ERROR;
    }
    int port = list.getShort(18) & 0xFFFF;
    if (!task.unit().targetPorts().containsKey(port)) {
      return Sense.invalidFieldInParameterList(18, 7);
    }
    Optional<TransportIds.Found> found = TransportIds.at(bytes, BASIC_BYTES);
    if (found.isEmpty() || found.get().bytes() != bytes.length - BASIC_BYTES) {
      return Sense.invalidFieldInParameterList(BASIC_BYTES, 7);
    }
    Set<String> named = initiatorPorts(task, found.get());
    if (named.size() != 1) {
      // A reservation goes to one nexus, and this names none, or several.
      return Sense.invalidFieldInParameterList(BASIC_BYTES, 7);
    }
    moveTo = new Registrant(named.iterator().next(), port);
    return null;
  }

  /** What is wrong with the list whatever is registered; null for nothing. */
  @Nullable Sense refusal() {
    return refusal;
  }

  /** What is wrong with the list for those who may send it; null for nothing. */
  @Nullable Sense refusalFor(ReservationState state) {
    Long registered = state.keys().get(request.by());
    boolean matches = registered != null && registered == request.key();
    if (action == ReserveOutAction.REGISTER && (flags & SPEC_I_PT) != 0 && matches) {
      // SPC-4 table 46: only with the registration of a nexus that has none.
      return Sense.invalidFieldInParameterList(20, 3);
    }
    if (action == ReserveOutAction.REGISTER_AND_MOVE && matches && state.holds(request.by())) {
      if (request.actionKey() == 0) {
        return Sense.invalidFieldInParameterList(8, 7);
      }
      if (request.by().equals(moveTo)) {
        return Sense.invalidFieldInParameterList(BASIC_BYTES, 7);
      }
    }
    return null;
  }

  Request request() {
    return request;
  }

  /** Further nexuses that REGISTER is about. */
  Set<Registrant> also() {
    return also;
  }

  /** Who gets the reservation by REGISTER AND MOVE. */
  Registrant moveTo() {
    return Objects.requireNonNull(moveTo);
  }

  boolean aptpl() {
    return (flags & APTPL) != 0;
  }

  boolean unregister() {
    return (flags & UNREG) != 0;
  }
}
