// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.jtgt.iscsi.pdu.Bhs;
import org.jtgt.iscsi.text.Parameters;
import org.jtgt.scsi.ScsiCommand;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.TaskAttribute;
import org.jtgt.scsi.TransportCondition;

/**
 * One SCSI command of a connection, from its SCSI Command PDU to its answer. The object is pooled
 * by {@link ScsiCommands}: engine calls from other threads only note what is wanted and put the
 * task on the connection's queue.
 */
final class ScsiTask extends AnswerState implements ScsiCommand, DataOutReceiver.Listener {
  /** What the engine wants of the loop. */
  enum Action {
    RECEIVE_DATA,
    COMPLETE,
    /** The answer is due; the task stays the engine's. */
    ANSWER_EARLY,
    /** The engine lets go of a task that was answered early. */
    LET_GO,
    ABORTED
  }

  /** Link of the completion queue and of the free list. */
  @Nullable ScsiTask next;

  /** Read by any thread: an old value leads to a queue that the same loop empties. */
  private ScsiCommands owner;

  private final byte[] shortCdb = new byte[16];
  private final ByteBuffer shortCdbView = ByteBuffer.wrap(shortCdb);
  private final DataOutReceiver dataOut = new DataOutReceiver(this);
  private final DataOutWindow.Share share = new DataOutWindow.Share(dataOut);
  private final DataInBuffers dataIn = new DataInBuffers();
  private ByteBuffer cdb = shortCdbView;
  private int initiatorTaskTag;
  private long lun;
  private TaskAttribute attribute = TaskAttribute.SIMPLE;
  private int priority;
  private int expectedOut;
  private int expectedIn;
  private boolean immediate;
  private boolean answered;
  private int unsolicitedBytes;

  private final AtomicReference<@Nullable Action> wanted = new AtomicReference<>();
  private int requestedBytes;
  private @Nullable DataOutReady ready;
  private ScsiStatus status = ScsiStatus.GOOD;
  private byte @Nullable [] sense;
  private int requiredIn;
  private int requiredOut;
  private @Nullable Object attachment;
  private final TakenReservation reservation = new TakenReservation();

  /** Its answer has gone out: the object may serve another command. */
  final Runnable sent = () -> owner().sent(this);

  // It has its answer, or is about to, and is the engine's until that lets go of it.
  private boolean early;
  private boolean detached;

  ScsiTask(ScsiCommands owner) {
    this.owner = owner;
  }

  /** Takes the fields of a SCSI Command (RFC 7143 11.3) and its immediate data. */
  void begin(Bhs header, ByteBuf data) {
    initiatorTaskTag = header.initiatorTaskTag();
    lun = header.lun();
    immediate = header.immediate();
    answered = false;
    unsolicitedBytes = data.readableBytes();
    int flags = header.flags();
    attribute = Scheduling.attribute(header);
    Parameters parameters = owner.parameters();
    priority = Scheduling.priority(header, parameters);
    boolean reads = (flags & 0x40) != 0;
    boolean writes = (flags & 0x20) != 0;
    int expected = header.expectedDataTransferLength();
    expectedOut = writes ? expected : 0;
    expectedIn = !reads ? 0 : writes ? header.bidirectionalReadLength() : expected;
    header.copyCdb(shortCdb);
    cdb = shortCdbView;
    if (header.totalAhsBytes() > 0) {
      byte[] extended = header.extendedCdb();
      if (extended.length > 0) {
        cdb = ByteBuffer.wrap(extended);
      }
    }
    early = false;
    detached = false;
    beginAnswer();
    dataOut.begin(expectedOut, data, !header.finalBit(), parameters);
  }

  int initiatorTaskTag() {
    return initiatorTaskTag;
  }

  boolean immediate() {
    return immediate;
  }

  boolean bidirectional() {
    return expectedOut > 0 && expectedIn > 0;
  }

  /**
   * Notes what the engine wants; it replaces what the loop has not taken up yet, as an abort does
   * with a request for data.
   *
   * @return true when nothing was noted before
   */
  boolean want(Action action) {
    return wanted.getAndSet(action) == null;
  }

  /** True when the loop has taken up everything. */
  boolean wantsNothing() {
    return wanted.get() == null;
  }

  /** In the loop: takes up what is wanted; null when that was done before. */
  @Nullable Action takeWanted() {
    return wanted.getAndSet(null);
  }

  ScsiStatus status() {
    return status;
  }

  byte @Nullable [] sense() {
    return sense;
  }

  int requiredIn() {
    return requiredIn;
  }

  int requiredOut() {
    return requiredOut;
  }

  DataOutReceiver dataOutReceiver() {
    return dataOut;
  }

  /** What it takes of the connection's window. */
  DataOutWindow.Share share() {
    return share;
  }

  DataInBuffers dataInBuffers() {
    return dataIn;
  }

  ScsiCommands owner() {
    return owner;
  }

  /** Another connection carries the task on (RFC 7143 7.2.2). */
  void owner(ScsiCommands another) {
    owner = another;
  }

