// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.StoreIo;
import org.jtgt.scsi.ScsiCommand;
import org.jtgt.scsi.ScsiPort;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.TaskAttribute;
import org.jtgt.scsi.TransportCondition;
import org.jtgt.scsi.device.Command;
import org.jtgt.scsi.device.Reservations;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Step;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.Unit;

/**
 * The engine's state of one command, kept with the transport's command object and used again: all
 * that a command needs while it runs, so that the fast path allocates nothing.
 *
 * <p>At any time exactly one party owns it: the thread that runs its steps, the store or the
 * transport while it waits for them, or nobody while it is parked (dormant, held, waiting for bytes
 * or a range or data). Whoever {@linkplain #claim claims} a parked task owns it: what resumes it,
 * or what aborts it. An abort only marks a task that has an owner; the owner sees it before its
 * next step. docs/design-scsi.md draws the states.
 */
final class EngineTask implements Task, StoreIo, ScsiCommand.DataOutReady, Runnable {
  // Phases. In ACTIVE the task has an owner; in the others it is parked.
  static final int ACTIVE = 0;
  static final int DORMANT = 1;
  static final int HELD = 2;
  static final int BUDGET = 3;
  static final int RANGE = 4;
  static final int RECEIVING = 5;

  // The transport was asked for data and has not returned yet; it has answered meanwhile.
  private static final int ASKING_DATA = 6;
  private static final int DATA_ANSWERED = 7;

  // A store was asked and has not returned yet, has returned and will answer later, or has answered
  // already: the later of the two goes on with the task.
  private static final int ASKING = 1;
  private static final int WAITING = 2;
  private static final int ANSWERED = 3;

