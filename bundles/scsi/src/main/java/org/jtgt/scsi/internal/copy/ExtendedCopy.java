// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.copy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.SenseKey;
import org.jtgt.scsi.device.Step;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.Unit;

/**
 * EXTENDED COPY(LID1) and (LID4) (SPC-4 6.3, 6.4), block device to block device. All descriptors
 * are judged before the first block is moved.
 */
final class ExtendedCopy {
  private static final int LID1_HEADER_BYTES = 16;
  private static final int LID4_HEADER_BYTES = 48;
  private static final int DESTINATION_COUNT = 0x02;
  private static final int CAT = 0x01;
  private static final int PAD = 0x04;
  private static final int TUR = 0x01;

  // Byte 15 of the list of LID4 (SPC-4 table 126).
  private static final int G_SENSE = 0x02;
  private static final int IMMED = 0x01;

  // LIST ID USAGE (SPC-4 table 84).
  private static final int HOLD = 0;
  private static final int DISCARD = 2;
  private static final int NONE = 3;

  /** The unit itself, without a descriptor. */
  private static final int OWN = -1;

  private static final Step RECEIVED_1 = task -> received(task, false);
  private static final Step RECEIVED_4 = task -> received(task, true);

  private ExtendedCopy() {}

  static void lid1(Task task) {
    begin(task, LID1_HEADER_BYTES, RECEIVED_1);
  }

  static void lid4(Task task) {
    begin(task, LID4_HEADER_BYTES, RECEIVED_4);
  }

  private static void begin(Task task, int header, Step received) {
    long bytes = task.cdb32(10);
    if (bytes == 0) {
      task.good(); // SPC-4 6.3.1: no error, nothing is copied
    } else if (bytes < header || task.expectedDataOut() < bytes) {
      task.check(Sense.PARAMETER_LIST_LENGTH_ERROR);
    } else if (bytes > header + CopyLimits.DESCRIPTOR_LIST_BYTES) {
      task.check(Sense.PARAMETER_LIST_LENGTH_ERROR);
    } else {
      task.reserve((int) bytes, step -> step.receive((int) bytes, received));
    }
  }

  /** The header of either format. */
  private record Header(
      int bytes, long listIdentifier, int usage, int cscdBytes, long segmentBytes, long inline) {}

  private static Header header(ByteBuffer list, boolean lid4) {
    int usage = list.get(1) >> 3 & 0x03;
    return lid4
        ? new Header(
            LID4_HEADER_BYTES,
            list.getInt(20) & 0xFFFF_FFFFL,
            usage,
            list.getShort(42) & 0xFFFF,
            list.getShort(44) & 0xFFFF,
            list.getShort(46) & 0xFFFF)
        : new Header(
            LID1_HEADER_BYTES,
            list.get(0) & 0xFF,
            usage,
            list.getShort(2) & 0xFFFF,
            list.getInt(8) & 0xFFFF_FFFFL,
            list.getInt(12) & 0xFFFF_FFFFL);
  }

  private static void received(Task task, boolean lid4) {
    ByteBuffer list = ByteBuffer.wrap(task.parameterList());
    if (lid4 && list.get(0) != 1) {
      task.check(Sense.invalidFieldInParameterList(0, 7)); // PARAMETER LIST FORMAT
      return;
    }
    Header header = header(list, lid4);
    Sense refusal = judge(task, list, header, lid4);
    if (refusal != null) {
      task.check(refusal);
      return;
    }
    List<CopyJob.Move> moves = new ArrayList<>();
    List<Ends> ends = new ArrayList<>();
    refusal = segments(task, list, header, moves, ends);
    if (refusal != null) {
      task.check(refusal);
      return;
    }
    int bytes = list.capacity();
    CopyJob job =
        new CopyJob(
            moves,
            (by, at, failure) -> ended(by, located(failure, at, moves, ends), bytes, header));
    CopyManager.Operation operation = new CopyManager.Operation(lid4 ? 1 : 0, job);
    if (header.usage != NONE) {
      CopyManager.of(task).begin(task, header.listIdentifier, operation);
    }
    task.keepsake(operation);
    job.run(task);
  }

  /** Where the CSCD descriptors of a move lie in the list. */
  private record Ends(int source, int destination) {}

  /** What SPC-4 5.17.7.4 has to be told of a segment that failed. */
  private static @Nullable Sense located(
      @Nullable Sense failure, CopyJob job, List<CopyJob.Move> moves, List<Ends> ends) {
    if (failure == null || !failure.equals(Sense.THIRD_PARTY_DEVICE_FAILURE)) {
      return failure;
    }
    int move = job.failedMove();
    Ends where = ends.get(move);
    int cscd = job.sourceFailed() ? where.source : where.destination;
    Sense told = failure.withCommandSpecific(moves.get(move).segment()).withForwarded(job.answer());
    told = cscd == OWN ? told : told.pointingAt(cscd);
    OptionalLong residual = job.residualBlocks();
    return residual.isPresent() ? told.withInformation(residual.getAsLong()) : told;
  }