  /** Bytes of the Data-In Buffer that go to the initiator. */
  int dataInToSend() {
    return Math.min(Math.min(requiredIn, dataIn.bytes()), expectedIn);
  }

  /** Takes the place of a task that is still the engine's, for its answer. */
  void answersFor(ScsiTask other) {
    initiatorTaskTag = other.initiatorTaskTag;
    lun = other.lun;
    immediate = false;
    answered = false;
    unsolicitedBytes = 0;
    expectedOut = other.expectedOut;
    expectedIn = other.expectedIn;
    status = other.status;
    sense = other.sense;
    requiredIn = 0;
    requiredOut = 0;
    early = false;
    detached = false;
    beginAnswer();
    snackTag(other.snackTag());
    dataOut.answersFor(other.dataOut);
  }

  /** Whether the engine goes on using a task that has an answer. */
  boolean isEnginesStill() {
    return early;
  }

  /** The engine has let go of it. */
  void engineLetGo() {
    early = false;
  }

  /** Whether another task has its place. */
  boolean isDetached() {
    return detached;
  }

  void detach() {
    detached = true;
  }

  /** True when the engine has ended the command and only the answer is due. */
  boolean answered() {
    return answered;
  }

  void markAnswered() {
    answered = true;
  }

  /** Bytes of unsolicited data that came for the command. */
  int unsolicitedBytes() {
    return unsolicitedBytes;
  }

  void addUnsolicited(int bytes) {
    unsolicitedBytes += bytes;
  }

  /** In the loop: goes on with what the engine asked for. */
  void receiveRequested() {
    dataOut.request(requestedBytes);
  }

  /** Releases everything, so that the object can serve another command. */
  void reset() {
    dataOut.reset();
    dataIn.reset();
    ready = null;
    sense = null;
    cdb = shortCdbView;
  }

  /** The bytes of the engine's budget that its Data-In takes up. */
  TakenReservation reservation() {
    return reservation;
  }

  // What the receiver says, in the loop.

  @Override
  public boolean admitsR2t() {
    return owner.transfers().admitsR2t(this);
  }

  @Override
  public int nextTransferTag() {
    return owner.transfers().nextTransferTag();
  }

  @Override
  public void sendR2t(int transferTag, int r2tSn, int offset, int desired) {
    owner.transfers().sendR2t(this, transferTag, r2tSn, offset, desired);
  }

  @Override
  public void dataComplete() {
    DataOutReady listener = ready;
    ready = null;
    if (listener != null) {
      listener.dataOutReady();
    }
  }

  @Override
  public void dataFailed(TransportCondition condition) {
    DataOutReady listener = ready;
    ready = null;
    if (listener != null) {
      listener.dataOutFailed(condition);
    }
  }

  @Override
  public void sequencesEnded() {
    if (answered) {
      owner.answer(this);
    }
  }

  // What the engine says, on any thread.

  @Override
  public long tag() {
    return initiatorTaskTag & 0xffffffffL;
  }

  @Override
  public long lun() {
    return lun;
  }

  @Override
  public TaskAttribute attribute() {
    return attribute;
  }

  @Override
  public int priority() {
    return priority;
  }

  @Override
  public ByteBuffer cdb() {
    return cdb;
  }

  @Override
  public int cdbLength() {
    return cdb.capacity();
  }

  @Override
  public int expectedDataOutBytes() {
    return expectedOut;
  }

  @Override
  public int expectedDataInBytes() {
    return expectedIn;
  }

  @Override
  public void receiveDataOut(int bytes, DataOutReady listener) {
    ready = listener;
    requestedBytes = bytes;
    owner.submit(this, Action.RECEIVE_DATA);
  }

  @Override
  public ByteBuffer[] dataOut() {
    return dataOut.views();
  }

  @Override
  public int dataOutBuffers() {
    return dataOut.viewCount();
  }

  @Override
  public ByteBuffer[] allocateDataIn(int bytes) {
    return dataIn.allocate(bytes, owner.writer(), owner.parameters());
  }

  @Override
  public void complete(
      ScsiStatus answer, byte @Nullable [] senseData, int requiredDataIn, int requiredDataOut) {
    status = answer;
    sense = senseData;
    requiredIn = requiredDataIn;
    requiredOut = requiredDataOut;
    owner.submit(this, Action.COMPLETE);
  }

  @Override
  public boolean takeReservation(Reservation taken, int bytes) {
    reservation.take(taken, bytes);
    return true;
  }

  @Override
  public boolean answerEarly(byte[] senseData) {
    status = ScsiStatus.CHECK_CONDITION;
    sense = senseData;
    requiredIn = 0;
    requiredOut = 0;
    early = true;
    owner.submit(this, Action.ANSWER_EARLY);
    return true;
  }

  @Override
  public void aborted() {
    owner.submit(this, early ? Action.LET_GO : Action.ABORTED);
  }

  @Override
  public @Nullable Object attachment() {
    return attachment;
  }

  @Override
  public void attach(Object engineState) {
    attachment = engineState;
  }
}
