// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.scsi.ScsiStatus.GOOD;
import static org.jtgt.scsi.ScsiStatus.RESERVATION_CONFLICT;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jtgt.scsi.TaskAttribute;
import org.jtgt.scsi.TaskManagementFunction;
import org.junit.jupiter.api.Test;

/**
 * What has to hold when many nexuses work at once. The short form runs with every build; {@code
 * -Djtgt.rounds=1000} makes it long.
 */
class ConcurrencyTest {
  private static final int ROUNDS = Integer.getInteger("jtgt.rounds", 20);
  private static final int BLOCKS = 4096;

  /** A store on worker threads that sees which I/O begins and ends when. */
  private abstract static class Watched extends MemoryStore {
    Watched() {
      super(BLOCKS * 512);
    }

    @Override
    public Completion completion() {
      return Completion.BLOCKING;
    }

    /** A write is about to begin; {@code mark} is its first byte. */
    abstract void begins(int lba, int mark);

    abstract void ends(int lba, int mark);

    @Override
    public void write(long offsetBytes, ByteBuffer source) throws IOException {
      int lba = (int) (offsetBytes / 512);
      int mark = source.get(source.position());
      begins(lba, mark);
      Thread.yield();
      super.write(offsetBytes, source);
      ends(lba, mark);
    }
  }

  private static FakeCommand write(int lba, int mark) {
    byte[] data = new byte[512];
    data[0] = (byte) mark;
    return Bench.write10Command(lba, data);
  }

  private static void join(List<Thread> threads) throws InterruptedException {
    for (Thread thread : threads) {
      thread.join();
    }
  }

  /** SAM-5 8.6: each command writes a block of its own, so that the store's log tells the order. */
  @Test
  void orderedAndHeadOfQueueHoldUnderLoad() throws InterruptedException {
    int nexuses = 4;
    int each = Math.min(BLOCKS / nexuses, ROUNDS * 10);
    TaskAttribute[] attributes = new TaskAttribute[BLOCKS];
    AtomicInteger clock = new AtomicInteger();
    int[] began = new int[BLOCKS];
    int[] ended = new int[BLOCKS];
    AtomicInteger running = new AtomicInteger();
    AtomicInteger besideOrdered = new AtomicInteger();
    AtomicInteger failed = new AtomicInteger();
    AtomicBoolean headOfQueueSent = new AtomicBoolean();
    try (Bench bench = new Bench()) {
      bench.engine.addStore(
          "store0",
          new Watched() {
            @Override
            void begins(int lba, int mark) {
              began[lba] = clock.incrementAndGet();
              int beside = running.getAndIncrement();
              if (attributes[lba] == TaskAttribute.ORDERED
                  && beside > 0
                  && !headOfQueueSent.get()) {
                besideOrdered.incrementAndGet();
              }
            }

            @Override
            void ends(int lba, int mark) {
              running.getAndDecrement();
              ended[lba] = clock.incrementAndGet();
            }
          });
      for (boolean heads : new boolean[] {false, true}) {
        headOfQueueSent.set(heads);
        List<Thread> threads = new ArrayList<>();
        for (int n = 0; n < nexuses; n++) {
          int first = n * (BLOCKS / nexuses);
          Nexus nexus = bench.connect("n" + n + heads);
          bench.clearAttentions(nexus);
          SplittableRandom random = new SplittableRandom(n);
          threads.add(
              Thread.ofPlatform()
                  .start(() -> {
                    List<FakeCommand> sent = new ArrayList<>();
                    for (int i = 0; i < each; i++) {
                      int kind = random.nextInt(heads ? 10 : 8);
                      TaskAttribute attribute =
                          kind < 6
                              ? TaskAttribute.SIMPLE
                              : kind < 8 ? TaskAttribute.ORDERED : TaskAttribute.HEAD_OF_QUEUE;
                      attributes[first + i] = attribute;
                      FakeCommand command = write(first + i, 1).attribute(attribute);
                      nexus.execute(command);
                      sent.add(command);
                    }
                    sent.stream()
                        .filter(command -> command.status() != GOOD)
                        .forEach(command -> failed.incrementAndGet());
                  }));
        }
        join(threads);
        assertThat(failed.get()).isZero();
        for (int n = 0; n < nexuses; n++) {
          int first = n * (BLOCKS / nexuses);
          for (int i = 0; i < each; i++) {
            for (int k = i + 1; k < each; k++) {
              TaskAttribute early = attributes[first + i];
              TaskAttribute late = attributes[first + k];
              // What came after an ORDERED or a HEAD OF QUEUE one waits for it, unless it is itself
              // for the head of the queue; an ORDERED one waits for all before it.
              boolean waits =
                  late != TaskAttribute.HEAD_OF_QUEUE
                      && (early != TaskAttribute.SIMPLE || late == TaskAttribute.ORDERED);
              if (waits && ended[first + i] > began[first + k]) {
                throw new AssertionError(
                    "%s command %d of nexus %d began before %s command %d had ended"
                        .formatted(late, k, n, early, i));
              }
            }
          }
        }
      }
      assertThat(besideOrdered.get()).isZero();
    }
  }

