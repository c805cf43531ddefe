// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LooksTest {
  private static final long NEVER = TimeUnit.DAYS.toMillis(1);

  private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
  private final Semaphore looked = new Semaphore(0);

  @AfterEach
  void end() {
    scheduler.shutdownNow();
  }

  @Test
  void aLookComesNowAndThen() throws InterruptedException {
    new Looks(scheduler, 1, looked::release).begin();

    assertThat(looked.tryAcquire(3, 30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aChangeIsLookedAtSoon() throws InterruptedException {
    Looks looks = new Looks(scheduler, NEVER, looked::release);
    looks.begin();

    looks.soon();
    assertThat(looked.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
    looks.soon();
    assertThat(looked.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
  }

  /** Three thousand files of a folder were three thousand looks at three thousand components. */
  @Test
  void manyChangesInARowShareALook() throws InterruptedException {
    var busy = new CountDownLatch(1);
    Looks looks = new Looks(scheduler, NEVER, looked::release);
    scheduler.execute(() -> await(busy));
    for (int i = 0; i < 1000; i++) {
      looks.soon();
    }
    busy.countDown();

    assertThat(looked.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
    drain();
    assertThat(looked.availablePermits()).as("looks after the first").isZero();
  }

  @Test
  void aChangeDuringALookIsLookedAtAgain() throws InterruptedException {
    var inside = new CountDownLatch(1);
    var changed = new CountDownLatch(1);
    Looks looks =
        new Looks(
            scheduler,
            NEVER,
            () -> {
              inside.countDown();
              await(changed);
              looked.release();
            });
    looks.soon();
    inside.await();
    looks.soon();
    changed.countDown();

    assertThat(looked.tryAcquire(2, 30, TimeUnit.SECONDS)).isTrue();
  }

  /** An exception that leaves a scheduled task would end it for ever. */
  @Test
  void aLookThatFailsIsNotTheLast() throws InterruptedException {
    new Looks(
            scheduler,
            1,
            () -> {
              looked.release();
              throw new IllegalStateException("as a test wants it");
            })
        .begin();

    assertThat(looked.tryAcquire(2, 30, TimeUnit.SECONDS)).isTrue();
  }

  /** What was planned for now has run. */
  private void drain() throws InterruptedException {
    var reached = new CountDownLatch(1);
    scheduler.schedule(reached::countDown, 50, TimeUnit.MILLISECONDS);
    assertThat(reached.await(30, TimeUnit.SECONDS)).isTrue();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
