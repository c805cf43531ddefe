// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.scsi.ScsiStatus.GOOD;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jtgt.scsi.device.UnitMemory;
import org.jtgt.scsi.internal.sbc.BlockDevice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A sanitize operation is about one store, and done once. */
@Timeout(120)
class SanitizedStoreTest {
  private static final String ERASE_AT_ONCE = "48 82 00 00 00 00 00 00 00 00";
  private static final String ERASE = "48 02 00 00 00 00 00 00 00 00";

  /** A state folder from which nothing can be deleted for a time. */
  private static final class Sticky implements UnitMemory {
    private final UnitMemory of = UnitMemory.ofProcess();
    boolean sticks;

    @Override
    public Optional<byte[]> load(String key) {
      return of.load(key);
    }

    @Override
    public void keep(String key, byte[] value) throws IOException {
      of.keep(key, value);
    }

    @Override
    public void forget(String key) throws IOException {
      if (sticks) {
        throw new IOException("read-only file system");
      }
      of.forget(key);
    }
  }

  private static void settle(Bench bench) throws InterruptedException {
    for (int i = 0; i < 20; i++) {
      bench.clock.advance(Duration.ofMillis(1));
      Thread.sleep(20);
    }
  }

  @Test
  void aSanitizeThatHasEndedIsNotDoneAgainOverNewData() throws InterruptedException {
    Sticky memory = new Sticky();
    MemoryStore store = new MemoryStore(100 * 512);
    byte[] data = Bench.pattern(1, 1);
    try (Bench bench = new Bench(BlockDevice.Options.NONE, memory)) {
      bench.engine.addStore("store0", store);
      bench.clearAttentions(bench.nexus);
      memory.sticks = true;
      FakeCommand erase = bench.run(ERASE);
      if (erase.status() != GOOD) {
        return; // an answer that says so is as good
      }
      if (bench.write10(7, data).status() != GOOD) {
        return;
      }
      bench.run("35 00 00000000 00 0000 00");
    }
    memory.sticks = false;
    try (Bench bench = new Bench(BlockDevice.Options.NONE, memory)) {
      bench.engine.addStore("store0", store);
      settle(bench);
      assertThat(store.content(7, 1)).as("written after the sanitize operation").isEqualTo(data);
    }
  }

  @Test
  void aSanitizeOfOneStoreIsNotTakenUpOnAnother() throws InterruptedException {
    UnitMemory memory = UnitMemory.ofProcess();
    MemoryStore other = new MemoryStore(100 * 512);
    other.identity = "memory-2";
    byte[] data = Bench.pattern(1, 1);
    other.write(7, data);
    try (Bench bench = new Bench(BlockDevice.Options.NONE, memory)) {
      AsyncStore first = new AsyncStore(100 * 512);
      bench.engine.addStore("store0", first);
      bench.clearAttentions(bench.nexus);
      assertThat(bench.run(ERASE_AT_ONCE).status()).isEqualTo(GOOD);
      while (first.waiting() == 0) {
        Thread.onSpinWait();
      }
      // The container stops in the middle; the operator puts another store in its place.
    }
    try (Bench bench = new Bench(BlockDevice.Options.NONE, memory)) {
      bench.engine.addStore("store0", other);
      bench.engine.changeUnit(bench.unit, Bench.settings()); // the operator accepts it
      settle(bench);
      assertThat(other.content(7, 1)).as("of a store nobody asked to erase").isEqualTo(data);
    }
  }

  @Test
  void aSanitizeThatRunsDoesNotGoOnOnAnotherStore() throws InterruptedException {
    MemoryStore other = new MemoryStore(100 * 512);
    other.identity = "memory-2";
    byte[] data = Bench.pattern(1, 1);
    other.write(7, data);
    try (Bench bench = new Bench(BlockDevice.Options.NONE, UnitMemory.ofProcess())) {
      AsyncStore first = new AsyncStore(4 << 20);
      bench.engine.addStore("store0", first);
      bench.clearAttentions(bench.nexus);
      assertThat(bench.run(ERASE_AT_ONCE).status()).isEqualTo(GOOD);
      while (first.waiting() == 0) {
        Thread.onSpinWait();
      }
      bench.engine.addStore("store1", other);
      Thread change =
          new Thread(() -> bench.engine.changeUnit(bench.unit, Bench.settings("disk0", "store1")));
      change.start();
      while (bench.unit.attachment().state() != StoreAttachment.State.DRAINING) {
        Thread.onSpinWait();
      }
      while (change.isAlive()) {
        first.completeAll();
        Thread.sleep(1);
      }
      settle(bench);
      assertThat(other.content(7, 1)).as("of a store nobody asked to erase").isEqualTo(data);
    }
  }

  /** A rule that changes while a session closes leaves nothing of it in the unit. */
  @Test
  void aClosedNexusThatIsShownSomethingElseIsNotKept() throws ReflectiveOperationException {
    try (Bench bench = Bench.withMemory(10)) {
      Nexus gone = bench.connect("b");
      gone.close(() -> {});
      gone.view(
          new org.jtgt.scsi.NexusView(
              Optional.of(new java.util.TreeMap<>(java.util.Map.of(5, "disk0"))), false));
      java.lang.reflect.Field field = UnitPaths.class.getDeclaredField("paths");
      field.setAccessible(true);
      java.util.List<?> paths = (java.util.List<?>) field.get(bench.unit.paths());
      assertThat(paths).as("nexuses that the unit knows").hasSize(1);
    }
  }
}
