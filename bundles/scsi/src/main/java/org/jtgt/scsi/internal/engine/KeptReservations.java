// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.jtgt.scsi.device.ReservationImage;
import org.jtgt.scsi.device.ReservationState;
import org.jtgt.scsi.device.Reservations;
import org.jtgt.scsi.device.UnitMemory;

/** Persistent reservations with APTPL, in the memory of a logical unit (SPC-4 5.12.4). */
final class KeptReservations {
  private static final String KEY = "reservations";

  private KeptReservations() {}

  /**
   * The reservations of a unit, as they were kept.
   *
   * @throws IllegalStateException when they cannot be read: a unit that had forgotten whom it shuts
   *     out must not appear
   */
  static Reservations of(String unit, UnitMemory memory) {
    return new Reservations(load(unit, memory), image -> keep(memory, image));
  }

  private static ReservationState load(String unit, UnitMemory memory) {
    try {
      return memory.load(KEY).map(ReservationImage::read).orElse(ReservationState.EMPTY);
    } catch (UncheckedIOException | IllegalArgumentException e) {
      throw new IllegalStateException(
          "logical unit %s is refused: its persistent reservations (lu/%s/%s in the state folder) cannot be used: %s; put the file right, or delete it to give them up"
              .formatted(unit, unit, KEY, e.getMessage()),
          e);
    }
  }

  private static void keep(UnitMemory memory, Optional<byte[]> image) throws IOException {
    if (image.isPresent()) {
      memory.keep(KEY, image.get());
    } else {
      memory.forget(KEY);
    }
  }
}