  private static void ended(Task task, @Nullable Sense failure, int bytes, Header header) {
    task.keepsake(CopyManager.Operation.class).ended(failure);
    if (header.usage == DISCARD && failure == null) {
      CopyManager.of(task).discard(task, header.listIdentifier);
    }
    if (failure == null) {
      task.end(ScsiStatus.GOOD, 0, bytes);
    } else {
      task.check(failure);
    }
  }

  private static @Nullable Sense judge(Task task, ByteBuffer list, Header header, boolean lid4) {
    if (header.usage != HOLD && header.usage != DISCARD && header.usage != NONE) {
      return Sense.invalidFieldInParameterList(1, 4);
    }
    if (header.usage == NONE && header.listIdentifier != 0) {
      return Sense.invalidFieldInParameterList(lid4 ? 20 : 0, 7);
    }
    if (lid4 && (list.get(15) & G_SENSE) != 0) {
      // GOOD never comes with sense data here.
      return Sense.invalidFieldInParameterList(15, 1);
    }
    if (lid4 && (list.get(15) & IMMED) != 0 && header.usage == NONE) {
      return Sense.INVALID_FIELD_IN_CDB; // SPC-4 6.4.2
    }
    if (header.inline > 0) {
      return Sense.INLINE_DATA_LENGTH_EXCEEDED;
    }
    if (header.cscdBytes % CopyLimits.CSCD_BYTES != 0) {
      return Sense.PARAMETER_LIST_LENGTH_ERROR;
    }
    if (header.cscdBytes / CopyLimits.CSCD_BYTES > CopyLimits.CSCD_DESCRIPTORS) {
      return Sense.TOO_MANY_TARGET_DESCRIPTORS;
    }
    if (header.bytes + header.cscdBytes + header.segmentBytes > list.capacity()) {
      return Sense.PARAMETER_LIST_LENGTH_ERROR;
    }
    if (header.usage != NONE && CopyManager.of(task).isRunning(task, header.listIdentifier)) {
      return Sense.OPERATION_IN_PROGRESS;
    }
    for (int at = header.bytes; at < header.bytes + header.cscdBytes; at += CopyLimits.CSCD_BYTES) {
      if ((list.get(at) & 0xFF) != CopyLimits.IDENTIFICATION) {
        return Sense.UNSUPPORTED_TARGET_DESCRIPTOR_TYPE;
      }
      // LU ID TYPE is of descriptors with a LU IDENTIFIER (SPC-4 6.4.5). NUL is obsolete there, but
      // who sets it means the null device of SPC-3, and not the unit named beside it.
      if ((list.get(at + 1) & 0x20) != 0) {
        return Sense.COPY_TARGET_DEVICE_NOT_REACHABLE;
      }
      if ((list.get(at + 1) & 0x1F) != 0) {
        return Sense.INCORRECT_COPY_TARGET_DEVICE_TYPE; // not a block device
      }
    }
    return null;
  }

  private static @Nullable Sense segments(
      Task task, ByteBuffer list, Header header, List<CopyJob.Move> moves, List<Ends> ends) {
    int at = header.bytes + header.cscdBytes;
    int end = (int) (at + header.segmentBytes);
    int count = 0;
    while (at < end) {
      if (end - at < 8) {
        return Sense.PARAMETER_LIST_LENGTH_ERROR;
      }
      if (count >= CopyLimits.SEGMENT_DESCRIPTORS) {
        return Sense.TOO_MANY_SEGMENT_DESCRIPTORS;
      }
      int type = list.get(at) & 0xFF;
      int bytes = (list.getShort(at + 2) & 0xFFFF) + 4;
      int expected =
          switch (type) {
            case CopyLimits.BLOCK_TO_BLOCK -> 28;
            case CopyLimits.VERIFY_CSCD -> 12;
            default -> 0;
          };
      if (expected == 0) {
        return Sense.UNSUPPORTED_SEGMENT_DESCRIPTOR_TYPE;
      }
      if (bytes != expected) {
        return Sense.invalidFieldInParameterList(at + 2, 7);
      }
      if (end - at < bytes) {
        return Sense.PARAMETER_LIST_LENGTH_ERROR;
      }
      Sense refusal =
          type == CopyLimits.VERIFY_CSCD
              ? verify(task, list, header, at)
              : blockToBlock(task, list, header, at, count, moves, ends);
      if (refusal != null) {
        return refusal.key() == SenseKey.COPY_ABORTED
            ? refusal.withCommandSpecific(count)
            : refusal;
      }
      at += bytes;
      count++;
    }
    return null;
  }

