// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.copy;

import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.ScsiCommand;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.TaskAttribute;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.Unit;

/**
 * The commands that the copy manager sends, one at a time, all over one buffer: what a READ has
 * filled, a WRITE takes from where it lies.
 */
final class CopyCall implements ScsiCommand {
  private static final int READ_16 = 0x88;
  private static final int WRITE_16 = 0x8A;
  private static final int WRITE_SAME_16 = 0x93;
  private static final int UNMAP_AND_NO_DATA = 0x09;
  private static final int NO_DATA = 0x01;

  // Buffers of copies that have ended.
  private static final ArrayBlockingQueue<ByteBuffer> SPARE = new ArrayBlockingQueue<>(16);

  private final ByteBuffer cdb = ByteBuffer.allocate(16);
  private final ByteBuffer buffer;
  private final ByteBuffer[] buffers;
  private int bytes;
  private boolean reads;
  private boolean writes;
  private Runnable answered = () -> {};
  private @Nullable Object attachment;
  private volatile ScsiStatus status = ScsiStatus.GOOD;
  private volatile byte @Nullable [] sense;

  /**
   * @param pieceBytes what one command moves at most
   */
  CopyCall(int pieceBytes) {
    ByteBuffer spare = pieceBytes == CopyJob.PIECE_BYTES ? SPARE.poll() : null;
    buffer = spare == null ? ByteBuffer.allocateDirect(pieceBytes) : spare;
    buffers = new ByteBuffer[] {buffer};
  }

  /** Gives the buffer back: only the garbage collector would free it. */
  void release() {
    if (buffer.capacity() == CopyJob.PIECE_BYTES) {
      SPARE.offer(buffer);
    }
  }

  /** Reads blocks into the buffer. */
  void read(Task by, Unit from, long lba, int blocks, int blockBytes, Runnable then) {
    send(by, from, READ_16, 0, lba, blocks, blocks * blockBytes, 0, then);
  }

  /** Writes what the buffer holds. */
  void write(Task by, Unit to, long lba, int blocks, int blockBytes, Runnable then) {
    send(by, to, WRITE_16, 0, lba, blocks, 0, blocks * blockBytes, then);
  }

  /** Makes blocks zero. */
  void writeZeros(Task by, Unit to, long lba, int blocks, Runnable then) {
    int flags = to.unmaps() ? UNMAP_AND_NO_DATA : NO_DATA;
    send(by, to, WRITE_SAME_16, flags, lba, blocks, 0, 0, then);
  }

  private void send(
      Task by,
      Unit on,
      int opcode,
      int flags,
      long lba,
      int blocks,
      int in,
      int out,
      Runnable then) {
    cdb.put(0, (byte) opcode).put(1, (byte) flags).putLong(2, lba).putInt(10, blocks);
    bytes = Math.max(in, out);
    reads = in > 0;
    writes = out > 0;
    buffer.clear().limit(bytes);
    answered = then;
    sense = null;
    if (!by.deliver(on, this)) {
      status = ScsiStatus.TASK_ABORTED;
      then.run();
    }
  }

  /** How the last command ended. */
  ScsiStatus status() {
    return status;
  }

  /** Its sense data; null when there is none. */
  byte @Nullable [] sense() {
    return sense;
  }

  @Override
  public long tag() {
    // No Initiator Task Tag is negative.
    return -1;
  }

  @Override
  public long lun() {
    return 0;
  }

  @Override
  public TaskAttribute attribute() {
    // What waits behind the copy must not wait in front of its parts.
    return TaskAttribute.HEAD_OF_QUEUE;
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
    return writes ? bytes : 0;
  }

  @Override
  public int expectedDataInBytes() {
    return reads ? bytes : 0;
  }

  @Override
  public void receiveDataOut(int wanted, DataOutReady ready) {
    buffer.position(0).limit(wanted);
    ready.dataOutReady();
  }

  @Override
  public ByteBuffer[] dataOut() {
    return buffers;
  }

  @Override
  public int dataOutBuffers() {
    return writes ? 1 : 0;
  }

  @Override
  public ByteBuffer[] allocateDataIn(int wanted) {
    buffer.position(0).limit(wanted);
    return buffers;
  }

  @Override
  public void complete(
      ScsiStatus newStatus, byte @Nullable [] newSense, int requiredDataIn, int requiredDataOut) {
    status = newStatus;
    sense = newSense;
    answered.run();
  }

  @Override
  public void aborted() {
    status = ScsiStatus.TASK_ABORTED;
    answered.run();
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
