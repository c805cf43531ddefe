// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.reservation;

import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.device.ReservationState;
import org.jtgt.scsi.device.ReservationState.Change;
import org.jtgt.scsi.device.ReservationState.Request;
import org.jtgt.scsi.device.Reservations.Outcome;
import org.jtgt.scsi.device.Reservations.Type;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Step;
import org.jtgt.scsi.device.Task;

/**
 * PERSISTENT RESERVE OUT (SPC-4 6.16): reads the command, lets {@link ReservationState} judge and
 * change, tells whom it concerns. Runs on a thread that may wait, because of APTPL.
 */
final class ReserveOut {
  /** More than any list of TransportIDs that the registrations have room for. */
  private static final int MAXIMUM_LIST_BYTES = 1 << 18;

  private static final Step RESERVED = ReserveOut::reserved;
  private static final Step RECEIVED = ReserveOut::received;
  private static final Step ON_WORKER = ReserveOut::change;
  private static final Step DONE = ReserveOut::done;

  private ReserveOut() {}

  static void run(Task task) {
    long bytes = task.cdb32(5);
    if (bytes < ReserveOutList.BASIC_BYTES
        || bytes > MAXIMUM_LIST_BYTES
        || task.expectedDataOut() < bytes) {
      task.check(Sense.PARAMETER_LIST_LENGTH_ERROR);
    } else if (action(task).needsType() && task.cdb(2) >> 4 != 0) {
      task.check(Sense.invalidFieldInCdb(2, 7)); // SCOPE: only LU_SCOPE
    } else if (action(task).needsType() && type(task).isEmpty()) {
      task.check(Sense.invalidFieldInCdb(2, 3));
    } else {
      task.reserve((int) bytes, RESERVED);
    }
  }

  private static ReserveOutAction action(Task task) {
    return ReserveOutAction.values()[task.cdb(1) & 0x1F];
  }

  private static Optional<Type> type(Task task) {
    return Type.of(task.cdb(2) & 0x0F);
  }

  private static void reserved(Task task) {
    task.receive((int) task.cdb32(5), RECEIVED);
  }

  private static void received(Task task) {
    ReserveOutList list = new ReserveOutList(task, action(task));
    Sense refusal = list.refusal();
    if (refusal != null) {
      task.check(refusal);
      return;
    }
    task.keepsake(list);
    task.mayBlock(ON_WORKER);
  }

  private static void change(Task task) {
    ReserveOutList list = task.keepsake(ReserveOutList.class);
    @Nullable Sense refusal = list.refusalFor(task.unit().reservations().state());
    if (refusal != null) {
      task.check(refusal);
      return;
    }
    Optional<Outcome> changed =
        task.unit().changeReservations(action(action(task), list, type(task)));
    if (changed.isEmpty()) {
      // Not kept: nothing has changed, and the operator was told why.
      task.check(Sense.INTERNAL_TARGET_FAILURE);
      return;
    }
    Outcome outcome = changed.get();
    switch (outcome.result()) {
      case CONFLICT -> task.end(ScsiStatus.RESERVATION_CONFLICT, 0, 0);
      case INVALID_KEY -> task.check(Sense.invalidFieldInParameterList(8, 7));
      case INVALID_RELEASE -> task.check(Sense.INVALID_RELEASE_OF_PERSISTENT_RESERVATION);
      case NO_RESOURCES -> task.check(Sense.INSUFFICIENT_REGISTRATION_RESOURCES);
      case DONE -> {
        if (action(task) == ReserveOutAction.PREEMPT_AND_ABORT) {
          task.abortTasksOf(outcome.preempted(), DONE);
        } else {
          done(task);
        }
      }
    }
  }

  private static Function<ReservationState, Change> action(
      ReserveOutAction action, ReserveOutList list, Optional<Type> given) {
    Request request = list.request();
    // Where there is none, the service action ignores it.
    Type type = given.orElse(Type.WRITE_EXCLUSIVE);
    return switch (action) {
      case REGISTER -> state -> state.register(request, false, list.also(), list.aptpl());
      case REGISTER_AND_IGNORE_EXISTING_KEY ->
          state -> state.register(request, true, list.also(), list.aptpl());
      case RESERVE -> state -> state.reserve(request, type);
      case RELEASE -> state -> state.release(request, type);
      case CLEAR -> state -> state.clear(request);
      case PREEMPT, PREEMPT_AND_ABORT -> state -> state.preempt(request, type);
      case REGISTER_AND_MOVE ->
          state -> state.move(request, list.moveTo(), list.unregister(), list.aptpl());
    };
  }

  private static void done(Task task) {
    task.end(ScsiStatus.GOOD, 0, (int) task.cdb32(5));
  }
}
