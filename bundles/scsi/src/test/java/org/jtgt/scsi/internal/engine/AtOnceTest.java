// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.scsi.ScsiStatus.CHECK_CONDITION;
import static org.jtgt.scsi.ScsiStatus.GOOD;

import java.util.ArrayList;
import java.util.List;
import org.jtgt.backstore.StoreIo;
import org.jtgt.backstore.StoreIo.Operation;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A store that may wait is asked on the caller's thread first, and on a worker's when it would. */
class AtOnceTest {
  private final Bench bench = new Bench();
  private final CachingStore store = new CachingStore();

  AtOnceTest() {
    bench.engine.addStore("store0", store);
    bench.clearAttentions(bench.nexus);
  }

  @AfterEach
  void close() {
    bench.close();
  }

  @Test
  void whatNeedsNotWaitIsDoneOnTheCallersThread() {
    byte[] data = Bench.pattern(2, 1);
    bench.write10(3, data);
    store.cached = true;
    FakeCommand read = bench.read10(3, 2);
    assertThat(read.status()).isEqualTo(GOOD);
    assertThat(read.data()).isEqualTo(data);
    assertThat(store.readers).containsExactly(Thread.currentThread());
  }

  @Test
  void whatWouldWaitGoesToAWorker() {
    byte[] data = Bench.pattern(2, 2);
    bench.write10(3, data);
    FakeCommand read = bench.read10(3, 2);
    assertThat(read.status()).isEqualTo(GOOD);
    assertThat(read.data()).isEqualTo(data);
    assertThat(store.readers).hasSize(1).doesNotContain(Thread.currentThread());
  }

  @Test
  void aStoreThatThrowsInsteadOfAnsweringFailsTheCommandAlone() {
    store.broken = true;
    assertThat(bench.read10(0, 1).status()).isEqualTo(CHECK_CONDITION);
    store.broken = false;
    assertThat(bench.read10(0, 1).status()).isEqualTo(GOOD);
  }

  private static final class CachingStore extends MemoryStore {
    private final List<Thread> readers = new ArrayList<>();
    private volatile boolean cached;
    private volatile boolean broken;

    CachingStore() {
      super(1000 * 512);
    }

    @Override
    public Completion completion() {
      return Completion.BLOCKING;
    }

    @Override
    public boolean submitAtOnce(StoreIo io) {
      if (broken) {
        throw new IllegalStateException("broken on purpose");
      }
      if (cached) {
        submit(io);
      }
      return cached;
    }

    @Override
    public void submit(StoreIo io) {
      if (io.operation() == Operation.READ) {
        synchronized (readers) {
          readers.add(Thread.currentThread());
        }
      }
      super.submit(io);
    }
  }
}
