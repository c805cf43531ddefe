// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.StoreIo;
import org.jtgt.scsi.ScsiCommand;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.device.Command;
import org.jtgt.scsi.device.Reservations;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Step;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.UnitAttention;

/**
 * The flow of one command from step to step to its one end. Kept with the transport's command
 * object and used again, with all that a command needs while it runs, so that the fast path
 * allocates nothing. Who owns it is told by {@link OwnedTask}.
 */
final class EngineTask extends CommandView implements Runnable {
  private final SetEntry entry = new SetEntry();
  private final StoreCall storeCall = new StoreCall(this);
  private final DataOutCall dataOutCall = new DataOutCall(this);
  private Step next = Task::good;
  private int reserved;
  private boolean granted;
  private boolean judgeAgain;
  private @Nullable UnitAttention attention;
  private volatile @Nullable Object event;
  private long deadlineNanos;
  private long sinceNanos;
  private boolean overdue;

  EngineTask(ScsiCommand transport) {
    super(transport);
  }

  /** Makes the task ready for the command that its transport object now holds. */
  void begin(Path path) {
    beginView(path);
    entry.begin();
    storeCall.begin();
    reserved = 0;
    granted = false;
    judgeAgain = false;
    attention = null;
    event = null;
    overdue = false;
    waitsFromNow();
    beginOwned();
  }

  /** Its answer tells of a unit attention, if it is given. */
  void tells(UnitAttention taken) {
    attention = taken;
  }

  /** Its place in the task set. */
  SetEntry entry() {
    return entry;
  }

  /** Its I/O with the store. */
  StoreCall storeCall() {
    return storeCall;
  }

  // --- from step to step ---

  Step next() {
    return next;
  }

  void then(Step step) {
    next = step;
  }

  /** Goes on with the next step: for the owner. */
  @Override
  public void run() {
    if (isAborted()) {
      endAborted();
      return;
    }
    try {
      if (judgeAgain) {
        judgeAgain = false;
        Command row = commandOrNull();
        Sense refusal = row == null ? null : logicalUnit().deviceServer().refusal(this, row);
        if (refusal != null) {
          check(refusal);
          return;
        }
      }
      next.run(this);
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError bug) {
      reportBug(bug);
      check(Sense.INTERNAL_TARGET_FAILURE);
    }
  }

  /** What it is and what it waits for, in words; under the lock of its task set. */
  String describe() {
    Command row = commandOrNull();
    return "%s of %s%s"
        .formatted(
            row == null ? "a command" : row.name(),
            path().nexus().initiator().portName(),
            storeCall.describe());
  }

  void reportBug(Throwable bug) {
    logicalUnit().reporter().bug(logicalUnit(), this, bug);
  }

  /** Ends a task that was claimed by its abort. */
  void endAborted() {
    leaveQueues();
    finish(ScsiStatus.TASK_ABORTED, null, 0, 0);
  }

  private void leaveQueues() {
    LogicalUnit unit = logicalUnit();
    unit.attachment().withdraw(this);
    if (reserved > 0 && !granted) {
      unit.budget().withdraw(path().account(), this);
    }
  }

  // --- deadline ---

  /** The time that counts for its deadline begins. */
  void waitsFromNow() {
    sinceNanos = logicalUnit().deadline().now();
  }

  /** Since when it waits for the target: {@link Deadline#now} of that time. */
  long sinceNanos() {
    return sinceNanos;
  }

  void sinceNanos(long value) {
    sinceNanos = value;
  }

  /** Whether it has its answer, and its store not given it back; under the lock of its task set. */
  boolean isOverdue() {
    return overdue;
  }

  void overdue(boolean value) {
    overdue = value;
  }

  /** Ends a task whose time is over, and that no store has: claimed by its deadline. */
  void endLate() {
    if (isAborted()) {
      endAborted();
      return;
    }
    leaveQueues();
    check(
        storeCall.begun()
            ? Sense.COMMAND_TIMEOUT_DURING_PROCESSING
            : Sense.COMMAND_TIMEOUT_BEFORE_PROCESSING);
  }

  /** A park that an abort did not see, because it came before: undone here. */
  void recheckAbort(int parkedIn) {
    if (isAborted() && claim(parkedIn)) {
      endAborted();
    }
  }

  // --- bytes, ranges, data ---

  int reservedBytes() {
    return reserved;
  }

  void budgetGranted() {
    granted = true;
  }

  @Override
  public void reserve(int bytes, Step step) {
    next = step;
    reserved = bytes;
    LogicalUnit unit = logicalUnit();
    if (unit.budget().take(path().account(), this, bytes)) {
      granted = true;
      run();
    } else {
      recheckAbort(BUDGET);
    }
  }

  @Override
  public void lock(Access wanted, Step step) {
    next = step;
    // The unit may have begun to refuse such commands since this one began.
    judgeAgain = true;
    if (logicalUnit().tasks().lock(this, wanted)) {
      run();
    } else {
      recheckAbort(RANGE);
    }
  }

