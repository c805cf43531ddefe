// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.copy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.SenseKey;
import org.jtgt.scsi.device.Step;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.Unit;
import org.jtgt.scsi.internal.copy.Tokens.Range;
import org.jtgt.scsi.internal.copy.Tokens.Token;

/**
 * POPULATE TOKEN and WRITE USING TOKEN (SBC-3 5.7, 5.45). With IMMED, too, the answer comes when
 * all is done: its result is there when RECEIVE ROD TOKEN INFORMATION asks.
 */
final class TokenCopy {
  private static final int POPULATE = 0x10;
  private static final int WRITE = 0x11;
  private static final int POPULATE_HEADER = 16;
  private static final int WRITE_HEADER = 536;
  private static final int RANGE_BYTES = 16;

  /** RTV: ROD TYPE VALID. */
  private static final int TYPE_VALID = 0x02;

  /** DEL_TKN. */
  private static final int DELETE_TOKEN = 0x02;

  private static final Step POPULATE_RECEIVED = TokenCopy::populateReceived;
  private static final Step WRITE_RECEIVED = TokenCopy::writeReceived;

  private TokenCopy() {}

  static void populate(Task task) {
    begin(task, POPULATE_HEADER, POPULATE_RECEIVED);
  }

  static void write(Task task) {
    begin(task, WRITE_HEADER, WRITE_RECEIVED);
  }

  private static void begin(Task task, int header, Step received) {
    long bytes = task.cdb32(10);
    if (bytes == 0) {
      task.good();
    } else if (bytes < header + RANGE_BYTES || task.expectedDataOut() < bytes) {
      task.check(Sense.PARAMETER_LIST_LENGTH_ERROR);
    } else if (bytes > header + RANGE_BYTES * CopyLimits.RANGES) {
      task.check(Sense.PARAMETER_LIST_LENGTH_ERROR);
    } else if (CopyManager.of(task).isRunning(task, listIdentifier(task))) {
      task.check(Sense.OPERATION_IN_PROGRESS);
    } else {
      task.reserve((int) bytes, step -> step.receive((int) bytes, received));
    }
  }

  private static long listIdentifier(Task task) {
    return task.cdb32(6);
  }

  /**
   * The range descriptors of a list, judged.
   *
   * @param lengthAt where BLOCK DEVICE RANGE DESCRIPTOR LENGTH lies; descriptors follow it
   */
  private static @Nullable Sense ranges(
      Task task, ByteBuffer list, int lengthAt, List<Range> ranges) {
    int length = list.getShort(lengthAt) & 0xFFFF;
    if ((list.getShort(0) & 0xFFFF) + 2 > list.capacity()) {
      return Sense.invalidFieldInParameterList(0, 7);
    }
    if (length < RANGE_BYTES
        || length % RANGE_BYTES != 0
        || lengthAt + 2 + length > list.capacity()) {
      return Sense.invalidFieldInParameterList(lengthAt, 7);
    }
    Unit unit = task.unit();
    int block = CopyJob.blockBytes(unit);
    long total = 0;
    for (int at = lengthAt + 2; at < lengthAt + 2 + length; at += RANGE_BYTES) {
      Range range = new Range(list.getLong(at), list.getInt(at + 8) & 0xFFFF_FFFFL);
      if (ExtendedCopy.beyond(unit, range.lba(), range.blocks() * block)) {
        return Sense.LBA_OUT_OF_RANGE;
      }
      for (Range other : ranges) {
        if (range.lba() < other.lba() + other.blocks()
            && other.lba() < range.lba() + range.blocks()) {
          return Sense.invalidFieldInParameterList(at, 7); // SBC-3 5.7.3: no overlap
        }
      }
      total += range.blocks();
      ranges.add(range);
    }
    return total * block > CopyLimits.TOKEN_BYTES
        ? Sense.invalidFieldInParameterList(lengthAt + 2 + 8, 7)
        : null;
  }

  private static void populateReceived(Task task) {
    ByteBuffer list = ByteBuffer.wrap(task.parameterList());
    List<Range> ranges = new ArrayList<>();
    Sense refusal = ranges(task, list, 14, ranges);
    long timeout = list.getInt(4) & 0xFFFF_FFFFL;
    int type = list.getInt(8);
    if (refusal == null && timeout > CopyLimits.MAXIMUM_INACTIVITY_TIMEOUT) {
      refusal = Sense.invalidFieldInParameterList(4, 7);
    } else if (refusal == null
        && (list.get(2) & TYPE_VALID) != 0
        && type != Tokens.ACCESS_UPON_REFERENCE) {
      refusal = Sense.invalidFieldInParameterList(8, 7);
    }
    if (refusal != null) {
      task.check(refusal);
      return;
    }
    int seconds = timeout == 0 ? CopyLimits.DEFAULT_INACTIVITY_TIMEOUT : (int) timeout;
    Optional<Token> token =
        Tokens.of(task.unit()).create(ranges, seconds, task.targetPort().deviceName());
    if (token.isEmpty()) {
      // INSUFFICIENT RESOURCES TO CREATE ROD TOKEN
      task.check(Sense.of(SenseKey.ILLEGAL_REQUEST, 0x550D));
      return;
    }
    CopyManager.Operation operation = new CopyManager.Operation(POPULATE, null);
    operation.token = token.get().bytes();
    operation.transferCount =
        ranges.stream().mapToLong(Range::blocks).sum() * CopyJob.blockBytes(task.unit());
    operation.segments = ranges.size();
    operation.ended(null);
    CopyManager.of(task).begin(task, listIdentifier(task), operation);
    task.end(ScsiStatus.GOOD, 0, list.capacity());
  }

