// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.testing;

import static org.jtgt.backstore.testing.StoreContract.reopening;
import static org.jtgt.backstore.testing.Trial.expect;
import static org.jtgt.backstore.testing.Trial.expectBytes;
import static org.jtgt.backstore.testing.Trial.pattern;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jtgt.backstore.testing.StoreContract.Check;
import org.jtgt.backstore.testing.StoreUnderTest.Keeps;

/** The end of a store: in order, under I/O, and without warning. */
final class LifeChecks {
  private static final int THREADS = 3;
  private static final int BEFORE_THE_END = 200;

  private LifeChecks() {}

  static List<Check> all() {
    return List.of(
        reopening(
            "what a flush, or forced unit access, promised is there after a crash",
            trial -> {
              WatchedStore store = keeping(trial);
              byte[] flushed = pattern(trial.depth(store) / 2 / 4096 * 4096, 1);
              TestIo.put(store, 0, flushed);
              TestIo.flush().run(store);
              byte[] forced = pattern(store.blockBytes(), 2);
              TestIo.write(flushed.length, true, TestIo.direct(forced)).run(store);
              TestIo.writeZeroes(0, forced.length, true, true).run(store);
              System.arraycopy(new byte[forced.length], 0, flushed, 0, forced.length);
              // May be there or not, in any part; it must not harm the rest.
              TestIo.put(store, flushed.length + 2L * forced.length, pattern(forced.length, 3));
              if (!trial.crash(store)) {
                throw new NotApplicableException("nobody can take it away without closing it");
              }
              WatchedStore again = trial.open();
              expectBytes(again, 0, flushed, "flushed before the crash");
              expectBytes(again, flushed.length, forced, "written with forced unit access");
            }),
        reopening(
            "without a volatile cache every write is there after a crash",
            trial -> {
              WatchedStore store = keeping(trial);
              if (store.volatileCache()) {
                throw new NotApplicableException("its cache is volatile");
              }
              byte[] written = pattern(trial.depth(store), 1);
              TestIo.put(store, 0, written);
              if (!trial.crash(store)) {
                throw new NotApplicableException("nobody can take it away without closing it");
              }
              expectBytes(trial.open(), 0, written, "written before the crash");
            }),
        reopening(
            "closed under I/O, it answers every request once and loses nothing",
            trial -> {
              WatchedStore store = trial.openWritable();
              closeUnderLoad(trial, store);
            }),
        reopening(
            "a request that comes too late is not answered with false success",
            trial -> {
              WatchedStore store = trial.openWritable();
              byte[] before = pattern(store.blockBytes(), 1);
              TestIo.put(store, 0, before);
              trial.close(store);
              byte[] late = pattern(store.blockBytes(), 2);
              TestIo write = TestIo.write(0, true, TestIo.direct(late)).submit(store);
              write.awaitAnyEnd();
              TestIo read = TestIo.read(0, ByteBuffer.allocateDirect(late.length)).submit(store);
              read.awaitAnyEnd();
              WatchedStore again = trial.open();
              if (trial.subject().keeps() == Keeps.DATA) {
                expectBytes(again, 0, write.succeeded() ? late : before, "opened again");
              } else if (trial.subject().keeps() == Keeps.DATA_WHILE_OPEN) {
                expect(!write.succeeded(), "a write to what is gone is answered with success");
              }
            }));
  }

  private static WatchedStore keeping(Trial trial) throws Exception {
    if (trial.subject().keeps() != Keeps.DATA) {
      throw new NotApplicableException("it keeps nothing when it is closed");
    }
    return trial.openWritable();
  }

  /** What one thread was promised: the last version of its block that was written, if any. */
  private record Promise(int version, boolean lastEndedWell) {}

  private static void closeUnderLoad(Trial trial, WatchedStore store) throws Exception {
    CountDownLatch running = new CountDownLatch(THREADS);
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<Future<Promise>> ends = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        ends.add(threads.submit(writer(store, i, running)));
      }
      expect(running.await(60, TimeUnit.SECONDS), "a writer does not come forward");
      trial.close(store);
      List<Promise> promises = new ArrayList<>();
      for (Future<Promise> end : ends) {
        promises.add(end.get(60, TimeUnit.SECONDS));
      }
      WatchedStore again = trial.open();
      for (int i = 0; trial.subject().keeps() == Keeps.DATA && i < THREADS; i++) {
        expectPromise(again, i, promises.get(i));
      }
    }
  }

  /** Writes one version after another to a block of its own, until one fails. */
  private static Callable<Promise> writer(WatchedStore store, int block, CountDownLatch running) {
    return () -> {
      int bytes = store.blockBytes();
      for (int version = 0; ; version++) {
        TestIo write =
            TestIo.write((long) block * bytes, false, TestIo.direct(pattern(bytes, version)));
        write.submit(store).awaitAnyEnd();
        if (version == BEFORE_THE_END / 10) {
          running.countDown();
        }
        // A filter may go on over a store below that is still there.
        if (!write.succeeded() || version == 100 * BEFORE_THE_END) {
          running.countDown();
          return new Promise(write.succeeded() ? version : version - 1, write.succeeded());
        }
      }
    };
  }

  private static void expectPromise(WatchedStore store, int block, Promise promise)
      throws Exception {
    int bytes = store.blockBytes();
    byte[] found = TestIo.bytes(store, (long) block * bytes, bytes);
    byte[] promised = pattern(bytes, promise.version());
    // A write that failed may have stored any part of its range.
    byte[] failed = promise.lastEndedWell() ? promised : pattern(bytes, promise.version() + 1);
    for (int i = 0; i < bytes; i++) {
      expect(
          found[i] == promised[i] || found[i] == failed[i],
          "byte %d of block %d is not of version %d, whose write had ended",
          i,
          block,
          promise.version());
    }
  }
}
