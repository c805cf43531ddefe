// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How many threads a logical unit gets; time stands still unless a test moves it. */
class BlockingWorkersTest {
  private static final int STOCK = 4;
  private static final long PATIENCE_SECONDS = 60;

  private final AtomicLong nanos = new AtomicLong();
  private final BlockingWorkers workers = new BlockingWorkers(STOCK, nanos::get, false);
  private final BlockingWorkers.Share share = workers.share();
  private final AtomicInteger running = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();
  private final CountDownLatch end = new CountDownLatch(1);

  @AfterEach
  void close() {
    end.countDown();
    workers.close();
  }

  @Test
  void quickCallsAreMadeOneAfterTheOtherByOneThread() throws InterruptedException {
    CountDownLatch gate = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(200);
    share.run(() -> await(gate));
    for (int i = 0; i < 200; i++) {
      share.run(counted(done::countDown));
    }
    gate.countDown();
    assertThat(done.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(most).hasValue(1);
  }

  @Test
  void aCallThatWaitedBringsMoreThreads() throws InterruptedException {
    CountDownLatch gate = new CountDownLatch(1);
    CountDownLatch together = new CountDownLatch(2);
    share.run(() -> {
      await(gate);
      nanos.addAndGet(BlockingWorkers.QUICK.toNanos() + 1);
    });
    share.run(meeting(together));
    share.run(meeting(together));
    gate.countDown();
    assertThat(together.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void manyQuickCallsGiveTheThreadsBack() throws InterruptedException {
    aCallThatWaitedBringsMoreThreads();
    end.countDown();
    CountDownLatch quick = new CountDownLatch(4 * BlockingWorkers.QUICK_CALLS);
    for (int i = 0; i < 4 * BlockingWorkers.QUICK_CALLS; i++) {
      share.run(quick::countDown);
    }
    assertThat(quick.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    quickCallsAreMadeOneAfterTheOtherByOneThread();
  }

  @Test
  void whatWaitsBehindAHangingCallIsFoundAndDone() throws InterruptedException {
    share.run(() -> await(end));
    CountDownLatch done = new CountDownLatch(3);
    for (int i = 0; i < 3; i++) {
      share.run(done::countDown);
    }
    lookUntil(done);
  }

  @Test
  void whileNothingHangsLookingBringsNoThread() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    share.run(() -> {
      begun.countDown();
      await(end);
    });
    assertThat(begun.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    CountDownLatch second = new CountDownLatch(1);
    share.run(second::countDown);
    workers.look();
    assertThat(second.getCount()).isEqualTo(1);
    lookUntil(second);
  }

  @Test
  void aShareWhoseCallsHangLeavesAsManyThreadsAsItTakes() throws InterruptedException {
    AtomicInteger hanging = new AtomicInteger();
    CountDownLatch hang = new CountDownLatch(1 + STOCK / 2);
    for (int i = 0; i < 3 * STOCK; i++) {
      share.run(() -> {
        hanging.incrementAndGet();
        hang.countDown();
        await(end);
      });
    }
    lookUntil(hang);
    workers.look();
    assertThat(workers.patience()).isEqualTo(BlockingWorkers.CROWDED_PATIENCE);
    BlockingWorkers.Share other = workers.share();
    CountDownLatch neighbour = new CountDownLatch(2);
    other.run(meeting(neighbour));
    other.run(meeting(neighbour));
    assertThat(workers.patience()).isEqualTo(BlockingWorkers.PATIENCE);
    lookUntil(neighbour);
    assertThat(hanging).hasValue(1 + STOCK / 2);
  }

  private void lookUntil(CountDownLatch reached) throws InterruptedException {
    long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!reached.await(1, TimeUnit.MILLISECONDS)) {
      assertThat(System.nanoTime()).isLessThan(limit);
      workers.look();
    }
  }

  private Runnable meeting(CountDownLatch together) {
    return () -> {
      together.countDown();
      await(end);
    };
  }

  private Runnable counted(Runnable action) {
    return () -> {
      most.accumulateAndGet(running.incrementAndGet(), Math::max);
      running.decrementAndGet();
      action.run();
    };
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
