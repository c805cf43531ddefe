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
  // A store was asked and has not returned yet, has returned and will answer later, or has answered
  // already: the later of the two goes on with the task.
  private static final int ASKING = 1;
  private static final int WAITING = 2;
  private static final int ANSWERED = 3;

  // An abort is asking the store for an early end: an answer waits for it, so that the I/O it means
  // cannot be another one by then.
  private static final int CANCELLING = 4;
  private static final int ANSWERED_CANCELLING = 5;

  static final ByteBuffer[] NO_BUFFERS = {};
  private static final VarHandle ASKED;

  static {
    try {
      ASKED = MethodHandles.lookup().findVarHandle(StoreCall.class, "asked", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final EngineTask task;
  private final Runnable done = this::done;
  private final Runnable submitToStore = this::submitToStore;
  private volatile int asked;
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

  /** Starts an I/O with the meaning of the parts of {@link StoreIo}. */
  void start(
      Operation newOperation,
      long newOffset,
      long newLength,
      ByteBuffer[] newBuffers,
      int newBufferCount,
      boolean force,
      boolean unmap) {
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
      unit.workers().run(submitToStore);
    }
  }

  private void submitToStore() {
    Backstore target = store;
    if (target == null) {
      throw new IllegalStateException("no store I/O was asked for");
    }
    submitTo(target, false);
  }

  /**
   * Asks the store, and goes on with the task when it has answered before it returned.
   *
   * @param atOnce whether a store that may wait is to take the I/O only where it need not
   * @return whether it took it
   */
  private boolean submitTo(Backstore target, boolean atOnce) {
    failure = null;
    asked = ASKING;
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
      if (asked == ASKING) {
        fail(bug);
      }
    }
    if (begun && !ASKED.compareAndSet(this, ASKING, WAITING)) {
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
    for (; ; ) {
      int seen = asked;
      int next = seen == CANCELLING ? ANSWERED_CANCELLING : ANSWERED;
      if (ASKED.compareAndSet(this, seen, next)) {
        if (seen != ASKING && seen != CANCELLING) {
          RunQueue.run(done);
        }
        return;
      }
    }
  }

  /**
   * Keeps an I/O that the store has not answered from ending before {@link #cancel}; under the lock
   * of the task set.
   *
   * @return false when there is none that could be cancelled
   */
  boolean pin() {
    Backstore target = store;
    // A flush is let end: how it ends tells what is on stable storage.
    return target != null
        && operation != Operation.FLUSH
        && !forceUnitAccess
        && target.adapt(Cancellation.class).isPresent()
        && ASKED.compareAndSet(this, WAITING, CANCELLING);
  }

  /** Asks the store for an early end of the pinned I/O, and lets it end. */
  void cancel() {
    Backstore target = store;
    if (target != null) {
      try {
        target.adapt(Cancellation.class).ifPresent(capability -> capability.cancel(this));
      } catch (RuntimeException bug) {
        task.reportBug(bug);
      }
    }
    if (!ASKED.compareAndSet(this, CANCELLING, WAITING)) {
      RunQueue.run(done);
    }
  }

  private void done() {
    Throwable cause = failure;
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
    return asked == WAITING || asked == ASKING || asked == CANCELLING
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
