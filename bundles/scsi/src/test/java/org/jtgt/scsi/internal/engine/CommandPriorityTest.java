// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.scsi.ScsiStatus.GOOD;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jtgt.scsi.TaskAttribute;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Commands that wait for a blocking store begin by their priority (SAM-5 8.7). */
@Timeout(120)
class CommandPriorityTest {
  private static final int BUSY = 64;
  private static final int LOW = 32;
  private static final int HIGH = 4;

  /** Lets nothing through at first, and notes which blocks are read in which order. */
  private static final class Gated extends MemoryStore {
    final CountDownLatch gate = new CountDownLatch(1);
    final List<Integer> begun = new CopyOnWriteArrayList<>();

    Gated() {
      super(1 << 20);
    }

    @Override
    public Completion completion() {
      return Completion.BLOCKING;
    }

    @Override
    public void read(long offsetBytes, ByteBuffer target) throws IOException {
      try {
        gate.await();
      } catch (InterruptedException nobodyDoesThat) {
        throw new IOException(nobodyDoesThat);
      }
      begun.add((int) (offsetBytes / 512));
      super.read(offsetBytes, target);
    }
  }

  private static List<Integer> order(TaskAttribute attribute) {
    Gated store = new Gated();
    List<FakeCommand> commands = new ArrayList<>();
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
      store.gate.countDown();
      for (FakeCommand command : commands) {
        assertThat(command.status()).isEqualTo(GOOD);
      }
    }
    return store.begun;
  }

  private static double mean(List<Integer> begun, int from, int to) {
    return begun.stream()
        .filter(lba -> lba >= from && lba < to)
        .mapToInt(begun::indexOf)
        .average()
        .orElseThrow();
  }

  @Test
  void theMoreImportantBeginSoonerInAggregateThoughTheyCameLast() {
    List<Integer> begun = order(TaskAttribute.SIMPLE);
    assertThat(begun).hasSize(BUSY + LOW + HIGH);
    assertThat(mean(begun, BUSY + LOW, BUSY + LOW + HIGH))
        .isLessThan(mean(begun, BUSY, BUSY + LOW));
  }

  @Test
  void anOrderedCommandWaitsForThoseBeforeItWhateverItsPriority() {
    List<Integer> begun = order(TaskAttribute.ORDERED);
    assertThat(begun.subList(BUSY + LOW, BUSY + LOW + HIGH))
        .containsExactly(BUSY + LOW, BUSY + LOW + 1, BUSY + LOW + 2, BUSY + LOW + 3);
  }
}
