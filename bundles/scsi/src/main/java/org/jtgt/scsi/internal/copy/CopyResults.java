// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.copy;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Task;

/**
 * RECEIVE COPY STATUS and its like (SPC-4 6.22 to 6.26, 6.31): what became of copy operations; and
 * their abort (SPC-4 6.3).
 */
final class CopyResults {
  // COPY OPERATION STATUS (SPC-4 table 249).
  private static final int COMPLETED = 0x01;
  private static final int COMPLETED_WITH_ERRORS = 0x02;
  private static final int IN_PROGRESS = 0x11;
  private static final int TERMINATED = 0x60;

  /** SERVICE ACTION of EXTENDED COPY(LID4); below it (LID1), above it operations with tokens. */
  private static final int LID4 = 0x01;

  // ESTIMATED STATUS UPDATE DELAY.
  private static final int ENDED = 0xFFFF_FFFE;
  private static final int DELAY_MILLISECONDS = 100;

  /** A ROD management token: header and body of a ROD token (SPC-4 5.17.6.4). */
  private static final int MANAGEMENT_TOKEN_BYTES = 96;

  /** TRANSFER COUNT UNITS: logical blocks. */
  private static final int BLOCKS = 0xF1;

  private CopyResults() {}

  /** OPERATING PARAMETERS. */
  static void operatingParameters(Task task) {
    ByteBuffer out = ByteBuffer.allocate(44 + 3);
    out.putInt(0, out.capacity() - 4);
    out.put(4, (byte) 1); // SNLID
    out.putShort(8, (short) CopyLimits.CSCD_DESCRIPTORS);
    out.putShort(10, (short) CopyLimits.SEGMENT_DESCRIPTORS);
    out.putInt(12, CopyLimits.DESCRIPTOR_LIST_BYTES);
    out.putInt(16, CopyLimits.SEGMENT_BYTES);
    out.putShort(34, (short) CopyLimits.CONCURRENT);
    out.put(36, (byte) CopyLimits.CONCURRENT);
    out.put(37, (byte) 9); // DATA SEGMENT GRANULARITY: 512 bytes
    out.put(43, (byte) 3);
    out.put(44, (byte) CopyLimits.BLOCK_TO_BLOCK);
    out.put(45, (byte) CopyLimits.VERIFY_CSCD);
    out.put(46, (byte) CopyLimits.IDENTIFICATION);
    task.reply(out.array(), task.cdb32(10));
  }

  /** COPY STATUS(LID1). */
  static void status1(Task task) {
    Optional<CopyManager.Operation> found = CopyManager.of(task).find(task, task.cdb(2));
    if (found.isEmpty() || found.get().serviceAction != 0) {
      task.check(Sense.invalidFieldInCdb(2, 7));
      return;
    }
    CopyManager.Operation operation = found.get();
    ByteBuffer out = ByteBuffer.allocate(12);
    out.putInt(0, 8);
    boolean good = operation.failure == null && !operation.terminated;
    out.put(4, (byte) (operation.running ? 0 : good ? COMPLETED : COMPLETED_WITH_ERRORS));
    out.putShort(5, (short) operation.segmentsProcessed());
    // TRANSFER COUNT UNITS: bytes, or kibibytes where bytes do not fit
    long bytes = operation.movedBytes();
    boolean fits = bytes >>> 32 == 0;
    out.put(7, (byte) (fits ? 0 : 1)).putInt(8, (int) (fits ? bytes : bytes >>> 10));
    task.reply(out.array(), task.cdb32(10));
  }

