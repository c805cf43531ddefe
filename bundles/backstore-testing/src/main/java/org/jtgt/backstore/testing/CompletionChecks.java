// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.testing;

import static org.jtgt.backstore.testing.StoreContract.always;
import static org.jtgt.backstore.testing.Trial.expect;
import static org.jtgt.backstore.testing.Trial.expectBytes;
import static org.jtgt.backstore.testing.Trial.pattern;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jtgt.backstore.Backstore.Completion;
import org.jtgt.backstore.testing.StoreContract.Check;

/**
 * How requests end. That each ends once, and inside of submit where it must, is watched in all
 * checks ({@link TestIo}).
 */
final class CompletionChecks {
  private static final int IN_FLIGHT = 64;

  private CompletionChecks() {}

  static List<Check> all() {
    return List.of(
        always("many requests in flight all end, each once", CompletionChecks::manyInFlight),
        always("INLINE never waits", CompletionChecks::inlineNeverWaits),
        always(
            "submitAtOnce takes all of a request without waiting, or nothing",
            trial -> {
              WatchedStore store = trial.open();
              if (store.completion() != Completion.BLOCKING) {
                throw new NotApplicableException("it is not BLOCKING, so nobody asks");
              }
              readsAtOnce(trial, store);
              if (!store.readOnly()) {
                writesAtOnce(store);
              }
            }));
  }

  private static void manyInFlight(Trial trial) throws Exception {
    WatchedStore store = trial.open();
    int block = store.blockBytes();
    int blocks = trial.depth(store) / block;
    List<TestIo> flying = new ArrayList<>();
    for (int i = 0; i < IN_FLIGHT; i++) {
      long offset = (long) (i % blocks) * block;
      TestIo io =
          store.readOnly() || i % 2 == 0
              ? TestIo.read(offset, ByteBuffer.allocateDirect(block))
              : TestIo.write(offset, false, TestIo.direct(pattern(block, i)));
      flying.add(io.submit(store));
    }
    flying.add(TestIo.flush().submit(store));
    for (TestIo io : flying) {
      io.await();
    }
  }

  /** A thread that waited for a lock, a monitor, another thread or a time has counted it. */
  private static void inlineNeverWaits(Trial trial) throws Exception {
    WatchedStore store = trial.open();
    if (store.completion() != Completion.INLINE) {
      throw new NotApplicableException("it is " + store.completion());
    }
    everything(trial, store);
    long before = waits();
    everything(trial, store);
    long after = waits();
    expect(after == before, "the thread that submits has waited %d times", after - before);
  }

  private static void everything(Trial trial, WatchedStore store) throws Exception {
    int block = store.blockBytes();
    ByteBuffer buffer = ByteBuffer.allocateDirect(block);
    for (int at = 0; at < Math.min(trial.depth(store), 100 * block); at += block) {
      TestIo.read(at, buffer.clear()).run(store);
      if (!store.readOnly()) {
        TestIo.write(at, at % 3 == 0, buffer.clear()).run(store);
        TestIo.writeZeroes(at, block, false, false).run(store);
        if (store.unmapGranularityBytes() > 0) {
          TestIo.unmap(at, block, false).run(store);
        }
      }
      TestIo.flush().run(store);
    }
  }

  private static long waits() {
    ThreadInfo me =
        ManagementFactory.getThreadMXBean().getThreadInfo(Thread.currentThread().threadId());
    return me.getWaitedCount() + me.getBlockedCount();
  }

  private static void readsAtOnce(Trial trial, WatchedStore store) throws Exception {
    int bytes = Math.min(trial.depth(store), 8 * store.blockBytes());
    byte[] expected = TestIo.bytes(store, 0, bytes);
    long before = waits();
    ByteBuffer target = ByteBuffer.allocateDirect(bytes);
    TestIo read = TestIo.read(0, target.duplicate());
    boolean taken = read.submitAtOnce(store);
    expect(waits() == before, "the thread that asked has waited");
    if (taken) {
      read.await();
    } else {
      // Nothing may have begun, so that it can come again.
      read.run(store);
    }
    byte[] found = new byte[bytes];
    target.get(0, found);
    expect(Arrays.equals(found, expected), "submitAtOnce (%s) reads other bytes", taken);
  }

  private static void writesAtOnce(WatchedStore store) throws Exception {
    int block = store.blockBytes();
    byte[] before = TestIo.bytes(store, 0, block);
    byte[] written = pattern(block, 8);
    TestIo write = TestIo.write(0, false, TestIo.direct(written));
    if (write.submitAtOnce(store)) {
      write.await();
      expectBytes(store, 0, written, "after a write at once");
    } else {
      expectBytes(store, 0, before, "after a write that was not begun");
    }
  }
}
