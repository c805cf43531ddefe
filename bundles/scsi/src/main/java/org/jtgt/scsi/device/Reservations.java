// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.device;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.ScsiPort;

/**
 * The registrations and the reservation of a logical unit (SPC-4 5.13), and the reservation of
 * RESERVE (SPC-2 5.5.2). State only: who may what, and who has to be told.
 *
 * <p>Thread rules: any thread; {@link #conflicts} costs one read while nothing is reserved.
 */
public final class Reservations {
  private final Map<Registrant, Long> keys = new LinkedHashMap<>();
  private @Nullable Registrant holder;
  private @Nullable Type type;
  private @Nullable Registrant reservedBy;
  private int generation;
  private volatile boolean reserved;

  /** An I_T nexus, also while it does not exist: equal port names make it the same. */
  public record Registrant(ScsiPort initiator, int relativePort) {}

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

    boolean registrantsOnly() {
      return code == 5 || code == 6;
    }

    boolean allRegistrants() {
      return code >= 7;
    }
  }

  /**
   * What became of a PERSISTENT RESERVE OUT.
   *
   * @param result whether it was done
   * @param released get RESERVATIONS RELEASED
   * @param reservationsPreempted get RESERVATIONS PREEMPTED
   * @param registrationsPreempted get REGISTRATIONS PREEMPTED; the tasks of these are aborted by
   *     PREEMPT AND ABORT
   */
  public record Outcome(
      Result result,
      Set<Registrant> released,
      Set<Registrant> reservationsPreempted,
      Set<Registrant> registrationsPreempted) {
    static Outcome of(Result result) {
      return new Outcome(result, Set.of(), Set.of(), Set.of());
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
    INVALID_RELEASE
  }

  /** A registration as PERSISTENT RESERVE IN reports it. */
  public record Registration(Registrant registrant, long key, boolean holder) {}

  /** What PERSISTENT RESERVE IN reports. */
  public record Report(
      int generation, List<Registration> registrations, Optional<Type> type, long holderKey) {}

  // --- who may what ---

  /** Whether a command of a nexus conflicts (SPC-4 table 65). */
  public boolean conflicts(Registrant by, Command command) {
    return reserved && conflictsNow(by, command);
  }

  private synchronized boolean conflictsNow(Registrant by, Command command) {
    if (reservedBy != null) {
      return !reservedBy.equals(by) && !command.is(Command.Trait.IGNORES_RESERVE);
    }
    Type now = type;
    if (now == null || holds(by)) {
      return false;
    }
    boolean registered = keys.containsKey(by);
    ReservationRule rule = command.reservation();
    if (registered && (now.registrantsOnly() || now.allRegistrants())) {
      return rule.conflictsWhenRegistered();
    }
    return now.writeExclusive()
        ? rule.conflictsWithWriteExclusive()
        : rule.conflictsWithExclusiveAccess();
  }

  /** What PERSISTENT RESERVE IN reports. */
  public synchronized Report report() {
    List<Registration> registrations = new ArrayList<>();
    keys.forEach((who, key) -> registrations.add(new Registration(who, key, holds(who))));
    Long holderKey = holder == null ? null : keys.get(holder);
    return new Report(
        generation, registrations, Optional.ofNullable(type), holderKey == null ? 0 : holderKey);
  }

  private boolean holds(Registrant who) {
    Type now = type;
    return now != null && (now.allRegistrants() ? keys.containsKey(who) : who.equals(holder));
  }

  // --- PERSISTENT RESERVE OUT ---

  /**
   * REGISTER, REGISTER AND IGNORE EXISTING KEY (SPC-4 5.13.7).
   *
   * @param ignoreKey REGISTER AND IGNORE EXISTING KEY
   */
  public synchronized Outcome register(Registrant by, long key, long newKey, boolean ignoreKey) {
    Long registered = keys.get(by);
    if (reservedBy != null && !reservedBy.equals(by)) {
      return Outcome.of(Result.CONFLICT);
    }
    if (!ignoreKey && (registered == null ? 0 : registered) != key) {
      return Outcome.of(Result.CONFLICT);
    }
    Set<Registrant> released = Set.of();
    if (newKey != 0) {
      keys.put(by, newKey);
    } else if (registered != null) {
      released = unregister(by);
    } else if (!ignoreKey) {
      return Outcome.of(Result.DONE);
    }
    generation++;
    return new Outcome(Result.DONE, released, Set.of(), Set.of());
  }

  /** Removes a registration; a reservation it held goes too (SPC-4 5.13.11.1). */
  private Set<Registrant> unregister(Registrant who) {
    boolean held = holds(who);
    Type now = type;
    keys.remove(who);
    if (!held || now == null || (now.allRegistrants() && !keys.isEmpty())) {
      return Set.of();
    }
    noReservation();
    return now.registrantsOnly() ? Set.copyOf(keys.keySet()) : Set.of();
  }

  /** RESERVE (SPC-4 5.13.9). */
  public synchronized Outcome reserve(Registrant by, long key, Type wanted) {
    if (!registered(by, key)) {
      return Outcome.of(Result.CONFLICT);
    }
    if (type != null) {
      return Outcome.of(holds(by) && type == wanted ? Result.DONE : Result.CONFLICT);
    }
    reservation(by, wanted);
    return Outcome.of(Result.DONE);
  }

  /** RELEASE (SPC-4 5.13.11.2). */
  public synchronized Outcome release(Registrant by, long key, Type given) {
    if (!registered(by, key)) {
      return Outcome.of(Result.CONFLICT);
    }
    Type now = type;
    if (now == null || !holds(by)) {
      return Outcome.of(Result.DONE);
    }
    if (now != given) {
      return Outcome.of(Result.INVALID_RELEASE);
    }
    noReservation();
    boolean tell = now.registrantsOnly() || now.allRegistrants();
    return new Outcome(Result.DONE, tell ? others(by) : Set.of(), Set.of(), Set.of());
  }

  /** CLEAR (SPC-4 5.13.11.5). */
  public synchronized Outcome clear(Registrant by, long key) {
    if (!registered(by, key)) {
      return Outcome.of(Result.CONFLICT);
    }
    Set<Registrant> others = others(by);
    keys.clear();
    noReservation();
    generation++;
    return new Outcome(Result.DONE, Set.of(), others, Set.of());
  }

  /** PREEMPT and PREEMPT AND ABORT (SPC-4 5.13.11.3, 5.13.11.4). */
  public synchronized Outcome preempt(Registrant by, long key, long victimKey, Type wanted) {
    if (!registered(by, key)) {
      return Outcome.of(Result.CONFLICT);
    }
    Type now = type;
    boolean all = now != null && now.allRegistrants();
    if (victimKey == 0 && !all) {
      return Outcome.of(Result.INVALID_KEY);
    }
    Long holderKey = holder == null ? null : keys.get(holder);
    boolean takesOver = all ? victimKey == 0 : holderKey != null && holderKey == victimKey;
    Set<Registrant> victims = new LinkedHashSet<>();
    boolean matched = false;
    for (Map.Entry<Registrant, Long> entry : keys.entrySet()) {
      if (victimKey == 0 || entry.getValue() == victimKey) {
        matched = true;
        if (!entry.getKey().equals(by)) {
          victims.add(entry.getKey());
        }
      }
    }
    if (!matched) {
      return Outcome.of(Result.CONFLICT);
    }
    keys.keySet().removeAll(victims);
    Set<Registrant> released = Set.of();
    if (takesOver) {
      released = now == wanted ? Set.of() : others(by);
      reservation(by, wanted);
    }
    generation++;
    return new Outcome(Result.DONE, released, Set.of(), victims);
  }

  private boolean registered(Registrant by, long key) {
    Long registered = keys.get(by);
    return registered != null && registered == key;
  }

  private Set<Registrant> others(Registrant by) {
    Set<Registrant> others = new LinkedHashSet<>(keys.keySet());
    others.remove(by);
    return others;
  }

  private void reservation(Registrant by, Type wanted) {
    holder = by;
    type = wanted;
    reserved = true;
  }

  private void noReservation() {
    holder = null;
    type = null;
    reserved = reservedBy != null;
  }

  // --- RESERVE and RELEASE ---

  /** RESERVE(6), (10). */
  public synchronized boolean reserveUnit(Registrant by) {
    if (!keys.isEmpty() || (reservedBy != null && !reservedBy.equals(by))) {
      return false;
    }
    reservedBy = by;
    reserved = true;
    return true;
  }

  /** RELEASE(6), (10): without effect for any other nexus. */
  public synchronized void releaseUnit(Registrant by) {
    if (by.equals(reservedBy)) {
      endUnitReservation();
    }
  }

  /** A reset ends what RESERVE made; a persistent reservation stays. */
  public synchronized void endUnitReservation() {
    reservedBy = null;
    reserved = type != null;
  }

  /** Nexuses that have a registration. */
  public synchronized Collection<Registrant> registrants() {
    return List.copyOf(keys.keySet());
  }
}
