// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.jtgt.backstore.StoreIo;
import org.jtgt.scsi.TaskManagementFunction;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The deadline, the store and an abort meet at one command: it ends once, and is given back. */
class DeadlineRaceTest {
  private static final Duration DEADLINE = Duration.ofSeconds(15);
  private static final int ROUNDS = 100;

  @ParameterizedTest
  @Timeout(60)
  @ValueSource(booleans = {false, true})
  void aCommandEndsOnceWhoeverComesFirst(boolean blocking) throws Exception {
    AsyncStore store = blocking ? new BlockingStore() : new AsyncStore(1000 * 512);
    AtomicInteger answers = new AtomicInteger();
    try (Bench bench = new Bench(Bench.settings(Duration.ofSeconds(20), DEADLINE))) {
      bench.engine.addStore("store0", store);
      bench.clearAttentions(bench.nexus);
      for (int round = 1; round <= ROUNDS; round++) {
        int tag = round;
        FakeCommand write = Bench.write10Command(5, Bench.pattern(1, round)).tag(tag);
        bench.nexus.execute(write);
        while (store.waiting() == 0) {
          Thread.yield();
        }
        List<Runnable> parties =
            new ArrayList<>(List.of(store::completeOne, () -> bench.clock.advance(DEADLINE)));
        if (round % 2 == 0) {
          parties.add(() ->
              bench.nexus.manage(
                  TaskManagementFunction.ABORT_TASK, 0, tag, answer -> answers.incrementAndGet()));
        }
        meet(parties);
        write.await();
        int abortsAnswered = round / 2;
        // A command gives its budget back, and lets its abort be answered, after its own answer.
        while (bench.unit.tasks().size() > 0
            || bench.engine.budget().usedBytes() > 0
            || answers.get() < abortsAnswered) {
          Thread.yield();
        }
        boolean timedOut = !write.wasAborted() && write.sense().equals("B/2E/02");
        if (timedOut) {
          while (!write.wasGivenBack()) {
            Thread.yield();
          }
        }
        assertThat(store.content(5, 1)).isEqualTo(Bench.pattern(1, round));
      }
    }
    assertThat(answers).hasValue(ROUNDS / 2);
  }

  private static void meet(List<Runnable> parties) throws InterruptedException {
    CyclicBarrier barrier = new CyclicBarrier(parties.size());
    List<Thread> threads = new ArrayList<>();
    for (Runnable party : parties) {
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                try {
                  barrier.await();
                } catch (Exception e) {
                  throw new AssertionError(e);
                }
                party.run();
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }

  /** Holds the thread that asks until the I/O is done. */
  private static final class BlockingStore extends AsyncStore {
    BlockingStore() {
      super(1000 * 512);
    }

    @Override
    public Completion completion() {
      return Completion.BLOCKING;
    }

    @Override
    public boolean submitAtOnce(StoreIo io) {
      return false;
    }

    @Override
    public void submit(StoreIo io) {
      super.submit(io);
      while (isWaiting(io)) {
        Thread.yield();
      }
    }
  }
}
