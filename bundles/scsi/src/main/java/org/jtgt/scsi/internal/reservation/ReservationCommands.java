// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.reservation;

import static org.jtgt.scsi.device.Command.Trait.IGNORES_RESERVE;
import static org.jtgt.scsi.device.Command.Trait.WITHOUT_STORE;
import static org.jtgt.scsi.device.ReservationRule.ALLOWED;
import static org.jtgt.scsi.device.ReservationRule.PERSISTENT;

import java.util.ArrayList;
import java.util.List;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.device.Command;
import org.jtgt.scsi.device.Step;
import org.jtgt.scsi.device.Task;

/** The commands of reservations: their own rules stand in {@code Reservations}. */
public final class ReservationCommands {
  private ReservationCommands() {}

  /** The rows. */
  public static List<Command> rows() {
    List<Command> rows = new ArrayList<>();
    rows.add(in("READ KEYS", 0, ReserveIn::readKeys));
    rows.add(in("READ RESERVATION", 1, ReserveIn::readReservation));
    rows.add(in("REPORT CAPABILITIES", 2, ReserveIn::reportCapabilities));
    rows.add(in("READ FULL STATUS", 3, ReserveIn::readFullStatus));
    for (ReserveOutAction action : ReserveOutAction.values()) {
      rows.add(out(action));
    }
    rows.add(plain("RESERVE(6)", "16 00 00 00 00 00", ReservationCommands::reserve));
    rows.add(plain("RELEASE(6)", "17 00 00 00 00 00", ReservationCommands::release));
    rows.add(plain("RESERVE(10)", "56 00 00 00 00 00 00 00 00 00", ReservationCommands::reserve));
    rows.add(plain("RELEASE(10)", "57 00 00 00 00 00 00 00 00 00", ReservationCommands::release));
    return rows;
  }

  private static Command in(String name, int action, Step first) {
    return Command.ofServiceAction(
        "PERSISTENT RESERVE IN, " + name,
        "5E %02X 00 00 00 00 00 FF FF 00".formatted(action),
        PERSISTENT,
        first,
        WITHOUT_STORE);
  }

  private static Command out(ReserveOutAction action) {
    return Command.ofServiceAction(
        "PERSISTENT RESERVE OUT, " + action.title(),
        "5F %02X FF 00 00 FF FF FF FF 00".formatted(action.ordinal()),
        PERSISTENT,
        ReserveOut::run,
        WITHOUT_STORE);
  }

  private static Command plain(String name, String usage, Step first) {
    return Command.of(name, usage, ALLOWED, first, WITHOUT_STORE, IGNORES_RESERVE);
  }

  private static void reserve(Task task) {
    boolean done = task.unit().reservations().reserveUnit(task.registrant());
    task.end(done ? ScsiStatus.GOOD : ScsiStatus.RESERVATION_CONFLICT, 0, 0);
  }

  private static void release(Task task) {
    boolean done = task.unit().reservations().releaseUnit(task.registrant());
    task.end(done ? ScsiStatus.GOOD : ScsiStatus.RESERVATION_CONFLICT, 0, 0);
  }
}