  private static final byte[] NO_BYTES = {};
  private static final ByteBuffer[] NO_BUFFERS = {};
  private static final VarHandle PHASE;
  private static final VarHandle ASKED;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      PHASE = lookup.findVarHandle(EngineTask.class, "phase", int.class);
      ASKED = lookup.findVarHandle(EngineTask.class, "asked", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final ScsiCommand transport;
  private volatile int phase;
  private volatile int asked;
  private volatile boolean aborted;
  private @Nullable List<AbortGroup> abortGroups;

  // Links and marks of the task set, guarded by it.
  @Nullable EngineTask previousInSet;
  @Nullable EngineTask nextInSet;
  private boolean dormant;
  private @Nullable Access access;
  private boolean waitsForRange;
  private long rangeTurn;

  private TaskAttribute attribute = TaskAttribute.SIMPLE;
  private long tag;
  private @Nullable Path path;
  private @Nullable LogicalUnit unit;
  private boolean inSet;
  private @Nullable EngineTask freed;
  private final Runnable ioDone = this::ioDone;
  private final Runnable submitToStore = this::submitToStore;
  private @Nullable Command command;
  private long cdb0;
  private long cdb1;
  private Step next = Task::good;
  private int reserved;
  private boolean granted;
  private long deadlineNanos;
  private long lba;
  private long blocks;
  private long progress;
  private @Nullable Object keepsake;
  private ByteBuffer[] dataIn = NO_BUFFERS;

  // The store I/O in flight.
  private @Nullable Backstore store;
  private Operation operation = Operation.READ;
  private long offsetBytes;
  private long lengthBytes;
  private ByteBuffer[] buffers = NO_BUFFERS;
  private int bufferCount;
  private boolean forceUnitAccess;
  private boolean mayUnmap;
  private @Nullable Throwable failure;
  private @Nullable TransportCondition condition;

  EngineTask(ScsiCommand transport) {
    this.transport = transport;
  }

  /** Makes the task ready for the command that its transport object now holds. */
  void begin(Path newPath, LogicalUnit newUnit) {
    ByteBuffer cdb = transport.cdb();
    boolean bigEndian = cdb.order() == ByteOrder.BIG_ENDIAN;
    cdb0 = bigEndian ? cdb.getLong(0) : Long.reverseBytes(cdb.getLong(0));
    cdb1 = bigEndian ? cdb.getLong(8) : Long.reverseBytes(cdb.getLong(8));
    attribute = transport.attribute();
    tag = transport.tag();
    path = newPath;
    unit = newUnit;
    command = null;
    aborted = false;
    abortGroups = null;
    dormant = false;
    access = null;
    waitsForRange = false;
    rangeTurn = 0;
    inSet = false;
    reserved = 0;
    granted = false;
    lba = 0;
    blocks = 0;
    progress = 0;
    keepsake = null;
    dataIn = NO_BUFFERS;
    phase = ACTIVE;
  }

  // --- ownership ---

  /** Leaves the task to whoever claims it; called under the lock of the queue it waits in. */
  void park(int newPhase) {
    if (newPhase == DORMANT) {
      dormant = true;
    }
    phase = newPhase;
  }

  /** Becomes the owner of a task parked in {@code from}. */
  boolean claim(int from) {
    return PHASE.compareAndSet(this, from, ACTIVE);
  }

  boolean isAborted() {
    return aborted;
  }

  /**
   * Marks the task, under the lock of its task set.
   *
   * @return whether it was parked and belongs to the caller now
   */
  boolean abort(AbortGroup group) {
    if (abortGroups == null) {
      abortGroups = new ArrayList<>(1);
    }
    abortGroups.add(group);
    aborted = true;
    for (; ; ) {
      int seen = phase;
      if (seen == ACTIVE || seen > RECEIVING) {
        return false;
      }
      if (claim(seen)) {
        return true;
      }
    }
  }

  /** Ends a task that was claimed by its abort. */
  void endAborted() {
    unit.attachment().withdraw(this);
    if (reserved > 0 && !granted) {
      unit.budget().withdraw(unit.account(), this);
    }
    finish(ScsiStatus.TASK_ABORTED, null, 0, 0);
  }

  /** Goes on with the next step: for the owner. */
  @Override
  public void run() {
    if (aborted) {
      endAborted();
      return;
    }
    try {
      next.run(this);
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError bug) {
      unit.reporter().bug(unit, this, bug);
      check(Sense.INTERNAL_TARGET_FAILURE);
    }
  }

  /** A park that an abort did not see, because it came before: undone here. */
  private void recheckAbort(int parkedIn) {
    if (aborted && claim(parkedIn)) {
      endAborted();
    }
  }

  void then(Step step) {
    next = step;
  }

  // --- marks of the task set ---

  TaskAttribute attribute() {
    return attribute;
  }

  long tag() {
    return tag;
  }

  Path path() {
    return path;
  }

  boolean wasDormant() {
    return dormant;
  }

  void enabled() {
    dormant = false;
  }

  @Nullable Access access() {
    return access;
  }

  boolean waitsForRange() {
    return waitsForRange;
  }

  long rangeTurn() {
    return rangeTurn;
  }

  void rangeTurn(long turn) {
    rangeTurn = turn;
  }

  void wantsRange(Access wanted) {
    access = wanted;
    waitsForRange = true;
  }

  void rangeGranted() {
    waitsForRange = false;
  }

  void noAccess() {
    access = null;
    waitsForRange = false;
  }

  // --- what it waits for ---

  int reservedBytes() {
    return reserved;
  }

  void budgetGranted() {
    granted = true;
  }

  long deadlineNanos() {
    return deadlineNanos;
  }

  void deadlineNanos(long value) {
    deadlineNanos = value;
  }

  /** Ends a held task whose time is over. */
  void notReady() {
    if (aborted) {
      endAborted();
    } else {
      check(unit.notReadySense());
    }
  }

  @Override
  public void reserve(int bytes, Step step) {
    next = step;
    reserved = bytes;
    if (unit.budget().take(unit.account(), this, bytes)) {
      granted = true;
      run();
    } else {
      recheckAbort(BUDGET);
    }
  }

  @Override
  public void lock(Access wanted, Step step) {
    next = step;
    if (unit.tasks().lock(this, wanted)) {
      run();
    } else {
      recheckAbort(RANGE);
    }
  }

  @Override
  public void receive(int bytes, Step step) {
    next = step;
    phase = ASKING_DATA;
    transport.receiveDataOut(bytes, this);
    // Parked only after the call has returned: an abort must not use the command at the same time.
    if (PHASE.compareAndSet(this, ASKING_DATA, RECEIVING)) {
      recheckAbort(RECEIVING);
    } else {
      phase = ACTIVE;
      dataOutArrived();
    }
  }

  @Override
  public void dataOutReady() {
    answerOfTransport(null);
  }

  @Override
  public void dataOutFailed(TransportCondition condition) {
    answerOfTransport(condition);
  }

  private void answerOfTransport(@Nullable TransportCondition failed) {
    condition = failed;
    if (!PHASE.compareAndSet(this, ASKING_DATA, DATA_ANSWERED) && claim(RECEIVING)) {
      dataOutArrived();
    }
  }

  private void dataOutArrived() {
    TransportCondition failed = condition;
    if (failed == null || aborted) {
      RunQueue.run(this);
      return;
    }
    check(
        switch (failed) {
          case UNEXPECTED_UNSOLICITED_DATA -> Sense.UNEXPECTED_UNSOLICITED_DATA;
          case INCORRECT_AMOUNT_OF_DATA -> Sense.NOT_ENOUGH_UNSOLICITED_DATA;
          case PROTOCOL_SERVICE_CRC_ERROR -> Sense.PROTOCOL_SERVICE_CRC_ERROR;
          case SNACK_REJECTED -> Sense.READ_ERROR_FAILED_RETRANSMISSION;
        });
  }

  // --- store I/O ---

  @Override
  public void io(
      Operation newOperation,
      long newOffset,
      long newLength,
      ByteBuffer[] newBuffers,
      int newBufferCount,
      boolean force,
      Step step) {
    start(newOperation, newOffset, newLength, newBuffers, newBufferCount, force, false, step);
  }

  @Override
  public void io(
      Operation newOperation,
      long newOffset,
      long newLength,
      boolean force,
      boolean unmap,
      Step step) {
    start(newOperation, newOffset, newLength, NO_BUFFERS, 0, force, unmap, step);
  }

  private void start(
      Operation newOperation,
      long newOffset,
      long newLength,
      ByteBuffer[] newBuffers,
      int newBufferCount,
      boolean force,
      boolean unmap,
      Step step) {
    operation = newOperation;
    offsetBytes = newOffset;
    lengthBytes = newLength;
    buffers = newBuffers;
    bufferCount = newBufferCount;
    forceUnitAccess = force;
    mayUnmap = unmap;
    next = step;
    submit();
  }

  private void submit() {
    StoreAttachment attachment = unit.attachment();
    if (!attachment.enter()) {
      Step after = next;
      next = task -> resubmit(after);
      awaitStore(true);
      return;
    }
    if ((operation == Operation.FLUSH || forceUnitAccess) && attachment.flushFailed()) {
      attachment.leave();
      check(Sense.INTERNAL_TARGET_FAILURE);
      return;
    }
    if (offsetBytes + lengthBytes > unit.storeBytes()) {
      // The store came back smaller while the command was held.
      attachment.leave();
      check(Sense.LBA_OUT_OF_RANGE);
      return;
    }
    Backstore target = attachment.store();
    store = target;
    if (target.completion() == Backstore.Completion.BLOCKING) {
      unit.workers().run(submitToStore);
    } else {
      submitToStore();
    }
  }

  private void resubmit(Step after) {
    next = after;
    submit();
  }

  private void submitToStore() {
    failure = null;
    asked = ASKING;
    try {
      store.submit(this);
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError bug) {
      // A store that breaks its contract; it may have completed the I/O before.
      unit.reporter().bug(unit, this, bug);
      if (asked == ASKING) {
        fail(bug);
      }
    }
    if (!ASKED.compareAndSet(this, ASKING, WAITING)) {
      ioDone();
    }
  }

  /**
   * Parks the task until a store is attached; {@link #next} runs then.
   *
   * @param begun whether the command has begun, and is held however many are
   */
  void awaitStore(boolean begun) {
    switch (unit.attachment().hold(this, begun)) {
      case HELD -> recheckAbort(HELD);
      case GO_ON -> RunQueue.run(this);
      case REFUSED -> notReady();
      case FULL -> end(ScsiStatus.TASK_SET_FULL, 0, 0);
    }
  }

  @Override
  public void complete() {
    answerOfStore(null);
  }

  @Override
  public void fail(Throwable cause) {
    answerOfStore(cause);
  }

  private void answerOfStore(@Nullable Throwable cause) {
    failure = cause;
    if (!ASKED.compareAndSet(this, ASKING, ANSWERED)) {
      RunQueue.run(ioDone);
    }
  }

  private void ioDone() {
    Throwable cause = failure;
    store = null;
    unit.attachment().leave();
    if (cause == null || aborted) {
      // Queued, not called: a command of many I/Os must not grow the stack.
      RunQueue.run(this);
      return;
    }
    StoreFailure.Answer answer = StoreFailure.answer(cause, this, unit);
    if (answer.retryWhenAttached()) {
      Step after = next;
      next = task -> resubmit(after);
      awaitStore(true);
    } else if (answer.status() == ScsiStatus.CHECK_CONDITION) {
      check(answer.sense());
    } else {
      finish(answer.status(), null, 0, 0);
    }
  }

  @Override
  public void mayWait(Step step) {
    next = step;
    StoreAttachment attachment = unit.attachment();
    if (!attachment.enter()) {
      next = task -> task.mayWait(step);
      awaitStore(true);
      return;
    }
    unit.workers()
        .run(() -> {
          // The store stays until the step is done, though the task may end in it.
          RunQueue.run(this);
          attachment.leave();
        });
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

  // --- what steps see ---

  /** Bytes of the command's blocks that the initiator asked for. */
  long transferredBytes() {
    return Math.min(
        blocks * unit.settings().blockBytes(),
        Math.max(transport.expectedDataInBytes(), transport.expectedDataOutBytes()));
  }

  void command(Command row) {
    command = row;
  }

  @Override
  public Command command() {
    return command;
  }

  /** The row, where it was found. */
  @Nullable Command commandOrNull() {
    return command;
  }

  long cdbWord0() {
    return cdb0;
  }

  long cdbWord1() {
    return cdb1;
  }

  @Override
  public Unit unit() {
    return unit;
  }

  LogicalUnit logicalUnit() {
    return unit;
  }

  @Override
  public ScsiPort initiatorPort() {
    return path.nexus().initiator();
  }

  @Override
  public ScsiPort targetPort() {
    return path.nexus().target();
  }

  @Override
  public int relativePort() {
    return path.nexus().relativePort();
  }

  @Override
  public Reservations.Registrant registrant() {
    return path.nexus().registrant();
  }

  @Override
  public void abortTasksOf(Set<Reservations.Registrant> nexuses, Step step) {
    next = step;
    LogicalUnit on = unit;
    AbortGroup group = new AbortGroup(() -> RunQueue.run(this));
    List<EngineTask> parked =
        on.tasks()
            .abort(
                task -> task != this && nexuses.contains(task.path().nexus().registrant()), group);
    on.tasks().awaitAnswers(group);
    parked.forEach(EngineTask::endAborted);
    group.arrived();
  }

  @Override
  public int cdb(int index) {
    return index < 8
        ? (int) (cdb0 >>> 56 - 8 * index) & 0xFF
        : (int) (cdb1 >>> 56 - 8 * (index - 8)) & 0xFF;
  }

  @Override
  public int cdb16(int index) {
    return cdb(index) << 8 | cdb(index + 1);
  }

  @Override
  public long cdb32(int index) {
    return (long) cdb16(index) << 16 | cdb16(index + 2);
  }

  @Override
  public long cdb64(int index) {
    return cdb32(index) << 32 | cdb32(index + 4);
  }

  @Override
  public int expectedDataIn() {
    return transport.expectedDataInBytes();
  }

  @Override
  public int expectedDataOut() {
    return transport.expectedDataOutBytes();
  }

  @Override
  public long lba() {
    return lba;
  }

  @Override
  public long blocks() {
    return blocks;
  }

  @Override
  public void range(long newLba, long newBlocks) {
    lba = newLba;
    blocks = newBlocks;
  }

  @Override
  public long progress() {
    return progress;
  }

  @Override
  public void progress(long value) {
    progress = value;
  }

  @Override
  public Object keepsake() {
    return keepsake;
  }

  @Override
  public void keepsake(Object value) {
    keepsake = value;
  }

  @Override
  public ByteBuffer[] dataOut() {
    return transport.dataOut();
  }

  @Override
  public int dataOutBuffers() {
    return transport.dataOutBuffers();
  }

  @Override
  public byte[] parameterList() {
    int bytes = 0;
    for (int i = 0; i < dataOutBuffers(); i++) {
      bytes += dataOut()[i].remaining();
    }
    byte[] list = bytes == 0 ? NO_BYTES : new byte[bytes];
    int at = 0;
    for (int i = 0; i < dataOutBuffers(); i++) {
      ByteBuffer part = dataOut()[i];
      part.get(part.position(), list, at, part.remaining());
      at += part.remaining();
    }
    return list;
  }

  @Override
  public ByteBuffer[] allocateDataIn(int bytes) {
    dataIn = transport.allocateDataIn(bytes);
    return dataIn;
  }

  @Override
  public ByteBuffer[] dataIn() {
    return dataIn;
  }

  // --- ends ---

  @Override
  public void good() {
    finish(ScsiStatus.GOOD, null, 0, 0);
  }

  @Override
  public void end(ScsiStatus status, int requiredDataIn, int requiredDataOut) {
    finish(status, null, requiredDataIn, requiredDataOut);
  }

  @Override
  public void check(Sense sense) {
    finish(ScsiStatus.CHECK_CONDITION, sense.encode(unit.descriptorSense()), 0, 0);
  }

  @Override
  public void reply(byte[] data, long allocationLength) {
    int bytes = (int) Math.min(data.length, allocationLength);
    if (bytes == 0 || expectedDataIn() == 0) {
      finish(ScsiStatus.GOOD, null, bytes, 0);
      return;
    }
    keepsake = data;
    progress = bytes;
    if (reserved > 0) {
      sendReply();
    } else {
      reserve(bytes, SEND_REPLY);
    }
  }

  private static final Step SEND_REPLY = task -> ((EngineTask) task).sendReply();

  private void sendReply() {
    byte[] data = (byte[]) keepsake;
    int bytes = (int) progress;
    int at = 0;
    for (ByteBuffer target : allocateDataIn(bytes)) {
      int part = Math.min(target.remaining(), bytes - at);
      target.put(target.position(), data, at, part);
      at += part;
    }
    finish(ScsiStatus.GOOD, null, bytes, 0);
  }

  /** The one end: leaves the task set, answers unless aborted, lets go what waited. */
  private void finish(
      ScsiStatus status, byte @Nullable [] sense, int requiredDataIn, int requiredDataOut) {
    final LogicalUnit from = unit;
    final Nexus nexus = path.nexus();
    final int bytes = granted ? reserved : 0;
    final int since = inSet ? from.tasks().leave(this) : TaskSet.NO_EPOCH;
    final List<AbortGroup> groups = abortGroups;
    EngineTask free = freed;
    freed = null;
    from.counters().count(this, status, sense);
    path = null;
    unit = null;
    keepsake = null;
    dataIn = NO_BUFFERS;
    buffers = NO_BUFFERS;
    granted = false;
    // After this the transport may use the command, and this object with it, for the next one.
    if (since == TaskSet.ABORTED) {
      transport.aborted();
    } else {
      transport.complete(status, sense, requiredDataIn, requiredDataOut);
      from.tasks().answered(since);
    }
    if (bytes > 0) {
      from.budget().release(from.account(), bytes);
    }
    while (free != null) {
      EngineTask after = free.freed;
      free.freed = null;
      RunQueue.run(free);
      free = after;
    }
    if (groups != null) {
      groups.forEach(AbortGroup::arrived);
    }
    nexus.left();
  }

  void entered() {
    inSet = true;
  }

  /** Chains a task behind this one, to run after its end; under the lock of the task set. */
  void frees(EngineTask other) {
    EngineTask at = this;
    while (at.freed != null) {
      at = at.freed;
    }
    at.freed = other;
  }
}