  /** FAILED SEGMENT DETAILS(LID1): empty when nothing failed. */
  static void failedSegment(Task task) {
    Optional<CopyManager.Operation> found = CopyManager.of(task).find(task, task.cdb(2));
    if (found.isEmpty() || found.get().running) {
      task.check(Sense.invalidFieldInCdb(2, 7));
      return;
    }
    Sense failure = found.get().failure;
    if (failure == null) {
      task.reply(new byte[4], task.cdb32(10));
      return;
    }
    byte[] sense = failure.encode(false);
    ByteBuffer out = ByteBuffer.allocate(60 + sense.length);
    out.putInt(0, out.capacity() - 4);
    out.put(56, (byte) ScsiStatus.CHECK_CONDITION.code());
    out.putShort(58, (short) sense.length).put(60, sense);
    task.reply(out.array(), task.cdb32(10));
  }

  /** COPY STATUS(LID4). */
  static void status4(Task task) {
    status(task, false);
  }

  /** RECEIVE ROD TOKEN INFORMATION. */
  static void rodTokenInformation(Task task) {
    status(task, true);
  }

  /** Of any operation: list identifiers of both lengths are the same (SPC-4 5.17.4.2). */
  private static void status(Task task, boolean withTokens) {
    CopyManager.of(task)
        .find(task, task.cdb32(2))
        .ifPresentOrElse(
            operation -> task.reply(status(task, operation, withTokens), task.cdb32(10)),
            () -> task.check(Sense.invalidFieldInCdb(2, 7)));
  }

  /** COPY OPERATION ABORT: answers when nothing of the operation is under way any more. */
  static void abort(Task task) {
    Optional<CopyManager.Operation> found =
        CopyManager.of(task).find(task, task.cdb32(2)).filter(operation -> operation.running);
    if (found.isEmpty()) {
      task.check(Sense.invalidFieldInCdb(2, 7));
    } else {
      task.await(found.get()::abort, Task::good);
    }
  }

  /** REPORT ALL ROD TOKENS. */
  static void allTokens(Task task) {
    List<byte[]> tokens = Tokens.of(task.unit()).all();
    ByteBuffer out = ByteBuffer.allocate(8 + tokens.size() * MANAGEMENT_TOKEN_BYTES);
    out.putInt(out.capacity() - 4).putInt(0);
    tokens.forEach(token -> out.put(token, 0, MANAGEMENT_TOKEN_BYTES));
    task.reply(out.array(), task.cdb32(10));
  }

  private static byte[] status(Task task, CopyManager.Operation operation, boolean withTokens) {
    Sense failure = operation.failure;
    byte[] sense = failure == null ? new byte[0] : failure.encode(true);
    byte @Nullable [] token = operation.token;
    int tokens = !withTokens ? 0 : 4 + (token == null ? 0 : 2 + token.length);
    int senseField = (sense.length + 3) / 4 * 4;
    ByteBuffer out = ByteBuffer.allocate(32 + senseField + tokens);
    out.putInt(0, out.capacity() - 4);
    out.put(4, (byte) operation.serviceAction);
    out.put(5, (byte) statusOf(operation));
    out.putShort(6, (short) operation.commandsDone());
    out.putInt(8, operation.running ? DELAY_MILLISECONDS : ENDED);
    if (failure != null) {
      out.put(12, (byte) ScsiStatus.CHECK_CONDITION.code());
    } else if (operation.terminated) {
      out.put(12, (byte) ScsiStatus.TASK_ABORTED.code());
    }
    out.put(13, (byte) senseField).put(14, (byte) sense.length);
    out.put(15, (byte) BLOCKS);
    out.putLong(16, operation.movedBytes() / CopyJob.blockBytes(task.unit()));
    if (operation.serviceAction <= LID4) {
      // Operations with tokens have no segment descriptors.
      out.putShort(24, (short) operation.segmentsProcessed());
    }
    out.put(32, sense);
    if (tokens > 4 && token != null) {
      int at = 32 + senseField;
      out.putInt(at, 2 + token.length).put(at + 6, token);
    }
    return out.array();
  }

  private static int statusOf(CopyManager.Operation operation) {
    if (operation.running) {
      return IN_PROGRESS;
    }
    if (operation.terminated) {
      return TERMINATED;
    }
    return operation.failure == null ? COMPLETED : COMPLETED_WITH_ERRORS;
  }
}
