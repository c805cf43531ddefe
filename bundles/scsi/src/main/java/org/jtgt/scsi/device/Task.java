// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.device;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.StoreIo;
import org.jtgt.scsi.ScsiCommand;
import org.jtgt.scsi.ScsiPort;
import org.jtgt.scsi.ScsiStatus;

/**
 * One command in execution (SAM-5 4.5.9), as its steps see it.
 *
 * <p>Thread rules: a step owns its task; it makes exactly one call that ends the task or names the
 * next step, as its last act, and touches the task no more.
 */
public interface Task {
  /** The row of the command table. */
  Command command();

  /** The logical unit. */
  Unit unit();

  /** The initiator port of the I_T nexus. */
  ScsiPort initiatorPort();

  /** The target port of the I_T nexus. */
  ScsiPort targetPort();

  /** RELATIVE TARGET PORT IDENTIFIER of {@link #targetPort()}, 1 to 65,535. */
  int relativePort();

  /** The I_T nexus as reservations know it. */
  Reservations.Registrant registrant();

  /** Whether the initiator of the I_T nexus may only read, whatever the logical unit allows. */
  boolean readOnlyNexus();

  /** Byte of the CDB, 0 to 255; 0 behind its end. */
  int cdb(int index);

  /** Length in bytes of the CDB as it came, at least 16. */
  int cdbLength();

  /** Two bytes of the CDB. */
  int cdb16(int index);

  /** Four bytes of the CDB. */
  long cdb32(int index);

  /** Eight bytes of the CDB, unsigned. */
  long cdb64(int index);

  /** Bytes that the initiator expects to receive at most. */
  int expectedDataIn();

  /** Bytes that the initiator expects to send at most. */
  int expectedDataOut();

  // --- what a command keeps between its steps ---

  /** First logical block the command is about; free for the command's use. */
  long lba();

  /** Number of logical blocks the command is about; free for the command's use. */
  long blocks();

  /** Keeps {@link #lba()} and {@link #blocks()}. */
  void range(long lba, long blocks);

  /** How far the command has come; 0 at its start. */
  long progress();

  /** Keeps {@link #progress()}. */
  void progress(long value);

  /** Any object of the command's, null at its start; used off the hot path only. */
  @Nullable Object keepsake();

  /** The {@link #keepsake()}, which is there and of this type. */
  <T> T keepsake(Class<T> type);

  /** Keeps {@link #keepsake()}; an {@link Ending} hears of the task's end. */
  void keepsake(Object value);

  /** A keepsake that has to know when its task has ended. */
  interface Ending {
    /** The task has ended, in whatever way: perhaps by an abort, between two of its steps. */
    void taskEnded();
  }

  // --- what goes on with another step ---

  /**
   * Waits for bytes of the byte budget: all that the command will ever hold. Called at most once,
   * before any buffer is asked for.
   */
  void reserve(int bytes, Step next);

  /** Receives the first {@code bytes} of the Data-Out Buffer, 1 to {@link #expectedDataOut()}. */
  void receive(int bytes, Step next);

  /**
   * Waits until no other command holds the range {@link #lba()}, {@link #blocks()} in a way that
   * does not go with this one. Kept until the end of the command.
   */
  void lock(Access access, Step next);

  /**
   * Reads or writes with the store.
   *
   * @param operation READ or WRITE
   * @param offsetBytes first byte in the store
   * @param lengthBytes number of bytes, what remains in the buffers
   */
  void io(
      StoreIo.Operation operation,
      long offsetBytes,
      long lengthBytes,
      ByteBuffer[] buffers,
      int bufferCount,
      boolean forceUnitAccess,
      Step next);

  /**
   * FLUSH, UNMAP or WRITE_ZEROES with the store.
   *
   * @param mayUnmap as {@link StoreIo#mayUnmap()}
   */
  void io(
      StoreIo.Operation operation,
      long offsetBytes,
      long lengthBytes,
      boolean forceUnitAccess,
      boolean mayUnmap,
      Step next);

  /** Goes on with a step on a thread that may wait; the store stays attached for that step. */
  void mayWait(Step next);

  /**
   * Waits for an event outside of the store and the transport; an abort ends the wait at once.
   *
   * @param subscribe gets what is to run, once, when the event has come; may run it at once
   */
  void await(Consumer<Runnable> subscribe, Step next);

  /** Goes on when somebody outside has answered; an abort waits for that answer, too. */
  void awaitAnswer(Consumer<Runnable> ask, Step next);

  /** The logical units that the nexus of the task reaches, by 8-byte LUN. */
  Map<Long, Unit> reachable();

  /**
   * Delivers a command of the engine's own to a unit that the nexus of the task reaches, as if that
   * nexus had sent it: it locks ranges and conflicts with reservations as any command. It meets no
   * unit attention and overtakes those that wait for their turn.
   *
   * @param on one of {@link #reachable()}
   * @return false when the nexus is gone: the command will not run
   */
  boolean deliver(Unit on, ScsiCommand command);

  /**
   * Goes on with a step on a thread that may wait for something other than the store: a file of the
   * engine's own.
   */
  void mayBlock(Step next);

  /** Aborts every other task of some nexuses, and goes on when all of them have ended. */
  void abortTasksOf(Set<Reservations.Registrant> nexuses, Step next);

  // --- buffers ---

  /** The received data, as {@link org.jtgt.scsi.ScsiCommand#dataOut()}. */
  ByteBuffer[] dataOut();

  /** Number of elements of {@link #dataOut()} in use. */
  int dataOutBuffers();

  /** The received data in one array: for parameter lists, not for the hot path. */
  byte[] parameterList();

  /**
   * Data-In buffers, as {@link org.jtgt.scsi.ScsiCommand#allocateDataIn}. A command that sends
   * nothing may use them as scratch space.
   */
  ByteBuffer[] allocateDataIn(int bytes);

  /** The buffers that {@link #allocateDataIn} gave. */
  ByteBuffer[] dataIn();

  // --- ends ---

  /** GOOD without data. */
  void good();

  /** Ends with a status and the lengths of {@link org.jtgt.scsi.ScsiCommand#complete}. */
  void end(ScsiStatus status, int requiredDataIn, int requiredDataOut);

  /** CHECK CONDITION. */
  void check(Sense sense);

  /**
   * GOOD with parameter data, cut at the allocation length (SPC-4 4.2.5.6).
   *
   * @param data what there is to tell
   * @param allocationLength ALLOCATION LENGTH of the CDB
   */
  void reply(byte[] data, long allocationLength);

  /** How a command uses the range it locks. */
  enum Access {
    /** Goes with other reads and writes. */
    READ,
    /** Goes with other reads and writes: the initiator orders what overlaps (SAM-5 8.6). */
    WRITE,
    /** Goes with nothing else (SBC-3 5.2, COMPARE AND WRITE). */
    EXCLUSIVE
  }
}
