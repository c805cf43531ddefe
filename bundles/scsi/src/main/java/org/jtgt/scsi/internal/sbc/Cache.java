// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.sbc;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.jtgt.backstore.StoreIo.Operation;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.device.Step;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.Unit;

/**
 * SYNCHRONIZE CACHE and PRE-FETCH (SBC-3 5.26, 5.7): what concerns the cache and not the blocks.
 */
final class Cache {
  private static final int IMMED = 0x02;

  /** What PRE-FETCH reads ahead at most; more is not taken to fit in the cache. */
  private static final long PREFETCH_BYTES = 32 << 20;

  /** What is read at a time. */
  private static final int PIECE_BYTES = 1 << 20;

  private static final Step GOOD = Task::good;
  private static final Step FLUSH = Cache::flush;
  private static final Step RESERVED = Cache::reserved;
  private static final Step READ_NEXT = Cache::readNext;
  private static final Step READ = Cache::read;

  private Cache() {}

  /** The whole cache is flushed: more than the range is allowed. */
  static void synchronize(Task task) {
    Range.decode(task);
    if (Range.refused(task)) {
      return;
    }
    if ((task.cdb(1) & IMMED) == 0) {
      flush(task);
      return;
    }
    Behind.of(task.unit()).flush();
    task.good();
  }

  /** What goes on behind an answer: bounded, because no task set counts it. */
  private static final class Behind {
    private static final int PREFETCHES = 4;

    private final Unit unit;
    private final AtomicInteger prefetches = new AtomicInteger();
    private boolean flushing;
    private boolean flushAgain;

    private Behind(Unit unit) {
      this.unit = unit;
    }

    static Behind of(Unit unit) {
      return unit.state(Behind.class, () -> new Behind(unit));
    }

    /** Flushes now, or once more after the flush that is under way. */
    void flush() {
      synchronized (this) {
        flushAgain = flushing;
        if (flushing) {
          return;
        }
        flushing = true;
      }
      // What fails after GOOD makes every later flush fail (StoreAttachment).
      unit.background(FLUSH, sense -> flushed());
    }

    private void flushed() {
      synchronized (this) {
        flushing = false;
        if (!flushAgain) {
          return;
        }
      }
      flush();
    }

    /** Reads ahead, unless enough is being read ahead. */
    void preFetch(long lba, long blocks) {
      if (prefetches.incrementAndGet() > PREFETCHES) {
        prefetches.decrementAndGet();
        return;
      }
      unit.background(
          own -> {
            own.range(lba, blocks);
            own.reserve(pieceBytes(own), RESERVED);
          },
          sense -> prefetches.decrementAndGet());
    }
  }

  private static void flush(Task task) {
    task.io(Operation.FLUSH, 0, 0, false, false, GOOD);
  }

  /**
   * Reads the range, so that the caches below have it. CONDITION MET says that all of it fits
   * there, GOOD that a part does not (SBC-3 5.7).
   */
  static void preFetch(Task task) {
    Range.decode(task);
    if (Range.refused(task)) {
      return;
    }
    if (task.blocks() == 0) {
      task.range(task.lba(), task.unit().attachedMedium().blocks() - task.lba());
    }
    if (task.blocks() == 0) {
      task.end(ScsiStatus.CONDITION_MET, 0, 0);
    } else if ((task.cdb(1) & IMMED) == 0) {
      task.reserve(pieceBytes(task), RESERVED);
    } else {
      Behind.of(task.unit()).preFetch(task.lba(), task.blocks());
      task.end(answer(task), 0, 0);
    }
  }

  private static ScsiStatus answer(Task task) {
    return Range.lengthBytes(task) <= PREFETCH_BYTES ? ScsiStatus.CONDITION_MET : ScsiStatus.GOOD;
  }

  private static int pieceBytes(Task task) {
    return (int)
        Math.min(
            Range.lengthBytes(task), Math.min(PIECE_BYTES, task.unit().maximumTransferBytes()));
  }

  private static void reserved(Task task) {
    task.allocateDataIn(pieceBytes(task));
    readNext(task);
  }

  private static void readNext(Task task) {
    long left = Math.min(Range.lengthBytes(task), PREFETCH_BYTES) - task.progress();
    if (left <= 0) {
      task.end(answer(task), 0, 0);
      return;
    }
    long piece = Math.min(left, pieceBytes(task));
    ByteBuffer[] buffers = task.dataIn();
    int count = Range.window(buffers, piece);
    long offset = Range.offsetBytes(task) + task.progress();
    task.progress(task.progress() + piece);
    task.io(Operation.READ, offset, piece, buffers, count, false, READ);
  }

  private static void read(Task task) {
    // Elsewhere: 32 pieces of a store that answers at once would keep a network thread.
    if (task.progress() >= Math.min(Range.lengthBytes(task), PREFETCH_BYTES)) {
      readNext(task);
    } else {
      task.mayWait(READ_NEXT);
    }
  }
}
