// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.Cancellation;
import org.jtgt.backstore.StoreIo;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Step;

/**
 * The store I/O of a task, one at a time: what is asked of the store, and who goes on with the task
 * when the store has answered.
 */
final class StoreCall implements StoreIo {
  // Bits of how far an I/O is: the store's call has returned, the store has answered. The later of
  // the two goes on with the task.
  private static final int RETURNED = 1;
  private static final int ANSWERED = 2;
  private static final int DONE = RETURNED | ANSWERED;

  // Somebody needs the I/O as it is: it goes on with the task when that is over, so that the I/O
  // meant cannot be another one by then.
  private static final int PINNED = 4;

  // It waits for a thread that may wait.
  private static final int QUEUED = 8;

  // The command has not asked its store for anything.
  private static final int NEVER_ASKED = 16;

  private static final Throwable NOT_ASKED = new IllegalStateException("not asked");

  static final ByteBuffer[] NO_BUFFERS = {};
  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(StoreCall.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final EngineTask task;
  private final Runnable done = this::done;
  private final Runnable submitToStore = this::submitToStore;
  private volatile int state = DONE | NEVER_ASKED;
  private @Nullable Backstore store;
  private Operation operation = Operation.READ;
  private long offsetBytes;
  private long lengthBytes;
  private ByteBuffer[] buffers = NO_BUFFERS;
  private int bufferCount;
  private boolean forceUnitAccess;
  private boolean mayUnmap;
  private boolean flushesWrites;
  private @Nullable Throwable failure;

  // Where the buffers began: a store may move their positions, also when it fails then.
  private int[] positions = new int[4];

  StoreCall(EngineTask task) {
    this.task = task;
  }

  /** Nothing was asked for yet. */
  void begin() {
    STATE.set(this, DONE | NEVER_ASKED);
  }

  /** Starts an I/O with the meaning of the parts of {@link StoreIo}. */
  void start(
      Operation newOperation,
      long newOffset,
      long newLength,
      ByteBuffer[] newBuffers,
      int newBufferCount,
      boolean force,
      boolean unmap) {
    if (begun()) {
      // The deadline of a command of many I/Os is that of each.
      task.waitsFromNow();
    }
    operation = newOperation;
    offsetBytes = newOffset;
    lengthBytes = newLength;
    buffers = newBuffers;
    bufferCount = newBufferCount;
    forceUnitAccess = force;
    mayUnmap = unmap;
    if (positions.length < newBufferCount) {
      positions = new int[newBufferCount];
    }
    for (int i = 0; i < newBufferCount; i++) {
      positions[i] = newBuffers[i].position();
    }
    submit();
  }

  private void submit() {
    LogicalUnit unit = task.logicalUnit();
    StoreAttachment attachment = unit.attachment();
    if (!attachment.enter()) {
      awaitStore();
      return;
    }
    if (operation == Operation.FLUSH || forceUnitAccess) {
      boolean lost = operation != Operation.READ && task.path().takeLoss();
      if (lost || attachment.flushFailed()) {
        attachment.leave();
        // Of a store before, told once; of this one, told until it is opened again.
        task.check(attachment.flushFailed() ? Sense.INTERNAL_TARGET_FAILURE : Sense.WRITE_ERROR);
        return;
      }
    }
    if (offsetBytes + lengthBytes > unit.storeBytes()) {
      // The store came back smaller while the command was held.
      attachment.leave();
      task.check(Sense.LBA_OUT_OF_RANGE);
      return;
    }
    flushesWrites = operation == Operation.FLUSH && unit.unstableWrites().take();
    Backstore target = attachment.attachedStore();
    store = target;
    if (target.completion() != Backstore.Completion.BLOCKING) {
      submitTo(target, false);
    } else if (!submitTo(target, true)) {
      unit.workers().run(submitToStore, task.priority());
    }
  }

  private void submitToStore() {
    Backstore target = store;
    if (target == null) {
      throw new IllegalStateException("no store I/O was asked for");
    }
    if (task.isAborted()) {
      failure = NOT_ASKED;
      reach(DONE);
    } else {
      submitTo(target, false);
    }
  }

  /**
   * Asks the store, and goes on with the task when it has answered before it returned.
   *
   * @param atOnce whether a store that may wait is to take the I/O only where it need not
   * @return whether it took it; else it is queued
   */
  private boolean submitTo(Backstore target, boolean atOnce) {
    failure = null;
    int before = state;
    if (atOnce) {
      state = 0;
    } else {
      STATE.getAndBitwiseAnd(this, ~(DONE | QUEUED | NEVER_ASKED));
    }
    boolean begun = true;
    try {
      if (atOnce) {
        begun = target.submitAtOnce(this);
      } else {
        target.submit(this);
      }
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError bug) {
      // A store that breaks its contract; it may have completed the I/O before.
      task.reportBug(bug);
      if ((state & ANSWERED) == 0) {
        fail(bug);
      }
    }
    if (!begun) {
      STATE.getAndBitwiseOr(this, QUEUED | (before & NEVER_ASKED));
    } else if (((int) STATE.getAndBitwiseOr(this, RETURNED) & (ANSWERED | PINNED)) == ANSWERED) {
      done();
    }
    return begun;
  }

  /** Asks again when a store is attached. */
  private void awaitStore() {
    Step after = task.next();
    task.then(again -> {
      task.then(after);
      for (int i = 0; i < bufferCount; i++) {
        buffers[i].position(positions[i]);
      }
      submit();
    });
    task.awaitStore(true);
  }

  @Override
  public void complete() {
    answer(null);
  }

  @Override
  public void fail(Throwable cause) {
    answer(cause);
  }

  private void answer(@Nullable Throwable cause) {
    failure = cause;
    reach(ANSWERED);
  }

  /** Goes on with the task if these bits were the last that it waited for. */
  private void reach(int bits) {
    int before = (int) STATE.getAndBitwiseOr(this, bits);
    if ((before & DONE) != DONE && (before & PINNED) == 0 && ((before | bits) & DONE) == DONE) {
      RunQueue.run(done);
    }
  }

  /** Whether the command has asked its store for something. */
  boolean begun() {
    return (state & NEVER_ASKED) == 0;
  }

  /** Whether an I/O waits for its store, or for a thread to ask it. */
  boolean isAsked() {
    return (state & DONE) != DONE;
  }

  /**
   * Takes back an I/O that no thread has asked the store for; under the lock of the task set. The
   * task belongs to the caller then.
   */
  boolean withdraw() {
    int seen = state;
    if ((seen & (QUEUED | PINNED)) != QUEUED
        || !task.logicalUnit().workers().remove(submitToStore)) {
      return false;
    }
    state = DONE | (seen & NEVER_ASKED);
    leaveUnasked();
    return true;
  }

  private void leaveUnasked() {
    LogicalUnit unit = task.logicalUnit();
    if (flushesWrites) {
      unit.unstableWrites().written();
    }
    store = null;
    unit.attachment().leaveUnasked();
  }

  /**
   * Keeps an I/O that the store has not answered from ending before {@link #cancel}; under the lock
   * of the task set.
   *
   * @return false when there is none that could be cancelled
   */
  boolean pin() {
    return mayCancel() && (state & RETURNED) != 0 && pinAnswer();
  }

  /** Keeps an I/O that the store has not answered from ending before {@link #release}. */
  boolean pinAnswer() {
    for (; ; ) {
      int seen = state;
      if ((seen & (ANSWERED | PINNED)) != 0) {
        return false;
      }
      if (STATE.compareAndSet(this, seen, seen | PINNED)) {
        return true;
      }
    }
  }

  private boolean mayCancel() {
    Backstore target = store;
    // A flush is let end: how it ends tells what is on stable storage.
    return target != null
        && operation != Operation.FLUSH
        && !forceUnitAccess
        && target.adapt(Cancellation.class).isPresent();
  }

  /** Asks the store for an early end of the pinned I/O, and lets it end. */
  void cancel() {
    release(true);
  }

  /**
   * Lets the pinned I/O end.
   *
   * @param early whether the store is asked for an early end
   */
  void release(boolean early) {
    Backstore target = store;
    if (early && target != null && mayCancel() && (state & RETURNED) != 0) {
      try {
        target.adapt(Cancellation.class).ifPresent(capability -> capability.cancel(this));
      } catch (RuntimeException bug) {
        task.reportBug(bug);
      }
    }
    if (((int) STATE.getAndBitwiseAnd(this, ~PINNED) & DONE) == DONE) {
      RunQueue.run(done);
    }
  }

  private void done() {
    Throwable cause = failure;
    if (cause == NOT_ASKED) {
      leaveUnasked();
      RunQueue.run(task);
      return;
    }
    LogicalUnit unit = task.logicalUnit();
    boolean aborted = task.isAborted();
    if (cause == null ? leavesUnstable() : flushesWrites) {
      unit.unstableWrites().written();
    }
    // Nobody hears of one that was aborted, but what was acknowledged before may be lost all the
    // same. Said before it leaves: who waits for that looks whether a flush has failed.
    StoreFailure.Answer answer =
        cause == null || (aborted && operation != Operation.FLUSH && !forceUnitAccess)
            ? null
            : StoreFailure.answer(cause, this, unit);
    if (operation == Operation.FLUSH && answer != null && !aborted) {
      task.path().takeLoss();
    }
    store = null;
    unit.attachment().leave();
    if (answer == null || aborted) {
      // Queued, not called: a command of many I/Os must not grow the stack.
      RunQueue.run(task);
    } else if (answer.retryWhenAttached()) {
      awaitStore();
    } else if (answer.status() == ScsiStatus.CHECK_CONDITION) {
      task.check(answer.sense());
    } else {
      task.end(answer.status(), 0, 0);
    }
  }

  private boolean leavesUnstable() {
    return operation != Operation.READ && operation != Operation.FLUSH && !forceUnitAccess;
  }

  /** The I/O that the store has not answered, in words; empty when there is none. */
  String describe() {
    return isAsked()
        ? ", %s of %d bytes at offset %d".formatted(operation, lengthBytes, offsetBytes)
        : "";
  }

  /** Lets go of the buffers, which are the transport's. */
  void end() {
    buffers = NO_BUFFERS;
  }

  @Override
  public Operation operation() {
    return operation;
  }

  @Override
  public long offsetBytes() {
    return offsetBytes;
  }

  @Override
  public long lengthBytes() {
    return lengthBytes;
  }

  @Override
  public ByteBuffer[] buffers() {
    return buffers;
  }

  @Override
  public int bufferCount() {
    return bufferCount;
  }

  @Override
  public boolean forceUnitAccess() {
    return forceUnitAccess;
  }

  @Override
  public boolean mayUnmap() {
    return mayUnmap;
  }
}
