// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.device;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.StoreIo.Operation;

/**
 * Whether the medium of a unit is there, is spinning, and may leave: START STOP UNIT and PREVENT
 * ALLOW MEDIUM REMOVAL (SBC-3 5.25, SPC-4 6.14), for every device type.
 */
public final class MediumState {
  private static final int NO_FLUSH = 0x04;
  private static final int LOAD_EJECT = 0x02;
  private static final int START = 0x01;

  // POWER CONDITION (SBC-3 table 83).
  private static final int ACTIVE = 0x1;
  private static final int IDLE = 0x2;
  private static final int STANDBY = 0x3;
  private static final int LU_CONTROL = 0x7;
  private static final int FORCE_IDLE = 0xA;
  private static final int FORCE_STANDBY = 0xB;

  /** LOW POWER CONDITION codes "by command" (SPC-4 annex F): idle a, b, c; standby z, y. */
  private static final int[] IDLE_CODES = {0x5E03, 0x5E06, 0x5E08};

  private static final int[] STANDBY_CODES = {0x5E04, 0x5E0A};

  private static final Step STOP = task -> of(task).stop(task);
  private static final Step SLEEP = task -> of(task).sleep(task);

  private final Unit unit;
  private final Set<Reservations.Registrant> preventing = ConcurrentHashMap.newKeySet();
  private volatile boolean removable;
  private volatile boolean stopped;
  private volatile boolean ejected;
  private volatile int lowPower;
  private final AtomicInteger starts = new AtomicInteger(1);

  /** The state of a unit that is started, with its medium in. */
  public MediumState(Unit unit, boolean removable) {
    this.unit = unit;
    this.removable = removable;
  }

  /** A device server that has one. */
  public interface Owner {
    /** Its medium's state. */
    MediumState medium();
  }

  private static MediumState of(Task task) {
    return ((Owner) task.unit().deviceServer()).medium();
  }

  /** The rows: START STOP UNIT, and PREVENT ALLOW MEDIUM REMOVAL where the medium is removable. */
  public static Command startStopUnit() {
    return Command.of(
        "START STOP UNIT",
        "1B 01 00 0F F7 00",
        ReservationRule.WRITE_UNLESS_STARTING,
        task -> of(task).startStop(task),
        Command.Trait.WITHOUT_STORE);
  }

  /** PREVENT ALLOW MEDIUM REMOVAL (SPC-4 6.14). */
  public static Command preventAllow() {
    return Command.of(
        "PREVENT ALLOW MEDIUM REMOVAL",
        "1E 00 00 00 01 00",
        ReservationRule.WRITE_UNLESS_ALLOWING,
        task -> of(task).prevent(task),
        Command.Trait.WITHOUT_STORE);
  }

  /** Whether the medium can be taken out. */
  public boolean removable() {
    return removable;
  }

  /** Changes {@link #removable()}; a medium that is out comes back when it cannot be taken out. */
  public void removable(boolean value) {
    removable = value;
    if (!value) {
      ejected = false;
      preventing.clear();
    }
  }

  /** Whether the medium is out. */
  public boolean ejected() {
    return ejected;
  }

  /** How often it was started, the first time included. */
  public int starts() {
    return starts.get();
  }

  /** Whether any nexus keeps the medium in. */
  public boolean prevented() {
    return !preventing.isEmpty();
  }

  /** Why a command cannot run; null when it can. One read while nothing is special. */
  public @Nullable Sense refusal(Command command) {
    if (!stopped && !ejected && lowPower == 0) {
      return null;
    }
    if (!command.is(Command.Trait.MEDIUM_ACCESS)) {
      return null;
    }
    if (ejected) {
      return Sense.MEDIUM_NOT_PRESENT;
    }
    if (stopped) {
      return Sense.INITIALIZING_COMMAND_REQUIRED;
    }
    // SBC-3 4.20: a command that needs the medium brings the unit back to active.
    lowPower = 0;
    return null;
  }