  /** SPC-4 5.13.11.1.5: after GOOD no write of the victim begins, and none is under way. */
  @Test
  void preemptAndAbortUnderLoadLetsNoFencedWriteThrough() throws InterruptedException {
    AtomicIntegerArray underWay = new AtomicIntegerArray(2);
    AtomicIntegerArray begun = new AtomicIntegerArray(2);
    try (Bench bench = new Bench()) {
      bench.engine.addStore(
          "store0",
          new Watched() {
            @Override
            void begins(int lba, int mark) {
              begun.incrementAndGet(mark);
              underWay.incrementAndGet(mark);
            }

            @Override
            void ends(int lba, int mark) {
              underWay.decrementAndGet(mark);
            }
          });
      Nexus[] nexus = {bench.connect("x"), bench.connect("y")};
      for (int i = 0; i < 2; i++) {
        bench.clearAttentions(nexus[i]);
        assertThat(bench.run(nexus[i], out(0, 0, 0, i + 1)).status()).isEqualTo(GOOD);
      }
      assertThat(bench.run(nexus[0], out(1, 1, 1, 0)).status()).isEqualTo(GOOD);
      for (int round = 0; round < ROUNDS; round++) {
        int victim = round % 2;
        int winner = 1 - victim;
        AtomicBoolean stop = new AtomicBoolean();
        CountDownLatch writing = new CountDownLatch(2);
        AtomicInteger conflicts = new AtomicInteger();
        List<Thread> writers = new ArrayList<>();
        for (int t = 0; t < 2; t++) {
          int lba = t * 100;
          writers.add(
              Thread.ofPlatform()
                  .start(() -> {
                    for (int i = 0; !stop.get(); i = (i + 1) % 50) {
                      List<FakeCommand> commands = new ArrayList<>();
                      for (int k = 0; k < 4; k++) {
                        FakeCommand command = write(lba + i + k, victim);
                        nexus[victim].execute(command);
                        commands.add(command);
                      }
                      for (FakeCommand command : commands) {
                        command.await();
                        if (!command.wasAborted() && command.status() == RESERVATION_CONFLICT) {
                          conflicts.incrementAndGet();
                        }
                      }
                      writing.countDown();
                    }
                  }));
        }
        writing.await();
        assertThat(bench.run(nexus[winner], out(5, 1, winner + 1, victim + 1)).status())
            .isEqualTo(GOOD);
        int atGood = begun.get(victim);
        assertThat(underWay.get(victim)).isZero();
        int seen = conflicts.get();
        while (conflicts.get() < seen + 8) {
          Thread.onSpinWait();
        }
        stop.set(true);
        join(writers);
        assertThat(begun.get(victim)).isEqualTo(atGood);
        bench.clearAttentions(nexus[victim]);
        assertThat(bench.run(nexus[victim], out(0, 0, 0, victim + 1)).status()).isEqualTo(GOOD);
      }
    }
  }

  private static FakeCommand out(int action, int type, long key, long actionKey) {
    byte[] list = ByteBuffer.allocate(24).putLong(key).putLong(actionKey).array();
    return FakeCommand.of("5F %02X %02X 00 00 00000018 00".formatted(action, type)).sends(list);
  }

  /** SAM-5 7.3: when the function answers, nothing it aborted is written or will be. */
  @Test
  void anAbortedCommandNeverWritesAfterTheFunctionHasAnswered() throws InterruptedException {
    int nexuses = 4;
    AtomicIntegerArray underWay = new AtomicIntegerArray(nexuses);
    AtomicIntegerArray begun = new AtomicIntegerArray(nexuses);
    AtomicInteger late = new AtomicInteger();
    try (Bench bench = new Bench()) {
      bench.engine.addStore(
          "store0",
          new Watched() {
            @Override
            void begins(int lba, int mark) {
              begun.incrementAndGet(mark);
              underWay.incrementAndGet(mark);
            }

            @Override
            void ends(int lba, int mark) {
              underWay.decrementAndGet(mark);
            }
          });
      List<Thread> threads = new ArrayList<>();
      for (int n = 0; n < nexuses; n++) {
        int mark = n;
        Nexus nexus = bench.connect("n" + n);
        bench.clearAttentions(nexus);
        threads.add(
            Thread.ofPlatform()
                .start(() -> {
                  for (int round = 0; round < ROUNDS * 5; round++) {
                    for (int k = 0; k < 8; k++) {
                      nexus.execute(write(mark * 100 + k, mark));
                    }
                    CountDownLatch answered = new CountDownLatch(1);
                    int[] atAnswer = new int[2];
                    nexus.manage(
                        TaskManagementFunction.ABORT_TASK_SET,
                        0,
                        0,
                        response -> {
                          atAnswer[0] = underWay.get(mark);
                          atAnswer[1] = begun.get(mark);
                          answered.countDown();
                        });
                    try {
                      answered.await();
                    } catch (InterruptedException e) {
                      throw new AssertionError(e);
                    }
                    Thread.yield();
                    if (atAnswer[0] != 0 || begun.get(mark) != atAnswer[1]) {
                      late.incrementAndGet();
                    }
                  }
                }));
      }
      join(threads);
    }
    assertThat(late.get()).isZero();
  }
}
