// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.device;

import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jtgt.scsi.ScsiPort;
import org.jtgt.scsi.device.ReservationState.Change;

/**
 * The registrations and the reservation of a logical unit (SPC-4 5.13) as all commands see them,
 * and the reservation of RESERVE (SPC-2 5.5.2).
 *
 * <p>Thread rules: any thread; only {@link #change} may wait. {@link #conflicts} costs one read
 * while nothing is reserved, and never waits for a state that is being written to disk.
 */
public final class Reservations {
  private final AtomicReference<ReservationState> state;
  private final Keeper keeper;
  private final Object changing = new Object();

  /** Keeps a state over power loss (APTPL). */
  @FunctionalInterface
  public interface Keeper {
    /**
     * Keeps a state, or nothing; it is on stable storage when this returns.
     *
     * @param image {@link ReservationImage}; empty when nothing is to be kept
     * @throws IOException when what was kept before may still be what is kept
     */
    void keep(Optional<byte[]> image) throws IOException;
  }

  /**
   * An I_T nexus, also while it does not exist.
   *
   * @param transportId TransportID of the initiator port in normal form
   * @param relativePort RELATIVE TARGET PORT IDENTIFIER of the target port
   */
  public record Registrant(String transportId, int relativePort) {
    /** The nexus of two ports. */
    public static Registrant of(ScsiPort initiator, int relativePort) {
      return new Registrant(TransportIds.normal(initiator.transportId()), relativePort);
    }
  }

  /** TYPE (SPC-4 table 204). */
  public enum Type {
    WRITE_EXCLUSIVE(1),
    EXCLUSIVE_ACCESS(3),
    WRITE_EXCLUSIVE_REGISTRANTS_ONLY(5),
    EXCLUSIVE_ACCESS_REGISTRANTS_ONLY(6),
    WRITE_EXCLUSIVE_ALL_REGISTRANTS(7),
    EXCLUSIVE_ACCESS_ALL_REGISTRANTS(8);

    private final int code;

    Type(int code) {
      this.code = code;
    }

    /** The code on the wire. */
    public int code() {
      return code;
    }

    /** The type of a code. */
    public static Optional<Type> of(int code) {
      for (Type type : values()) {
        if (type.code == code) {
          return Optional.of(type);
        }
      }
      return Optional.empty();
    }

    boolean writeExclusive() {
      return code == 1 || code == 5 || code == 7;
    }

    /** Whether every registered nexus has access: Registrants Only and All Registrants. */
    boolean registrantsOnly() {
      return code >= 5;
    }

    /** Whether every registered nexus holds the reservation. */
    public boolean allRegistrants() {
      return code >= 7;
    }
  }

  /**
   * What became of a PERSISTENT RESERVE OUT.
   *
   * @param result whether it was done
   * @param released get RESERVATIONS RELEASED
   * @param reservationsPreempted get RESERVATIONS PREEMPTED
   * @param registrationsPreempted get REGISTRATIONS PREEMPTED
   * @param preempted lost their registration to PREEMPT: PREEMPT AND ABORT aborts their commands
   */
  public record Outcome(
      Result result,
      Set<Registrant> released,
      Set<Registrant> reservationsPreempted,
      Set<Registrant> registrationsPreempted,
      Set<Registrant> preempted) {
    static Outcome of(Result result) {
      return new Outcome(result, Set.of(), Set.of(), Set.of(), Set.of());
    }
  }

  /** Whether a PERSISTENT RESERVE OUT was done. */
  public enum Result {
    /** GOOD. */
    DONE,
    /** RESERVATION CONFLICT. */
    CONFLICT,
    /** INVALID FIELD IN PARAMETER LIST: the service action reservation key. */
    INVALID_KEY,
    /** INVALID RELEASE OF PERSISTENT RESERVATION. */
    INVALID_RELEASE,
    /** INSUFFICIENT REGISTRATION RESOURCES. */
    NO_RESOURCES
  }

  /**
   * @param kept what was kept over the power loss
   * @param keeper keeps what has to outlive the next one
   */
  public Reservations(ReservationState kept, Keeper keeper) {
    this.state = new AtomicReference<>(kept);
    this.keeper = keeper;
  }

  /** The state as it stands. */
  public ReservationState state() {
    return Objects.requireNonNull(state.get());
  }

  /**
   * Whether a command of a nexus conflicts.
   *
   * @param cdbByte4 byte 4 of its CDB, on which some rules depend
   */
  public boolean conflicts(Registrant by, Command command, int cdbByte4) {
    ReservationState now = state();
    if (now.type() == null && now.reservedBy() == null) {
      return false;
    }
    return now.conflicts(by, command, command.reservation().of(cdbByte4));
  }

  /**
   * Carries out a service action of PERSISTENT RESERVE OUT. With APTPL the new state is on stable
   * storage before anyone sees it.
   *
   * @throws IOException when it could not be kept: nothing has changed
   */
  public Outcome change(Function<ReservationState, Change> action) throws IOException {
    synchronized (changing) {
      for (; ; ) {
        ReservationState before = state();
        Change change = action.apply(before);
        ReservationState next = change.next();
        if (next == before) {
          return change.outcome();
        }
        if (next.persists() || before.persists()) {
          keeper.keep(
              next.persists() ? Optional.of(ReservationImage.write(next)) : Optional.empty());
        }
        // Else RESERVE or RELEASE of SPC-2 came between, which do not wait for a disk.
        if (state.compareAndSet(before, next)) {
          return change.outcome();
        }
      }
    }
  }

  // --- RESERVE and RELEASE ---

  /**
   * RESERVE(6), (10).
   *
   * @return false for RESERVATION CONFLICT
   */
  public boolean reserveUnit(Registrant by) {
    for (; ; ) {
      ReservationState now = state();
      if (!now.keys().isEmpty()) {
        return now.admitsReserve(by);
      }
      if (now.reservedBy() != null) {
        return by.equals(now.reservedBy());
      }
      if (state.compareAndSet(now, now.reservedBy(by))) {
        return true;
      }
    }
  }

  /**
   * RELEASE(6), (10): without effect for a nexus that has not reserved.
   *
   * @return false for RESERVATION CONFLICT
   */
  public boolean releaseUnit(Registrant by) {
    for (; ; ) {
      ReservationState now = state();
      if (!now.keys().isEmpty()) {
        return now.admitsReserve(by);
      }
      if (!by.equals(now.reservedBy()) || state.compareAndSet(now, now.reservedBy(null))) {
        return true;
      }
    }
  }

  /** A reset ends what RESERVE made; a persistent reservation stays. */
  public void endUnitReservation() {
    for (; ; ) {
      ReservationState now = state();
      if (now.reservedBy() == null || state.compareAndSet(now, now.reservedBy(null))) {
        return;
      }
    }
  }
}
