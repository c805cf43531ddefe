// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.jtgt.scsi.device.ReservationImage;
import org.jtgt.scsi.device.ReservationState;
import org.jtgt.scsi.device.Reservations;
import org.jtgt.scsi.device.UnitMemory;

/**
 * What a logical unit keeps of its reservations: those with APTPL over power loss (SPC-4 5.13.5),
 * and all of them for the engine that takes the place of this one in the same run of the container.
 * A replaced bundle is no power loss; a container that was started anew is one, so what was handed
 * over is worth nothing then.
 */
final class KeptReservations implements Reservations.Keeper {
  private static final String KEPT = "reservations";
  private static final String HANDED_OVER = "handover";

  private final String unit;
  private final UnitMemory memory;
  private final PortView ports;
  private final String run;

  /**
   * @param unit name of the logical unit
   * @param ports whose identifiers the registrations mean
   * @param run tells one run of the container from another; empty when nothing is handed over
   */
  KeptReservations(String unit, UnitMemory memory, PortView ports, String run) {
    this.unit = unit;
    this.memory = memory;
    this.ports = ports;
    this.run = run;
  }

  /**
   * What the unit begins with.
   *
   * @throws IllegalStateException when it cannot be read: a unit that had forgotten whom it shuts
   *     out must not appear
   */
  ReservationState load() {
    String file = HANDED_OVER;
    try {
      Optional<ReservationState> handedOver = takeOver();
      if (handedOver.isPresent()) {
        return handedOver.get();
      }
      file = KEPT;
      return memory.load(KEPT).map(ReservationImage::read).orElse(ReservationState.EMPTY);
    } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
      throw new IllegalStateException(
          "logical unit %s is refused: its persistent reservations (lu/%s/%s in the state folder) cannot be used: %s; put the file right, or delete it to give them up"
              .formatted(unit, unit, file, e.getMessage()),
          e);
    }
  }

  private Optional<ReservationState> takeOver() throws IOException {
    Optional<byte[]> kept = memory.load(HANDED_OVER);
    if (kept.isEmpty()) {
      return Optional.empty();
    }
    Optional<ReservationState> state = read(kept.get());
    // Whatever it was: it is good for one time.
    memory.forget(HANDED_OVER);
    return state;
  }

  /** The first line says for whom it is, and what the image does not hold. */
  private Optional<ReservationState> read(byte[] kept) {
    String text = new String(kept, StandardCharsets.US_ASCII);
    int end = text.indexOf('\n');
    String[] words = text.substring(0, Math.max(0, end)).split(" ");
    if (words.length != 6) {
      throw new IllegalArgumentException("it does not say for which run of the container it is");
    }
    if (run.isEmpty() || !words[1].equals(run)) {
      return Optional.empty();
    }
    ReservationState image = ReservationImage.read(Arrays.copyOfRange(kept, end + 1, kept.length));
    return Optional.of(
        new ReservationState(
            image.keys(),
            image.holder(),
            image.type(),
            null,
            Boolean.parseBoolean(words[3]),
            Integer.parseInt(words[5])));
  }

  @Override
  public void keep(Optional<byte[]> image) throws IOException {
    if (image.isPresent()) {
      ports.keepIdentifiers();
      memory.keep(KEPT, image.get());
    } else {
      memory.forget(KEPT);
    }
  }

  /**
   * Leaves a state for the engine that comes next.
   *
   * @throws IOException when it cannot be kept
   */
  void handOver(ReservationState state) throws IOException {
    if (run.isEmpty() || state.equals(ReservationState.EMPTY)) {
      return;
    }
    byte[] head =
        "run %s persists %s generation %d\n"
            .formatted(run, state.persists(), state.generation())
            .getBytes(StandardCharsets.US_ASCII);
    byte[] image = ReservationImage.write(state);
    byte[] whole = Arrays.copyOf(head, head.length + image.length);
    System.arraycopy(image, 0, whole, head.length, image.length);
    memory.keep(HANDED_OVER, whole);
  }
}
