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
import org.jtgt.backstore.StoreIo.Operation;
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
  /** What is written at a time. */
  private static final int PIECE_BYTES = 1 << 20;

  private static final String MEMORY_KEY = "medium";

  private final Unit unit;
  private final List<Runnable> waiting = new ArrayList<>();
  private volatile State state = State.IDLE;
  private volatile @Nullable Order order;
  private volatile String store = "";
  private volatile @Nullable Sense outcome;
  private volatile long doneBytes;
  private volatile long totalBytes = 1;
  private long pieceBytes;
  private int pass;

  /** How it stands. */
  private enum State {
    IDLE,
    RUNNING,
    FAILED
  }

  /** What is done to each block. */
  enum Kind {
    FORMAT,
    OVERWRITE,
    BLOCK_ERASE
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
    order = broken;
    store = identity;
    if (broken.kind == Kind.FORMAT) {
      state = State.FAILED;
    } else {
      state = State.RUNNING;
      doneBytes = 0;
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
    Order what = order;
    if (now == State.RUNNING) {
      return inProgress();
    }
    if (what != null && what.kind == Kind.FORMAT) {
      return command.is(Trait.MEDIUM_ACCESS) ? Sense.MEDIUM_FORMAT_CORRUPTED : null;
    }
    return Sense.SANITIZE_COMMAND_FAILED;
  }

  /** What REQUEST SENSE tells. */
  Sense status() {
    return switch (state) {
      case IDLE -> Sense.NONE;
      case RUNNING -> inProgress();
      case FAILED ->
          order != null && order.kind == Kind.FORMAT
              ? Sense.MEDIUM_FORMAT_CORRUPTED
              : Sense.SANITIZE_COMMAND_FAILED;
    };
  }

  private Sense inProgress() {
    Order what = order;
    Sense sense =
        what != null && what.kind == Kind.FORMAT
            ? Sense.FORMAT_IN_PROGRESS
            : Sense.SANITIZE_IN_PROGRESS;
    return sense.withProgress((int) (65_536.0 * doneBytes / totalBytes));
  }

  /** Whether a format is under way: one that a restart breaks off leaves the medium corrupted. */
  boolean formatting() {
    Order what = order;
    return state == State.RUNNING && what != null && what.kind == Kind.FORMAT;
  }

  boolean running() {
    return state == State.RUNNING;
  }

  /** EXIT FAILURE MODE (SBC-3 5.24.5). */
  boolean exitFailureMode() throws IOException {
    Order what = order;
    synchronized (this) {
      if (state != State.FAILED || what == null || what.kind == Kind.FORMAT) {
        return state == State.IDLE;
      }
      if (!what.unrestrictedExit) {
        return false;
      }
      unit.memory().forget(MEMORY_KEY);
      state = State.IDLE;
      return true;
    }
  }

  /**
   * Begins; on a thread that may wait.
   *
   * @return why not, null when it has begun
   */
  @Nullable Sense begin(Order wanted) {
    synchronized (this) {
      if (state == State.RUNNING) {
        return inProgress();
      }
      Order failed = state == State.FAILED ? order : null;
      if (failed != null && failed.kind != Kind.FORMAT) {
        if (wanted.kind == Kind.FORMAT) {
          return Sense.SANITIZE_COMMAND_FAILED;
        }
        if (!failed.unrestrictedExit && wanted.unrestrictedExit) {
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
      order = wanted;
      store = identity;
      doneBytes = 0;
      state = State.RUNNING;
    }
    return null;
  }

  /** Begins to write, as soon as no command is left that began before. */
  void run() {
    unit.quiesce(this::runInBackground);
  }

  private void runInBackground() {
    unit.background(this::reserve, this::ended);
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

  // --- the work ---

  private Order ordered() {
    return Objects.requireNonNull(order);
  }

  /** Whether the store is another one now: nobody asked that it be overwritten. */
  private boolean isAnother(Task task) {
    if (unit.attachedMedium().storeIdentity().equals(store)) {
      return false;
    }
    task.check(Sense.INTERNAL_TARGET_FAILURE);
    return true;
  }

  private void reserve(Task task) {
    if (isAnother(task)) {
      return;
    }
    Unit.Medium medium = unit.attachedMedium();
    long bytes = medium.blocks() * medium.blockBytes();
    Order what = ordered();
    totalBytes = Math.max(1, bytes * Math.max(1, what.passes));
    pieceBytes =
        Math.min(
            bytes,
            Math.min(PIECE_BYTES, unit.maximumTransferBytes())
                / medium.blockBytes()
                * (long) medium.blockBytes());
    pass = 0;
    if (what.kind == Kind.FORMAT) {
      goOnElsewhere(task);
    } else {
      task.reserve((int) pieceBytes, this::reserved);
    }
  }

  private void reserved(Task task) {
    task.allocateDataIn((int) pieceBytes);
    fill(task);
    goOnElsewhere(task);
  }

  private void fill(Task task) {
    Order what = ordered();
    Unit.Medium medium = unit.attachedMedium();
    byte[] block = new byte[medium.blockBytes()];
    boolean complement = what.invert && pass % 2 == 1;
    for (int i = 0; i < block.length; i++) {
      byte value = what.pattern[i % what.pattern.length];
      block[i] = (byte) (complement ? ~value : value);
    }
    Bytes.fill(task.dataIn(), block);
  }

  private void next(Task task) {
    if (isAnother(task)) {
      return;
    }
    Unit.Medium medium = unit.attachedMedium();
    long bytes = medium.blocks() * medium.blockBytes();
    Order what = ordered();
    long at = task.progress();
    if (at >= bytes) {
      pass++;
      if (pass < what.passes) {
        task.progress(0);
        // Every pass reaches the medium before the next one replaces it.
        task.io(Operation.FLUSH, 0, 0, false, false, this::nextPass);
      } else if (what.kind == Kind.BLOCK_ERASE && unit.unmaps()) {
        task.io(Operation.FLUSH, 0, 0, false, false, this::giveBack);
      } else {
        task.io(Operation.FLUSH, 0, 0, false, false, Task::good);
      }
      return;
    }
    long piece = Math.min(what.kind == Kind.FORMAT ? 64L << 20 : pieceBytes, bytes - at);
    task.progress(at + piece);
    doneBytes = Math.min(totalBytes - 1, pass * bytes + at);
    if (what.kind == Kind.FORMAT) {
      task.io(Operation.WRITE_ZEROES, at, piece, false, unit.unmaps(), this::goOnElsewhere);
    } else {
      int count = Range.window(task.dataIn(), piece);
      task.io(Operation.WRITE, at, piece, task.dataIn(), count, false, this::goOnElsewhere);
    }
  }

  /** Goes on elsewhere: a store that answers at once must not keep a network thread. */
  private void goOnElsewhere(Task task) {
    task.mayWait(this::next);
  }

  private void nextPass(Task task) {
    fill(task);
    next(task);
  }

  /** Erased blocks hold no space (SBC-3 4.11.3); their zeros have reached the medium before. */
  private void giveBack(Task task) {
    Unit.Medium medium = unit.attachedMedium();
    task.io(Operation.UNMAP, 0, medium.blocks() * medium.blockBytes(), true, true, Task::good);
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
      boolean another = !unit.attachedMedium().storeIdentity().equals(store);
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
