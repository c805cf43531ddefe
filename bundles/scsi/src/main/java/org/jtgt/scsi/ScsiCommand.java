// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * One SCSI command as a transport delivers it, and the way back for its answer (SAM-5 5.1). The
 * transport implements it and may reuse the object after the end of the command.
 *
 * <p>The engine first decides whether the command can run and how many bytes it needs, reserves
 * them in the byte budget, and only then asks for data or buffers. It ends each command with
 * exactly one of {@link #complete} and {@link #aborted()}, after which it touches neither the
 * command nor its buffers. One that its store does not give back may be {@linkplain #answerEarly
 * answered} before it ends.
 *
 * <p>Thread rules: the engine may call from any thread, never two calls for one command at once.
 */
@ConsumerType
public interface ScsiCommand {
  /**
   * The command identifier, unique among the commands of the nexus (SAM-5 4.7.2; the iSCSI
   * Initiator Task Tag).
   */
  long tag();

  /** The 8-byte LUN (SAM-5 4.6) as a big-endian number. */
  long lun();

  /** The task attribute. */
  TaskAttribute attribute();

  /**
   * The command priority (SAM-5 8.7): 1 is the most important, 15 the least; 0 when none was given.
   */
  default int priority() {
    return 0;
  }

  /**
   * The CDB: readable from index 0 to {@link #cdbLength()} with absolute gets; at least 16 bytes
   * (the transport pads with zeros). Valid until the end of the command. The engine does not write
   * to it nor move its position.
   */
  ByteBuffer cdb();

  /** Length in bytes of the CDB as delivered, at least 16. */
  int cdbLength();

  /** Bytes that the initiator expects to send at most; 0 when it sends none. */
  int expectedDataOutBytes();

  /** Bytes that the initiator expects to receive at most; 0 when it receives none. */
  int expectedDataInBytes();

  /**
   * Receives the first {@code bytes} of the Data-Out Buffer, those that came with the command and
   * the rest by asking for them. Called at most once.
   *
   * @param bytes 1 to {@link #expectedDataOutBytes()}
   * @param ready runs once when all of them lie in {@link #dataOut()}, perhaps before this returns,
   *     on a thread that must not wait; neither runs when the nexus was closed meanwhile
   */
  void receiveDataOut(int bytes, DataOutReady ready);

  /**
   * The received data in order, each buffer from position to limit; the first {@link
   * #dataOutBuffers()} elements count. Whoever moves positions restores them when the data is used
   * twice.
   */
  ByteBuffer[] dataOut();

  /** Number of elements of {@link #dataOut()} in use. */
  int dataOutBuffers();

  /**
   * Gives buffers for the Data-In Buffer, with undefined content, {@code bytes} in all, each from
   * position 0 to limit. Called at most once. What of them goes to the initiator is said by {@link
   * #complete}.
   *
   * @param bytes at least 1; the engine bounds it by its byte budget
   */
  ByteBuffer[] allocateDataIn(int bytes);

  /**
   * Ends the command with an answer. The transport computes the residual from the expected lengths
   * and the two required ones (RFC 7143 11.4.5), and never sends more than the initiator expects.
   *
   * @param status the status
   * @param sense sense data for CHECK CONDITION; else null
   * @param requiredDataIn bytes at the front of the Data-In buffers to send, 0 when none: the
   *     length the command is about, which may exceed what the initiator expects
   * @param requiredDataOut bytes of the Data-Out Buffer that the command is about, as far as they
   *     were used
   */
  void complete(
      ScsiStatus status, byte @Nullable [] sense, int requiredDataIn, int requiredDataOut);

  /**
   * Offers the transport the bytes of the byte budget that the command has reserved, right before a
   * {@link #complete} that has Data-In: a transport that takes them bounds by them what waits to be
   * sent. Called at most once.
   *
   * @return whether the transport took them; it calls {@link Reservation#giveBack} once then, when
   *     the Data-In buffers were sent or dropped
   */
  default boolean takeReservation(Reservation reservation, int bytes) {
    return false;
  }

  /**
   * Answers the command with CHECK CONDITION before its end, because its store has its buffers and
   * does not give them back in time. For the initiator the command is over: its tag is free. The
   * object and its buffers stay the engine's until {@link #aborted()}, which follows always.
   *
   * @param sense the sense data
   * @return false when the transport cannot: nothing is answered then, and the command goes on
   * @since 1.3
   */
  default boolean answerEarly(byte[] sense) {
    return false;
  }

  /**
   * Ends the command without an answer: it was aborted or {@linkplain #answerEarly answered}, and
   * its store I/O has ended.
   */
  void aborted();

  /**
   * The object that the engine left with {@link #attach}; it stays when the transport reuses the
   * command.
   */
  @Nullable Object attachment();

  /** Leaves an object of the engine's for the next use of this command object. */
  void attach(Object engineState);

  /** Bytes of the byte budget; outlives the command. Any thread that must not wait. */
  interface Reservation {
    /**
     * Gives bytes back. Commands that waited for them go on, perhaps before this returns.
     *
     * @param bytes as many as were taken for one command
     */
    void giveBack(int bytes);
  }

  /** What {@link #receiveDataOut} calls. */
  interface DataOutReady {
    /** All data asked for has arrived. */
    void dataOutReady();

    /**
     * The transport gave the data up: the engine answers with the matching sense data, or ends an
     * aborted command.
     */
    void dataOutFailed(TransportCondition condition);
  }
}