  @Override
  public void receive(int bytes, Step step) {
    next = step;
    dataOutCall.ask(transport(), bytes);
  }

  @Override
  public void await(Consumer<Runnable> subscribe, Step step) {
    next = step;
    Object token = new Object();
    event = token;
    park(EVENT);
    subscribe.accept(() -> {
      // This object may serve another command by now.
      if (event == token && claim(EVENT)) {
        RunQueue.run(this);
      }
    });
    if (event == token) {
      recheckAbort(EVENT);
    }
  }

  @Override
  public void awaitAnswer(Consumer<Runnable> ask, Step step) {
    next = step;
    ask.accept(() -> RunQueue.run(this));
  }

  // --- store ---

  @Override
  public void io(
      StoreIo.Operation operation,
      long offsetBytes,
      long lengthBytes,
      ByteBuffer[] buffers,
      int bufferCount,
      boolean forceUnitAccess,
      Step step) {
    next = step;
    storeCall.start(
        operation, offsetBytes, lengthBytes, buffers, bufferCount, forceUnitAccess, false);
  }

  @Override
  public void io(
      StoreIo.Operation operation,
      long offsetBytes,
      long lengthBytes,
      boolean forceUnitAccess,
      boolean mayUnmap,
      Step step) {
    next = step;
    storeCall.start(
        operation, offsetBytes, lengthBytes, StoreCall.NO_BUFFERS, 0, forceUnitAccess, mayUnmap);
  }

  @Override
  public void mayWait(Step step) {
    next = step;
    LogicalUnit unit = logicalUnit();
    StoreAttachment attachment = unit.attachment();
    if (!attachment.enter()) {
      next = task -> task.mayWait(step);
      awaitStore(true);
      return;
    }
    unit.workers()
        .run(
            () -> {
              // The store stays until the step is done, though the task may end in it.
              RunQueue.run(this);
              attachment.leave();
            },
            priority());
  }

  @Override
  public void mayBlock(Step step) {
    next = step;
    logicalUnit().stateWorkers().run(() -> RunQueue.run(this));
  }

  /**
   * Parks the task until a store is attached; the next step runs then.
   *
   * @param begun whether the command has begun, and is held however many are
   */
  void awaitStore(boolean begun) {
    switch (logicalUnit().attachment().hold(this, begun)) {
      case HELD -> recheckAbort(HELD);
      case GO_ON -> RunQueue.run(this);
      case REFUSED -> notReady();
      case BUSY -> end(ScsiStatus.BUSY, 0, 0);
      case FULL -> end(ScsiStatus.TASK_SET_FULL, 0, 0);
    }
  }

  long deadlineNanos() {
    return deadlineNanos;
  }

  void deadlineNanos(long value) {
    deadlineNanos = value;
  }

  /** Ends a held task whose time is over, and whose initiator shall try again by itself. */
  void busy() {
    if (isAborted()) {
      endAborted();
    } else {
      end(ScsiStatus.BUSY, 0, 0);
    }
  }

  /** Ends a held task whose time is over. */
  void notReady() {
    if (isAborted()) {
      endAborted();
    } else {
      check(logicalUnit().notReadySense());
    }
  }

  // --- other tasks ---

  @Override
  public void abortTasksOf(Set<Reservations.Registrant> nexuses, Step step) {
    next = step;
    LogicalUnit unit = logicalUnit();
    unit.clearAca(nexus -> nexuses.contains(nexus.registrant()));
    TaskManagement.abort(
        path().nexus(),
        List.of(unit),
        task -> task != this && nexuses.contains(task.path().nexus().registrant()),
        () -> RunQueue.run(this));
  }

  // --- ends ---

  @Override
  public void good() {
    finish(ScsiStatus.GOOD, null, 0, 0);
  }

  @Override
  public void end(ScsiStatus status, int requiredDataIn, int requiredDataOut) {
    if (status != ScsiStatus.GOOD && !isAborted()) {
      path().endedWith(status);
    }
    finish(status, null, requiredDataIn, requiredDataOut);
  }

  @Override
  public void check(Sense sense) {
    finish(ScsiStatus.CHECK_CONDITION, sense.encode(logicalUnit().descriptorSense()), 0, 0);
  }

  @Override
  public void reply(byte[] data, long allocationLength) {
    Reply.give(this, data, allocationLength);
  }

  private void finish(
      ScsiStatus status, byte @Nullable [] sense, int requiredDataIn, int requiredDataOut) {
    TaskEnd.end(this, status, sense, requiredDataIn, requiredDataOut);
  }

  /** The unit attention that its answer tells of; null for none. */
  @Nullable UnitAttention attention() {
    return attention;
  }

  /** Bytes of the budget that it holds. */
  int grantedBytes() {
    return granted ? reserved : 0;
  }

  /** Lets go of everything that is not the task's own. */
  void letGo() {
    endView();
    storeCall.end();
    granted = false;
  }
}
