// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.copy;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Task;

/** RECEIVE COPY RESULTS and its like (SPC-4 6.20, 6.23 to 6.28): what became of copy operations. */
final class CopyResults {
  // COPY OPERATION STATUS (SPC-4 table 245).
  private static final int COMPLETED = 0x01;
  private static final int COMPLETED_WITH_ERRORS = 0x02;
  private static final int IN_PROGRESS = 0x11;

  private static final int UNKNOWN_DELAY = 0xFFFF_FFFE;

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
    out.put(4, (byte) (operation.running ? 0 : operation.failure == null ? 1 : 2));
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
    Optional<CopyManager.Operation> found = CopyManager.of(task).find(task, task.cdb32(2));
    if (found.isEmpty() || found.get().serviceAction != 1) {
      task.check(Sense.invalidFieldInCdb(2, 7));
    } else {
      task.reply(status(task, found.get(), false), task.cdb32(10));
    }
  }

  /** RECEIVE ROD TOKEN INFORMATION. */
  static void rodTokenInformation(Task task) {
    Optional<CopyManager.Operation> found = CopyManager.of(task).find(task, task.cdb32(2));
    if (found.isEmpty() || found.get().serviceAction < 0x10) {
      task.check(Sense.invalidFieldInCdb(2, 7));
    } else {
      task.reply(status(task, found.get(), true), task.cdb32(10));
    }
  }

  private static byte[] status(Task task, CopyManager.Operation operation, boolean withTokens) {
    Sense failure = operation.failure;
    byte[] sense = failure == null ? new byte[0] : failure.encode(true);
    byte @Nullable [] token = operation.token;
    int tokens = !withTokens ? 0 : 4 + (token == null ? 0 : 2 + token.length);
    ByteBuffer out = ByteBuffer.allocate(32 + sense.length + tokens);
    out.putInt(0, out.capacity() - 4);
    out.put(4, (byte) operation.serviceAction);
    int status =
        operation.running ? IN_PROGRESS : failure == null ? COMPLETED : COMPLETED_WITH_ERRORS;
    out.put(5, (byte) status);
    out.putShort(6, (short) 1); // OPERATION COUNTER
    out.putInt(8, operation.running ? UNKNOWN_DELAY : 0xFFFF_FFFF);
    if (failure != null) {
      out.put(12, (byte) ScsiStatus.CHECK_CONDITION.code());
    }
    out.put(13, (byte) sense.length).put(14, (byte) sense.length);
    out.put(15, (byte) BLOCKS);
    out.putLong(16, operation.movedBytes() / CopyJob.blockBytes(task.unit()));
    out.putShort(24, (short) operation.segmentsProcessed());
    out.put(32, sense);
    if (tokens > 4 && token != null) {
      int at = 32 + sense.length;
      out.putInt(at, 2 + token.length).put(at + 6, token);
    }
    return out.array();
  }
}