  /** The unit that a segment's CSCD DESCRIPTOR ID means; null when the index is none. */
  private static @Nullable Optional<Unit> cscd(Task task, ByteBuffer list, Header header, int at) {
    int index = list.getShort(at) & 0xFFFF;
    if (index == CopyLimits.OWN_CSCD) {
      return Optional.of(task.unit());
    }
    if (index >= header.cscdBytes / CopyLimits.CSCD_BYTES) {
      return null;
    }
    return Cscd.find(task, list.array(), header.bytes + index * CopyLimits.CSCD_BYTES);
  }

  private static @Nullable Sense verify(Task task, ByteBuffer list, Header header, int at) {
    Optional<Unit> unit = cscd(task, list, header, at + 4);
    if (unit == null) {
      return Sense.UNREACHABLE_COPY_TARGET;
    }
    if (unit.isEmpty() || unit.get().store().isEmpty()) {
      return Sense.COPY_TARGET_DEVICE_NOT_REACHABLE;
    }
    // TUR: what TEST UNIT READY would say (SPC-4 6.4.6.9).
    boolean ready = unit.get().deviceServer().status().key() == SenseKey.NO_SENSE;
    return (list.get(at + 8) & TUR) != 0 && !ready ? Sense.THIRD_PARTY_DEVICE_FAILURE : null;
  }

  private static @Nullable Sense blockToBlock(
      Task task,
      ByteBuffer list,
      Header header,
      int at,
      int segment,
      List<CopyJob.Move> moves,
      List<Ends> ends) {
    Optional<Unit> source = cscd(task, list, header, at + 4);
    Optional<Unit> destination = cscd(task, list, header, at + 6);
    if (source == null) {
      return Sense.UNREACHABLE_COPY_TARGET;
    }
    if (destination == null) {
      return Sense.UNREACHABLE_COPY_TARGET;
    }
    if (source.flatMap(Unit::medium).isEmpty() || destination.flatMap(Unit::medium).isEmpty()) {
      return Sense.COPY_TARGET_DEVICE_NOT_REACHABLE;
    }
    Unit from = source.get();
    Unit to = destination.get();
    if (!sameBlock(list, header, at + 4, from) || !sameBlock(list, header, at + 6, to)) {
      // SPC-4 6.3.6.5: DISK BLOCK LENGTH is not that of the unit
      return Sense.invalidFieldInParameterList(header.bytes + 29, 7);
    }
    int fromBlock = CopyJob.blockBytes(from);
    int toBlock = CopyJob.blockBytes(to);
    boolean destinationCounts = (list.get(at + 1) & DESTINATION_COUNT) != 0;
    long blocks = list.getShort(at + 10) & 0xFFFF;
    long bytes = blocks * (destinationCounts ? toBlock : fromBlock);
    if (bytes % fromBlock != 0 || bytes % toBlock != 0) {
      return residual(list, header, at);
    }
    long fromLba = list.getLong(at + 12);
    long toLba = list.getLong(at + 20);
    if (beyond(from, fromLba, bytes) || beyond(to, toLba, bytes)) {
      return Sense.THIRD_PARTY_DEVICE_FAILURE;
    }
    ends.add(new Ends(descriptor(list, header, at + 4), descriptor(list, header, at + 6)));
    moves.add(new CopyJob.Move(from, fromLba * fromBlock, to, toLba * toBlock, bytes, segment));
    return null;
  }

  /**
   * A part of a block is left of the segment (SPC-4 table 116). Padding, and keeping it for the
   * next segment, are not done: who asks for them is told so.
   */
  private static Sense residual(ByteBuffer list, Header header, int at) {
    if ((list.get(at + 1) & CAT) != 0) {
      return Sense.invalidFieldInParameterList(at + 1, 0);
    }
    for (int id : new int[] {at + 4, at + 6}) {
      int cscd = descriptor(list, header, id);
      if (cscd != OWN && (list.get(cscd + 28) & PAD) != 0) {
        return Sense.invalidFieldInParameterList(cscd + 28, 2);
      }
    }
    return Sense.UNEXPECTED_INEXACT_SEGMENT;
  }

  /** Where the CSCD descriptor of an identifier lies; {@link #OWN} when it needs none. */
  private static int descriptor(ByteBuffer list, Header header, int idAt) {
    int index = list.getShort(idAt) & 0xFFFF;
    return index == CopyLimits.OWN_CSCD ? OWN : header.bytes + index * CopyLimits.CSCD_BYTES;
  }

  /** DISK BLOCK LENGTH; zero leaves it to the copy manager to look it up (SPC-4 6.4.5.3). */
  private static boolean sameBlock(ByteBuffer list, Header header, int idAt, Unit unit) {
    int cscd = descriptor(list, header, idAt);
    int block = cscd == OWN ? 0 : list.getInt(cscd + 28) & 0xFF_FFFF;
    return block == 0 || block == CopyJob.blockBytes(unit);
  }

  static boolean beyond(Unit unit, long lba, long bytes) {
    long capacity = unit.attachedMedium().blocks();
    return Long.compareUnsigned(lba, capacity) > 0
        || capacity - lba < bytes / CopyJob.blockBytes(unit);
  }
}
