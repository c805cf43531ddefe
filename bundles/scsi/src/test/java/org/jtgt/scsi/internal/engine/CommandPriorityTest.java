// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.scsi.ScsiStatus.GOOD;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import org.jtgt.scsi.TaskAttribute;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Commands that wait for a blocking store begin by their priority (SAM-5 8.7). */
@Timeout(120)
class CommandPriorityTest {
  private static final int BUSY = 64;
  private static final int LOW = 32;
  private static final int HIGH = 4;

  /** Lets through what the gate says, in the order of asking, and tells which block it was. */
  private static final class Gated extends MemoryStore {
    final Semaphore gate = new Semaphore(0, true);
    final BlockingQueue<Integer> begun = new LinkedBlockingQueue<>();

    Gated() {
      super(1 << 20);
    }

    @Override
    public Completion completion() {
      return Completion.BLOCKING;
    }

    @Override
    public void read(long offsetBytes, ByteBuffer target) throws IOException {
      gate.acquireUninterruptibly();
      begun.add((int) (offsetBytes / 512));
      super.read(offsetBytes, target);
    }
  }

  private static List<Integer> order(TaskAttribute attribute) throws InterruptedException {
    Gated store = new Gated();
    List<FakeCommand> commands = new ArrayList<>();
    List<Integer> begun = new ArrayList<>();
    try (Bench bench = new Bench()) {
      bench.engine.addStore("store0", store);
      bench.clearAttentions(bench.nexus);
      // So many that all threads wait in the store.
      for (int lba = 0; lba < BUSY; lba++) {
        commands.add(Bench.read10Command(lba, 1).priority(1));
      }
      for (int i = 0; i < LOW; i++) {
        commands.add(Bench.read10Command(BUSY + i, 1).priority(15));
      }
      for (int i = 0; i < HIGH; i++) {
        commands.add(Bench.read10Command(BUSY + LOW + i, 1).priority(2).attribute(attribute));
      }
      commands.forEach(bench.nexus::execute);
      // One at a time: else those that have begun overtake each other as the processor likes.
      while (begun.size() < commands.size()) {
        store.gate.release();
        begun.add(store.begun.take());
      }
      for (FakeCommand command : commands) {
        assertThat(command.status()).isEqualTo(GOOD);
      }
    }
    return begun;
  }

  private static double mean(List<Integer> begun, int from, int to) {
    return begun.stream()
        .filter(lba -> lba >= from && lba < to)
        .mapToInt(begun::indexOf)
        .average()
        .orElseThrow();
  }

  @Test
  void theMoreImportantBeginSoonerInAggregateThoughTheyCameLast() throws InterruptedException {
    List<Integer> begun = order(TaskAttribute.SIMPLE);
    assertThat(begun).hasSize(BUSY + LOW + HIGH);
    assertThat(mean(begun, BUSY + LOW, BUSY + LOW + HIGH))
        .isLessThan(mean(begun, BUSY, BUSY + LOW));
  }

  @Test
  void anOrderedCommandWaitsForThoseBeforeItWhateverItsPriority() throws InterruptedException {
    List<Integer> begun = order(TaskAttribute.ORDERED);
    assertThat(begun.subList(BUSY + LOW, BUSY + LOW + HIGH))
        .containsExactly(BUSY + LOW, BUSY + LOW + 1, BUSY + LOW + 2, BUSY + LOW + 3);
  }
}
