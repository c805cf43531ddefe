// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.scsi.ScsiStatus.GOOD;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What logical units share (byte budget, worker threads) and what many nexuses do at once. */
class SharingTest {
  private static final long LUN_1 = 1L << 48;

  private static void addSecondUnit(Bench bench, MemoryStore store) {
    bench.createUnit(Bench.settings("disk1", "store1"));
    bench.engine.addStore("store1", store);
    bench.target.change(Bench.targetSettings(Map.of(0, "disk0", 1, "disk1")));
    bench.clearAttentions(bench.nexus);
  }

  @Test
  void aSlowUnitLeavesBytesForTheOthersAndGoesOnAsItsOwnAreGivenBack() {
    Bench bench = new Bench(Bench.settings(), 64 * 1024);
    AsyncStore slow = new AsyncStore(1000 * 512);
    bench.engine.addStore("store0", slow);
    addSecondUnit(bench, new MemoryStore(1000 * 512));
    List<FakeCommand> reads = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      FakeCommand read = Bench.read10Command(0, 16);
      reads.add(read);
      bench.nexus.execute(read);
    }
    assertThat(slow.waiting()).isEqualTo(4);
    assertThat(bench.engine.budget().usedBytes()).isEqualTo(32 * 1024);
    assertThat(bench.engine.budget().waitingCommands()).isEqualTo(16);
    assertThat(bench.run(Bench.read10Command(0, 32).lun(LUN_1)).status()).isEqualTo(GOOD);
    slow.completeAll();
    reads.forEach(read -> assertThat(read.status()).isEqualTo(GOOD));
    assertThat(bench.engine.budget().usedBytes()).isZero();
    bench.close();
  }

  @Test
  void aWriteAsksForNoDataBeforeItHasItsBytes() {
    Bench bench = new Bench(Bench.settings(), 64 * 1024);
    AsyncStore slow = new AsyncStore(1000 * 512);
    bench.engine.addStore("store0", slow);
    bench.clearAttentions(bench.nexus);
    for (int i = 0; i < 4; i++) {
      bench.nexus.execute(Bench.read10Command(0, 16));
    }
    FakeCommand write = Bench.write10Command(0, Bench.pattern(16, 1));
    bench.nexus.execute(write);
    assertThat(write.askedForData()).isFalse();
    slow.completeAll();
    assertThat(write.status()).isEqualTo(GOOD);
    bench.close();
  }

  /** A store whose calls wait until they are let through. */
  private static final class StuckStore extends MemoryStore {
    final CountDownLatch open = new CountDownLatch(1);
    final AtomicInteger inside = new AtomicInteger();

    StuckStore() {
      super(1000 * 512);
    }

    @Override
    public Completion completion() {
      return Completion.BLOCKING;
    }

    @Override
    public void read(long offsetBytes, ByteBuffer target) throws IOException {
      inside.incrementAndGet();
      try {
        open.await();
      } catch (InterruptedException e) {
        throw new IOException("a store thread was interrupted", e);
      }
      super.read(offsetBytes, target);
    }
  }

  @Test
  void aStuckStoreTakesOnlyAShareOfTheThreads() {
    Bench bench = new Bench();
    StuckStore stuck = new StuckStore();
    bench.engine.addStore("store0", stuck);
    StuckStore quick = new StuckStore();
    quick.open.countDown();
    addSecondUnit(bench, quick);
    List<FakeCommand> reads = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      FakeCommand read = Bench.read10Command(i, 1);
      reads.add(read);
      bench.nexus.execute(read);
    }
    for (int i = 0; i < 10; i++) {
      assertThat(bench.run(Bench.read10Command(0, 1).lun(LUN_1)).status()).isEqualTo(GOOD);
    }
    assertThat(stuck.inside.get()).isLessThanOrEqualTo(3);
    stuck.open.countDown();
    reads.forEach(read -> assertThat(read.status()).isEqualTo(GOOD));
    bench.close();
  }

  @Test
  void compareAndWriteAsALockLosesNoIncrementOfEightNexuses() throws InterruptedException {
    Bench bench = new Bench();
    bench.engine.addStore(
        "store0",
        new MemoryStore(1000 * 512) {
          @Override
          public Completion completion() {
            return Completion.BLOCKING;
          }
        });
    // 100,000 increments: -Djtgt.increments=12500
    int each = Integer.getInteger("jtgt.increments", 200);
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 8; t++) {
      Nexus nexus = bench.connect("n" + t);
      bench.clearAttentions(nexus);
      threads.add(Thread.ofPlatform().start(() -> increment(bench, nexus, each)));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    bench.clearAttentions(bench.nexus);
    assertThat(ByteBuffer.wrap(bench.read10(0, 1).data()).getLong()).isEqualTo(8L * each);
    bench.close();
  }

  private static void increment(Bench bench, Nexus nexus, int times) {
    for (int done = 0; done < times; ) {
      byte[] now = bench.run(nexus, Bench.read10Command(0, 1)).data();
      byte[] both = new byte[1024];
      System.arraycopy(now, 0, both, 0, 512);
      ByteBuffer.wrap(both).putLong(512, ByteBuffer.wrap(now).getLong() + 1);
      FakeCommand swap = FakeCommand.of("89 00 0000000000000000 000000 01 00 00").sends(both);
      if (bench.run(nexus, swap).status() == GOOD) {
        done++;
      }
    }
  }

  @Test
  void abortsUnderLoadLeaveNothingBehind() throws InterruptedException {
    Bench bench = new Bench(Bench.settings(), 256 * 1024);
    bench.engine.addStore(
        "store0",
        new MemoryStore(1000 * 512) {
          @Override
          public Completion completion() {
            return Completion.BLOCKING;
          }
        });
    List<Thread> threads = new ArrayList<>();
    AtomicInteger unanswered = new AtomicInteger();
    for (int t = 0; t < 4; t++) {
      Nexus nexus = bench.connect("n" + t);
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 0; i < 300; i++) {
                  List<FakeCommand> commands = new ArrayList<>();
                  for (int k = 0; k < 8; k++) {
                    FakeCommand command =
                        k % 2 == 0
                            ? Bench.read10Command(k, 64)
                            : Bench.write10Command(k, new byte[32 * 512]);
                    commands.add(command.tag(k));
                    nexus.execute(command);
                  }
                  CountDownLatch answer = new CountDownLatch(1);
                  unanswered.incrementAndGet();
                  nexus.manage(
                      org.jtgt.scsi.TaskManagementFunction.ABORT_TASK_SET,
                      0,
                      0,
                      response -> {
                        // After the answer no command of the set may be under way.
                        if (commands.stream().allMatch(FakeCommand::hasEnded)) {
                          unanswered.decrementAndGet();
                        }
                        answer.countDown();
                      });
                  try {
                    answer.await();
                  } catch (InterruptedException e) {
                    throw new AssertionError(e);
                  }
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(unanswered.get()).isZero();
    assertThat(bench.unit.tasks().size()).isZero();
    assertThat(bench.engine.budget().waitingCommands()).isZero();
    bench.close();
  }
}
