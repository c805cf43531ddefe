// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.device;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.device.Reservations.Outcome;
import org.jtgt.scsi.device.Reservations.Registrant;
import org.jtgt.scsi.device.Reservations.Result;
import org.jtgt.scsi.device.Reservations.Type;

/**
 * The registrations and the reservation of a logical unit at one moment (SPC-4 5.13). Immutable;
 * each service action of PERSISTENT RESERVE OUT is a method that gives the next state.
 *
 * @param keys reservation key of each registered I_T nexus, in the order of their coming
 * @param holder who made the persistent reservation; null when there is none
 * @param type TYPE of the persistent reservation; null when there is none
 * @param reservedBy who holds the unit by RESERVE (SPC-2 5.5.2); null for nobody
 * @param persists APTPL of the last registration (SPC-4 5.13.5)
 * @param generation PRGENERATION (SPC-4 6.15.2)
 */
public record ReservationState(
    Map<Registrant, Long> keys,
    @Nullable Registrant holder,
    @Nullable Type type,
    @Nullable Registrant reservedBy,
    boolean persists,
    int generation) {
  /** Registrations of one logical unit; more get INSUFFICIENT REGISTRATION RESOURCES. */
  public static final int MAXIMUM_REGISTRATIONS = 4096;

  /** Nothing registered, nothing reserved. */
  public static final ReservationState EMPTY =
      new ReservationState(Map.of(), null, null, null, false, 0);

  public ReservationState {
    keys = Collections.unmodifiableMap(new LinkedHashMap<>(keys));
  }

  /** A state and what has to be told because of it. */
  public record Change(ReservationState next, Outcome outcome) {}

  /**
   * The first fields of a PERSISTENT RESERVE OUT.
   *
   * @param by the I_T nexus that sent it
   * @param key RESERVATION KEY
   * @param actionKey SERVICE ACTION RESERVATION KEY
   */
  public record Request(Registrant by, long key, long actionKey) {}

  // --- who may what ---

  /** Whether a nexus holds the persistent reservation (SPC-4 5.13.10). */
  public boolean holds(Registrant who) {
    Type now = type;
    return now != null && (now.allRegistrants() ? keys.containsKey(who) : who.equals(holder));
  }

  /**
   * Whether a command of a nexus conflicts (SPC-4 table 65, SBC-3 table 13, SPC-2 5.5.1).
   *
   * @param rule the rule of its row, {@linkplain ReservationRule#of resolved} for its CDB
   */
  public boolean conflicts(Registrant by, Command command, ReservationRule rule) {
    Registrant user = reservedBy;
    if (user != null) {
      // SPC-2 5.5.1: while RESERVE holds, persistent reservations conflict with everyone's.
      return rule == ReservationRule.PERSISTENT
          || (!user.equals(by) && !command.is(Command.Trait.IGNORES_RESERVE));
    }
    Type now = type;
    if (now == null || holds(by)) {
      return false;
    }
    if (now.registrantsOnly() && keys.containsKey(by)) {
      return false;
    }
    return now.writeExclusive()
        ? rule.conflictsWithWriteExclusive()
        : rule.conflictsWithExclusiveAccess();
  }

  private boolean registered(Request request) {
    Long key = keys.get(request.by());
    return key != null && key == request.key();
  }

  // --- PERSISTENT RESERVE OUT ---

  /**
   * REGISTER, REGISTER AND IGNORE EXISTING KEY (SPC-4 5.13.7). Whole or not at all.
   *
   * @param ignoreKey REGISTER AND IGNORE EXISTING KEY
   * @param also further nexuses: of the same initiator port at all target ports (ALL_TG_PT), of the
   *     listed initiator ports (SPEC_I_PT)
   * @param aptpl APTPL
   */
  public Change register(
      Request request, boolean ignoreKey, Collection<Registrant> also, boolean aptpl) {
    Long before = keys.get(request.by());
    if (reservedBy != null) {
      return refuse(Result.CONFLICT);
    }
    if (!ignoreKey && (before == null ? 0 : before) != request.key()) {
      return refuse(Result.CONFLICT);
    }
    if (before == null && request.actionKey() == 0) {
      return new Change(this, Outcome.of(Result.DONE));
    }
    Set<Registrant> concerned = new LinkedHashSet<>();
    concerned.add(request.by());
    for (Registrant other : also) {
      Long its = keys.get(other);
      // A nexus that has registered another key for itself keeps it.
      if (ignoreKey
          || (its == null ? before == null || request.actionKey() != 0 : its.equals(before))) {
        concerned.add(other);
      }
    }
    if (request.actionKey() == 0) {
      return unregister(concerned, request.by(), aptpl);
    }
    Map<Registrant, Long> registered = new LinkedHashMap<>(keys);
    concerned.forEach(who -> registered.put(who, request.actionKey()));
    if (registered.size() > MAXIMUM_REGISTRATIONS) {
      return refuse(Result.NO_RESOURCES);
    }
    return new Change(
        new ReservationState(registered, holder, type, null, aptpl, generation + 1),
        Outcome.of(Result.DONE));
  }

  /** Removes registrations; a reservation that they held goes too (SPC-4 5.13.11.1.3). */
  private Change unregister(Set<Registrant> concerned, Registrant by, boolean aptpl) {
    Map<Registrant, Long> left = new LinkedHashMap<>(keys);
    left.keySet().removeAll(concerned);
    Type now = type;
    boolean ends = now != null && !heldAmong(left);
    Set<Registrant> told =
        ends && now != null && now.registrantsOnly() ? others(left, by) : Set.of();
    return new Change(
        new ReservationState(
            left, ends ? null : holder, ends ? null : now, null, aptpl, generation + 1),
        new Outcome(Result.DONE, told, Set.of(), Set.of(), Set.of()));
  }

  private boolean heldAmong(Map<Registrant, Long> left) {
    Type now = type;
    return now != null && (now.allRegistrants() ? !left.isEmpty() : left.containsKey(holder));
  }

  /** RESERVE (SPC-4 5.13.9). */
  public Change reserve(Request request, Type wanted) {
    if (!registered(request)) {
      return refuse(Result.CONFLICT);
    }
    if (type != null) {
      return refuse(holds(request.by()) && type == wanted ? Result.DONE : Result.CONFLICT);
    }
    return new Change(
        new ReservationState(keys, request.by(), wanted, null, persists, generation),
        Outcome.of(Result.DONE));
  }

  /** RELEASE (SPC-4 5.13.11.1.2). */
  public Change release(Request request, Type given) {
    if (!registered(request)) {
      return refuse(Result.CONFLICT);
    }
    Type now = type;
    if (now == null || !holds(request.by())) {
      return refuse(Result.DONE);
    }
    if (now != given) {
      return refuse(Result.INVALID_RELEASE);
    }
    Set<Registrant> told = now.registrantsOnly() ? others(keys, request.by()) : Set.of();
    return new Change(
        new ReservationState(keys, null, null, null, persists, generation),
        new Outcome(Result.DONE, told, Set.of(), Set.of(), Set.of()));
  }

  /** CLEAR (SPC-4 5.13.11.1.6). */
  public Change clear(Request request) {
    if (!registered(request)) {
      return refuse(Result.CONFLICT);
    }
    return new Change(
        new ReservationState(Map.of(), null, null, null, persists, generation + 1),
        new Outcome(Result.DONE, Set.of(), others(keys, request.by()), Set.of(), Set.of()));
  }

  /** PREEMPT, PREEMPT AND ABORT (SPC-4 5.13.11.1.4, 5.13.11.1.5). */
  public Change preempt(Request request, Type wanted) {
    if (!registered(request)) {
      return refuse(Result.CONFLICT);
    }
    Type now = type;
    boolean all = now != null && now.allRegistrants();
    long victim = request.actionKey();
    if (victim == 0 && !all) {
      return refuse(Result.INVALID_KEY);
    }
    Set<Registrant> removed = new LinkedHashSet<>();
    keys.forEach((who, key) -> {
      if (victim == 0 || key == victim) {
        removed.add(who);
      }
    });
    if (removed.isEmpty()) {
      return refuse(Result.CONFLICT);
    }
    boolean takesOver = all ? victim == 0 : holder != null && removed.contains(holder);
    if (takesOver) {
      // SPC-4 5.13.11.1.4.3: the nexus that preempts keeps its registration.
      removed.remove(request.by());
    }
    Map<Registrant, Long> left = new LinkedHashMap<>(keys);
    left.keySet().removeAll(removed);
    Set<Registrant> released = Set.of();
    Registrant newHolder = holder;
    Type newType = now;
    if (takesOver) {
      released = now == wanted ? Set.of() : others(left, request.by());
      newHolder = request.by();
      newType = wanted;
    } else if (now != null && !heldAmong(left)) {
      newHolder = null;
      newType = null;
    }
    Set<Registrant> told = new LinkedHashSet<>(removed);
    told.remove(request.by());
    return new Change(
        new ReservationState(left, newHolder, newType, null, persists, generation + 1),
        new Outcome(Result.DONE, released, Set.of(), told, removed));
  }

  /**
   * REGISTER AND MOVE (SPC-4 5.13.8): the reservation goes to another nexus.
   *
   * @param to who gets the reservation, and the SERVICE ACTION RESERVATION KEY as its registration
   * @param unregister UNREG: the nexus that sent it gives its registration up
   * @param aptpl APTPL
   */
  public Change move(Request request, Registrant to, boolean unregister, boolean aptpl) {
    Type now = type;
    if (!registered(request) || now == null || now.allRegistrants() || !holds(request.by())) {
      return refuse(Result.CONFLICT);
    }
    Map<Registrant, Long> moved = new LinkedHashMap<>(keys);
    moved.put(to, request.actionKey());
    if (unregister) {
      moved.remove(request.by());
    }
    if (moved.size() > MAXIMUM_REGISTRATIONS) {
      return refuse(Result.NO_RESOURCES);
    }
    return new Change(
        new ReservationState(moved, to, now, null, aptpl, generation + 1), Outcome.of(Result.DONE));
  }

  private Change refuse(Result result) {
    return new Change(this, Outcome.of(result));
  }

  private static Set<Registrant> others(Map<Registrant, Long> keys, Registrant by) {
    Set<Registrant> others = new LinkedHashSet<>(keys.keySet());
    others.remove(by);
    return others;
  }

  // --- RESERVE and RELEASE of SPC-2 ---

  /**
   * What becomes of RESERVE(6), RELEASE(6) and their 10-byte forms while nexuses are registered
   * (SPC-4 5.13.3, compatible reservation handling): whoever the persistent reservation admits gets
   * GOOD without effect, everyone else a conflict.
   */
  boolean admitsReserve(Registrant by) {
    Type now = type;
    return now != null && (holds(by) || (now.registrantsOnly() && keys.containsKey(by)));
  }

  ReservationState reservedBy(@Nullable Registrant user) {
    return new ReservationState(keys, holder, type, user, persists, generation);
  }
}
