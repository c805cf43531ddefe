// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.copy;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.device.Limits;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.Unit;

/**
 * Moves data from unit to unit, piece by piece, as the steps of the command that asked for it. It
 * ends when all is moved, at the first command that fails, or with the command itself.
 */
final class CopyJob {
  /** What one READ and one WRITE move. */
  static final int PIECE_BYTES = 1 << 20;

  /** Longer sense data is cut: none of ours is. */
  private static final int MOST_SENSE_BYTES = 64;

  // SENSE DATA SOURCE (SPC-4 4.5.2.7).
  private static final int FIRST_SOURCE = 1;
  private static final int FIRST_DESTINATION = 2;

  private final List<Move> moves;
  private final End end;
  private @Nullable CopyCall call;
  private int index;
  private long done;
  private long moved;
  private int sent;
  private boolean sourceFailed;
  // What others see of it.
  private volatile long movedBytes;
  private volatile int commands;
  private volatile boolean aborted;

  /**
   * One range.
   *
   * @param from where the data is; null for zeros
   * @param fromByte first byte there
   * @param to where it goes
   * @param toByte first byte there
   * @param bytes number of bytes, whole blocks on both sides
   * @param segment number of the segment descriptor it came from
   */
  record Move(@Nullable Unit from, long fromByte, Unit to, long toByte, long bytes, int segment) {}

  /** What is done when the job has ended. */
  @FunctionalInterface
  interface End {
    /**
     * Ends the task.
     *
     * @param job what has ended
     * @param failure why not all was moved; null when it was
     */
    void ended(Task task, CopyJob job, @Nullable Sense failure);
  }

  CopyJob(List<Move> moves, End end) {
    this.moves = moves;
    this.end = end;
  }

  /** Bytes moved until now. */
  long movedBytes() {
    return movedBytes;
  }

  /** Commands that units have done for it. */
  int commandsDone() {
    return commands;
  }

  /** Ends it before its next piece. */
  void abort() {
    aborted = true;
  }

  /** Whether it was the source that did not do its part. */
  boolean sourceFailed() {
    return sourceFailed;
  }

  /** What the unit that failed has answered; its sense data as far as it goes. */
  Sense.Forwarded answer() {
    CopyCall failed = call();
    byte[] sense = failed.sense();
    List<Byte> bytes = new ArrayList<>();
    for (int i = 0; sense != null && i < sense.length && i < MOST_SENSE_BYTES; i++) {
      bytes.add(sense[i]);
    }
    return new Sense.Forwarded(
        sourceFailed ? FIRST_SOURCE : FIRST_DESTINATION, failed.status().code(), bytes);
  }

  /** Number of the move that failed. */
  int failedMove() {
    return index;
  }

  /** Blocks of the destination that the failed move has not written; empty when it wrote none. */
  OptionalLong residualBlocks() {
    Move move = moves.get(index);
    return done == 0
        ? OptionalLong.empty()
        : OptionalLong.of((move.bytes - done) / blockBytes(move.to));
  }

  /** Segment descriptors of which everything was moved. */
  int segmentsDone() {
    return index < moves.size() ? moves.get(index).segment : segments();
  }

  private int segments() {
    return moves.isEmpty() ? 0 : moves.getLast().segment + 1;
  }

  /** Moves the next piece. */
  void run(Task task) {
    while (index < moves.size() && done >= moves.get(index).bytes) {
      index++;
      done = 0;
    }
    if (index >= moves.size()) {
      end.ended(task, this, null);
      return;
    }
    if (aborted) {
      end.ended(task, this, Sense.COPY_CLEARED_BY_DEVICE_SERVER);
      return;
    }
    // Elsewhere: stores that answer at once would keep a network thread for the whole copy.
    task.mayWait(this::piece);
  }

  private void piece(Task task) {
    Move move = moves.get(index);
    CopyCall now = call();
    Unit from = move.from;
    if (from == null) {
      int block = blockBytes(move.to);
      long most = (long) Limits.WRITE_SAME_BLOCKS * block;
      long bytes = Math.min(most, move.bytes - done);
      task.awaitAnswer(
          run ->
              now.writeZeros(
                  task, move.to, (move.toByte + done) / block, (int) (bytes / block), run),
          step -> written(step, bytes));
      return;
    }
    int block = blockBytes(from);
    int bytes = pieceBytes(move, from);
    task.awaitAnswer(
        run -> now.read(task, from, (move.fromByte + done) / block, bytes / block, block, run),
        step -> read(step, bytes));
  }

  private int pieceBytes(Move move, Unit from) {
    int largest = Math.max(blockBytes(from), blockBytes(move.to));
    long limit =
        Math.min(
            PIECE_BYTES, Math.min(from.maximumTransferBytes(), move.to.maximumTransferBytes()));
    return (int) Math.min(Math.max(largest, limit / largest * largest), move.bytes - done);
  }

  private void read(Task task, int bytes) {
    CopyCall now = call();
    if (now.status() != ScsiStatus.GOOD) {
      sourceFailed = true;
      failed(task);
      return;
    }
    count();
    Move move = moves.get(index);
    int block = blockBytes(move.to);
    task.awaitAnswer(
        run -> now.write(task, move.to, (move.toByte + done) / block, bytes / block, block, run),
        step -> written(step, bytes));
  }

  private void written(Task task, long bytes) {
    if (call().status() != ScsiStatus.GOOD) {
      failed(task);
      return;
    }
    count();
    done += bytes;
    moved += bytes;
    movedBytes = moved;
    run(task);
  }

  private void count() {
    sent++;
    commands = sent;
  }

  /** SPC-4 5.17.4.3: what a unit answered to the copy manager stops the copy. */
  private void failed(Task task) {
    end.ended(task, this, Sense.THIRD_PARTY_DEVICE_FAILURE);
  }

  private CopyCall call() {
    CopyCall now = call;
    if (now == null) {
      long most =
          moves.stream().filter(move -> move.from != null).mapToLong(Move::bytes).max().orElse(0);
      now = new CopyCall((int) Math.min(PIECE_BYTES, most));
      call = now;
    }
    return now;
  }

  /** Nothing is under way any more: its buffer may serve another copy. */
  void release() {
    CopyCall now = call;
    if (now != null) {
      now.release();
      // Whoever keeps the results keeps this.
      call = null;
    }
  }

  static int blockBytes(Unit unit) {
    return unit.attachedMedium().blockBytes();
  }
}
