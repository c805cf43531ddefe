// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.sbc;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.device.Command;
import org.jtgt.scsi.device.Command.Trait;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.Unit;

/**
 * An operation that goes over the whole medium and outlives the command that began it: sanitize
 * (SBC-3 4.11) and format (SBC-3 4.34). While it runs, and after it has failed, other commands are
 * refused.
 *
 * <p>What is being done is kept in the unit's memory before the first block changes and forgotten
 * when the last one has: after a restart in the middle a sanitize operation begins again, and a
 * format leaves MEDIUM FORMAT CORRUPTED.
 */
final class WholeMedium {
  private static final String MEMORY_KEY = "medium";

  private final Unit unit;
  private final List<Runnable> waiting = new ArrayList<>();
  private volatile State state = State.IDLE;
  private volatile @Nullable MediumPasses passes;
  private volatile @Nullable Sense outcome;

  /** How it stands. */
  private enum State {
    IDLE,
    RUNNING,
    FAILED
  }

  /** What is done to each block; kept by its place here. */
  enum Kind {
    FORMAT,
    OVERWRITE,
    BLOCK_ERASE,
    CRYPTOGRAPHIC_ERASE;

    /** Whether blocks become zeros that need not lie in a buffer. */
    boolean zeroes() {
      return this == FORMAT || this == CRYPTOGRAPHIC_ERASE;
    }
  }

  /**
   * What was asked for.
   *
   * @param kind what is done
   * @param unrestrictedExit AUSE: EXIT FAILURE MODE may end the failure
   * @param passes OVERWRITE COUNT
   * @param invert INVERT: every second pass writes the complement
   * @param pattern INITIALIZATION PATTERN
   */
  record Order(Kind kind, boolean unrestrictedExit, int passes, boolean invert, byte[] pattern) {}

  /**
   * An order and the store that it is about, as they are kept.
   *
   * @param store {@link Unit.Medium#storeIdentity()}
   */
  private record Kept(Order order, String store) {
    private byte[] encode() {
      byte[] name = store.getBytes(StandardCharsets.UTF_8);
      ByteBuffer out = ByteBuffer.allocate(6 + order.pattern.length + name.length);
      out.put((byte) order.kind.ordinal()).put((byte) (order.unrestrictedExit ? 1 : 0));
      out.put((byte) order.passes).put((byte) (order.invert ? 1 : 0));
      out.putShort((short) order.pattern.length).put(order.pattern).put(name);
      return out.array();
    }

    private static Kept decode(byte[] kept) {
      int name = 6 + (ByteBuffer.wrap(kept).getShort(4) & 0xFFFF);
      return new Kept(
          new Order(
              Kind.values()[kept[0]],
              kept[1] != 0,
              kept[2],
              kept[3] != 0,
              Arrays.copyOfRange(kept, 6, name)),
          new String(kept, name, kept.length - name, StandardCharsets.UTF_8));
    }
  }

  WholeMedium(Unit unit) {
    this.unit = unit;
  }

  /**
   * Takes up what a restart broke off, or another store in between; called when a store is
   * attached.
   *
   * @param identity {@link Unit.Medium#storeIdentity()} of that store
   */
  synchronized void takeUp(String identity) {
    Optional<Kept> kept = unit.memory().load(MEMORY_KEY).map(Kept::decode);
    if (kept.isEmpty() || state == State.RUNNING) {
      return;
    }
    if (!kept.get().store.equals(identity)) {
      // It is about another store, and waits for that one.
      state = State.IDLE;
      return;
    }
    if (state == State.FAILED) {
      return;
    }
    Order broken = kept.get().order;
    passes = new MediumPasses(unit, broken, identity);
    if (broken.kind == Kind.FORMAT) {
      state = State.FAILED;
    } else {
      state = State.RUNNING;
      // Not on the thread that attaches the store: it is not attached yet.
      unit.after(Duration.ZERO, this::runInBackground);
    }
  }

  boolean idle() {
    return state == State.IDLE;
  }

  @Nullable Sense refusal(Command command) {
    State now = state;
    if (now == State.IDLE || command.is(Trait.DURING_FORMAT)) {
      return null;
    }
    if (now == State.RUNNING) {
      return inProgress();
    }
    if (formats()) {
      return command.is(Trait.MEDIUM_ACCESS) ? Sense.MEDIUM_FORMAT_CORRUPTED : null;
    }
    return Sense.SANITIZE_COMMAND_FAILED;
  }