  /** What REQUEST SENSE tells. */
  public Sense status() {
    if (ejected) {
      return Sense.MEDIUM_NOT_PRESENT;
    }
    if (stopped) {
      return Sense.INITIALIZING_COMMAND_REQUIRED;
    }
    int now = lowPower;
    return now == 0 ? Sense.NONE : Sense.of(SenseKey.NO_SENSE, now);
  }

  /** A reset: the medium stays where it is, nobody prevents anything. */
  public void reset() {
    stopped = false;
    lowPower = 0;
    preventing.clear();
  }

  /** An I_T nexus is gone: it prevents nothing. */
  public void nexusLost(Reservations.Registrant nexus) {
    preventing.remove(nexus);
  }

  /** Takes the medium out, as an operator does. */
  public void eject() {
    ejected = true;
    stopped = true;
  }

  /** Puts a medium in; every nexus but that of {@code by} learns of it. */
  public void insert(@Nullable Task by) {
    boolean was = ejected;
    ejected = false;
    stopped = false;
    if (was) {
      unit.establish(UnitAttention.MEDIUM_CHANGED, by);
    }
  }

  private void prevent(Task task) {
    if ((task.cdb(4) & 0x01) != 0) {
      preventing.add(task.registrant());
    } else {
      preventing.remove(task.registrant());
    }
    task.good();
  }

  private void startStop(Task task) {
    int condition = task.cdb(4) >> 4;
    int modifier = task.cdb(3) & 0x0F;
    switch (condition) {
      case 0 -> plain(task);
      case ACTIVE, LU_CONTROL -> {
        if (modifier != 0) {
          task.check(Sense.invalidFieldInCdb(3, 3));
          return;
        }
        lowPower = 0;
        stopped = stopped && condition != ACTIVE;
        task.good();
      }
      case IDLE, FORCE_IDLE -> lowPower(task, modifier, IDLE_CODES, false);
      case STANDBY, FORCE_STANDBY -> lowPower(task, modifier, STANDBY_CODES, true);
      default -> task.check(Sense.invalidFieldInCdb(4, 7));
    }
  }

  private void lowPower(Task task, int modifier, int[] codes, boolean flush) {
    if (modifier >= codes.length) {
      task.check(Sense.invalidFieldInCdb(3, 3));
      return;
    }
    task.progress(codes[modifier]);
    if (flush && (task.cdb(4) & NO_FLUSH) == 0 && !stopped) {
      task.io(Operation.FLUSH, 0, 0, false, false, SLEEP);
    } else {
      sleep(task);
    }
  }

  private void sleep(Task task) {
    lowPower = (int) task.progress();
    task.good();
  }

  private void plain(Task task) {
    boolean loadEject = (task.cdb(4) & LOAD_EJECT) != 0;
    boolean start = (task.cdb(4) & START) != 0;
    if (loadEject && !removable) {
      task.check(Sense.invalidFieldInCdb(4, 1));
    } else if (loadEject && prevented()) {
      // Neither out nor in: PREVENT holds the mechanism, not the medium (SPC-4 6.14).
      task.check(Sense.MEDIUM_REMOVAL_PREVENTED);
    } else if (start && !loadEject && ejected) {
      task.check(Sense.MEDIUM_NOT_PRESENT);
    } else if (start) {
      lowPower = 0;
      if (stopped) {
        starts.incrementAndGet();
      }
      stopped = false;
      if (loadEject) {
        insert(task);
      }
      task.good();
    } else if ((task.cdb(4) & NO_FLUSH) != 0 || stopped || unit.store().isEmpty()) {
      stop(task);
    } else {
      task.io(Operation.FLUSH, 0, 0, false, false, STOP);
    }
  }

  private void stop(Task task) {
    if ((task.cdb(4) & LOAD_EJECT) != 0) {
      eject();
    } else {
      stopped = true;
    }
    lowPower = 0;
    task.good();
  }
}