  /** A token with the unit that made it. */
  private record Source(Unit unit, Token token) {}

  private static void writeReceived(Task task) {
    ByteBuffer list = ByteBuffer.wrap(task.parameterList());
    List<Range> ranges = new ArrayList<>();
    Sense refusal = ranges(task, list, 534, ranges);
    if (refusal != null) {
      task.check(refusal);
      return;
    }
    byte[] token = Arrays.copyOfRange(list.array(), 16, 16 + Tokens.BYTES);
    long offsetBlocks = list.getLong(8);
    List<CopyJob.Move> moves = new ArrayList<>();
    Source source = null;
    if (ByteBuffer.wrap(token).getInt() == Tokens.ZERO) {
      zeros(task, ranges, moves);
    } else {
      source = find(task, token);
      if (source == null) {
        task.check(unknown(token));
        return;
      }
      refusal = moves(task, source, offsetBlocks, ranges, moves);
      if (refusal != null) {
        task.check(refusal);
        return;
      }
    }
    Source deleted = (list.get(2) & DELETE_TOKEN) != 0 ? source : null;
    int bytes = list.capacity();
    CopyJob job = new CopyJob(moves, (by, done, failure) -> ended(by, failure, bytes, deleted));
    CopyManager.Operation operation = new CopyManager.Operation(WRITE, job);
    CopyManager.of(task).begin(task, listIdentifier(task), operation);
    task.keepsake(operation);
    job.run(task);
  }

  private static void ended(
      Task task, @Nullable Sense failure, int bytes, @Nullable Source deleted) {
    task.keepsake(CopyManager.Operation.class).ended(failure);
    if (failure == null && deleted != null) {
      Tokens.of(deleted.unit).delete(deleted.token);
    }
    if (failure == null) {
      task.end(ScsiStatus.GOOD, 0, bytes);
    } else {
      task.check(failure);
    }
  }

  private static @Nullable Source find(Task task, byte[] bytes) {
    for (Unit unit : task.reachable().values()) {
      Optional<Token> token = Tokens.of(unit).find(bytes);
      if (token.isPresent()) {
        return new Source(unit, token.get());
      }
    }
    return null;
  }

  private static Sense unknown(byte[] token) {
    ByteBuffer in = ByteBuffer.wrap(token);
    if ((in.getShort(6) & 0xFFFF) != Tokens.BYTES - 8) {
      return Sense.INVALID_TOKEN_LENGTH;
    }
    return in.getInt(0) == Tokens.ACCESS_UPON_REFERENCE
        ? Sense.INVALID_TOKEN_UNKNOWN
        : Sense.of(SenseKey.ILLEGAL_REQUEST, 0x2301); // UNSUPPORTED TOKEN TYPE
  }

  private static void zeros(Task task, List<Range> ranges, List<CopyJob.Move> moves) {
    int block = CopyJob.blockBytes(task.unit());
    for (Range range : ranges) {
      moves.add(
          new CopyJob.Move(
              null, 0, task.unit(), range.lba() * block, range.blocks() * block, moves.size()));
    }
  }

  /** Lays the ranges to be written over the ranges of the token, from an offset on. */
  private static @Nullable Sense moves(
      Task task, Source source, long offsetBlocks, List<Range> ranges, List<CopyJob.Move> moves) {
    int toBlock = CopyJob.blockBytes(task.unit());
    int fromBlock = CopyJob.blockBytes(source.unit);
    if (toBlock != fromBlock) {
      return Sense.of(SenseKey.ILLEGAL_REQUEST, 0x2302); // REMOTE TOKEN USAGE NOT SUPPORTED
    }
    long total = source.token.ranges.stream().mapToLong(Range::blocks).sum();
    long wanted = ranges.stream().mapToLong(Range::blocks).sum();
    if (Long.compareUnsigned(offsetBlocks, total) > 0 || total - offsetBlocks < wanted) {
      return Sense.invalidFieldInParameterList(8, 7); // OFFSET INTO ROD
    }
    int index = 0;
    long skip = offsetBlocks;
    while (index < source.token.ranges.size() && skip >= source.token.ranges.get(index).blocks()) {
      skip -= source.token.ranges.get(index++).blocks();
    }
    int segment = 0;
    for (Range range : ranges) {
      for (long done = 0; done < range.blocks(); ) {
        Range from = source.token.ranges.get(index);
        long blocks = Math.min(range.blocks() - done, from.blocks() - skip);
        moves.add(
            new CopyJob.Move(
                source.unit,
                (from.lba() + skip) * fromBlock,
                task.unit(),
                (range.lba() + done) * toBlock,
                blocks * toBlock,
                segment));
        done += blocks;
        skip += blocks;
        if (skip == from.blocks()) {
          index++;
          skip = 0;
        }
      }
      segment++;
    }
    return null;
  }
}