  /** What REQUEST SENSE tells. */
  Sense status() {
    return switch (state) {
      case IDLE -> Sense.NONE;
      case RUNNING -> inProgress();
      case FAILED -> formats() ? Sense.MEDIUM_FORMAT_CORRUPTED : Sense.SANITIZE_COMMAND_FAILED;
    };
  }

  private Sense inProgress() {
    Sense sense = formats() ? Sense.FORMAT_IN_PROGRESS : Sense.SANITIZE_IN_PROGRESS;
    return sense.withProgress(passes().progress());
  }

  private boolean formats() {
    return passes().order().kind() == Kind.FORMAT;
  }

  /** The work, for who has seen that it is or was under way. */
  private MediumPasses passes() {
    return Objects.requireNonNull(passes);
  }

  /** Whether a format is under way: one that a restart breaks off leaves the medium corrupted. */
  boolean formatting() {
    return state == State.RUNNING && formats();
  }

  /** EXIT FAILURE MODE (SBC-3 5.24.5). */
  synchronized boolean exitFailureMode() throws IOException {
    if (state != State.FAILED || formats()) {
      return state == State.IDLE;
    }
    if (!passes().order().unrestrictedExit) {
      return false;
    }
    unit.memory().forget(MEMORY_KEY);
    state = State.IDLE;
    return true;
  }

  /**
   * Begins; on a thread that may wait.
   *
   * @return why not, null when it has begun
   */
  synchronized @Nullable Sense begin(Order wanted) {
    if (state == State.RUNNING) {
      return inProgress();
    }
    if (state == State.FAILED && !formats()) {
      if (wanted.kind == Kind.FORMAT) {
        return Sense.SANITIZE_COMMAND_FAILED;
      }
      if (!passes().order().unrestrictedExit && wanted.unrestrictedExit) {
        // SBC-3 4.11.4: a restricted failure is left by a restricted operation only.
        return Sense.invalidFieldInCdb(1, 5);
      }
    }
    String identity = unit.attachedMedium().storeIdentity();
    try {
      unit.memory().keep(MEMORY_KEY, new Kept(wanted, identity).encode());
    } catch (IOException unkept) {
      // What is not kept could be half done after a restart, and nobody would know.
      return Sense.INTERNAL_TARGET_FAILURE;
    }
    passes = new MediumPasses(unit, wanted, identity);
    state = State.RUNNING;
    return null;
  }

  /** Begins to write, as soon as no command is left that began before. */
  void run() {
    unit.quiesce(this::runInBackground);
  }

  private void runInBackground() {
    unit.background(passes()::begin, this::ended);
  }

  /** Runs an action when the operation ends; at once when it has. */
  void whenEnded(Runnable action) {
    synchronized (this) {
      if (state == State.RUNNING) {
        waiting.add(action);
        return;
      }
    }
    action.run();
  }

  /** How it ended; null for success. */
  @Nullable Sense outcome() {
    return outcome;
  }

  private void ended(byte @Nullable [] sense) {
    List<Runnable> told;
    synchronized (this) {
      boolean good = sense == null;
      if (good) {
        try {
          unit.memory().forget(MEMORY_KEY);
        } catch (IOException stays) {
          // It would be done a second time after a restart, over what was written since.
          good = false;
        }
      }
      boolean another = passes().isAnother();
      state = good || another ? State.IDLE : State.FAILED;
      outcome = good ? null : another ? Sense.SANITIZE_COMMAND_FAILED : status();
      told = List.copyOf(waiting);
      waiting.clear();
    }
    told.forEach(Runnable::run);
  }

  /** The steps of a command that begins one. */
  static final class Start {
    private final WholeMedium medium;
    private final Order order;
    private final boolean immediate;
    private final int parameterBytes;

    Start(WholeMedium medium, Order order, boolean immediate, int parameterBytes) {
      this.medium = medium;
      this.order = order;
      this.immediate = immediate;
      this.parameterBytes = parameterBytes;
    }

    void run(Task task) {
      task.mayWait(this::begin);
    }

    private void begin(Task task) {
      Sense refusal = medium.begin(order);
      if (refusal != null) {
        task.check(refusal);
        return;
      }
      // From here on commands are refused; the operation waits for those that hold a range.
      medium.run();
      if (immediate) {
        task.end(ScsiStatus.GOOD, 0, parameterBytes);
      } else {
        task.await(medium::whenEnded, this::ended);
      }
    }

    private void ended(Task task) {
      Sense failed = medium.outcome();
      if (failed != null) {
        task.check(failed);
      } else {
        task.end(ScsiStatus.GOOD, 0, parameterBytes);
      }
    }
  }
}
