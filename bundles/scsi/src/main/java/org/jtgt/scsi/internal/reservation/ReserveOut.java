// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.reservation;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.device.Reservations;
import org.jtgt.scsi.device.Reservations.Outcome;
import org.jtgt.scsi.device.Reservations.Registrant;
import org.jtgt.scsi.device.Reservations.Type;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Step;
import org.jtgt.scsi.device.Task;

/** PERSISTENT RESERVE OUT (SPC-4 6.16). */
final class ReserveOut {
  private static final int LIST_BYTES = 24;
  private static final int REGISTER = 0;
  private static final int RESERVE = 1;
  private static final int RELEASE = 2;
  private static final int CLEAR = 3;
  private static final int PREEMPT_AND_ABORT = 5;
  private static final int REGISTER_AND_IGNORE = 6;

  private static final Step RESERVED = ReserveOut::reserved;
  private static final Step RECEIVED = ReserveOut::received;
  private static final Step DONE = ReserveOut::done;

  private ReserveOut() {}

  static void run(Task task) {
    if (task.cdb32(5) != LIST_BYTES || task.expectedDataOut() < LIST_BYTES) {
      task.check(Sense.PARAMETER_LIST_LENGTH_ERROR);
    } else if (needsType(action(task)) && task.cdb(2) >> 4 != 0) {
      task.check(Sense.invalidFieldInCdb(2, 7)); // SCOPE: only LU_SCOPE
    } else if (needsType(action(task)) && type(task).isEmpty()) {
      task.check(Sense.invalidFieldInCdb(2, 3));
    } else {
      task.reserve(LIST_BYTES, RESERVED);
    }
  }

  private static int action(Task task) {
    return task.cdb(1) & 0x1F;
  }

  private static boolean needsType(int action) {
    return action != REGISTER && action != CLEAR && action != REGISTER_AND_IGNORE;
  }

  private static Optional<Type> type(Task task) {
    return Type.of(task.cdb(2) & 0x0F);
  }

  private static void reserved(Task task) {
    task.receive(LIST_BYTES, RECEIVED);
  }

  private static void received(Task task) {
    ByteBuffer list = ByteBuffer.wrap(task.parameterList());
    int flags = list.get(20) & 0xFF;
    boolean registers = action(task) == REGISTER || action(task) == REGISTER_AND_IGNORE;
    if (registers && (flags & 0x0D) != 0) {
      // SPEC_I_PT, ALL_TG_PT and APTPL are not offered (REPORT CAPABILITIES).
      task.check(
          Sense.invalidFieldInParameterList(20, 31 - Integer.numberOfLeadingZeros(flags & 0x0D)));
      return;
    }
    Outcome outcome = apply(task, list.getLong(0), list.getLong(8));
    switch (outcome.result()) {
      case CONFLICT -> task.end(ScsiStatus.RESERVATION_CONFLICT, 0, 0);
      case INVALID_KEY -> task.check(Sense.invalidFieldInParameterList(8, 7));
      case INVALID_RELEASE -> task.check(Sense.INVALID_RELEASE_OF_PERSISTENT_RESERVATION);
      case DONE -> {
        task.unit().reservationChanged(outcome);
        if (action(task) == PREEMPT_AND_ABORT) {
          task.abortTasksOf(outcome.registrationsPreempted(), DONE);
        } else {
          done(task);
        }
      }
    }
  }

  private static Outcome apply(Task task, long key, long actionKey) {
    Reservations reservations = task.unit().reservations();
    Registrant by = task.registrant();
    Type type = type(task).orElse(Type.WRITE_EXCLUSIVE);
    return switch (action(task)) {
      case REGISTER -> reservations.register(by, key, actionKey, false);
      case REGISTER_AND_IGNORE -> reservations.register(by, key, actionKey, true);
      case RESERVE -> reservations.reserve(by, key, type);
      case RELEASE -> reservations.release(by, key, type);
      case CLEAR -> reservations.clear(by, key);
      default -> reservations.preempt(by, key, actionKey, type);
    };
  }

  private static void done(Task task) {
    task.end(ScsiStatus.GOOD, 0, LIST_BYTES);
  }
}
