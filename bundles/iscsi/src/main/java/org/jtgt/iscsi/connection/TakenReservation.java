// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.ScsiCommand.Reservation;

/**
 * Bytes of the engine's budget that the Data-In of a task takes up until it is sent or dropped.
 *
 * <p>Not for several threads at once.
 */
final class TakenReservation {
  private @Nullable Reservation taken;
  private int bytes;

  void take(Reservation reservation, int reservedBytes) {
    taken = reservation;
    bytes = reservedBytes;
  }

  /** True until it is given back. */
  boolean held() {
    return taken != null;
  }

  /** Gives the bytes back to the engine, which may go on with other commands meanwhile. */
  void giveBack() {
    Reservation back = taken;
    taken = null;
    if (back != null) {
      back.giveBack(bytes);
    }
  }

  /** As {@link #giveBack}, when this object may serve another command already. */
  Runnable givingBack() {
    TakenReservation moved = new TakenReservation();
    moved.taken = taken;
    moved.bytes = bytes;
    taken = null;
    return moved::giveBack;
  }
}
