// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.scsi.ScsiStatus.GOOD;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.jtgt.scsi.device.UnitMemory;
import org.jtgt.scsi.internal.sbc.BlockDevice;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A unit shows other data than before by the operator's will only, over restarts too. */
@Timeout(120)
class AcceptedStoreTest {
  /** A state folder that can be unreadable, or full, for a time. */
  private static final class Weak implements UnitMemory {
    private final UnitMemory of = UnitMemory.ofProcess();
    volatile boolean unreadable;
    volatile boolean full;

    @Override
    public Optional<byte[]> load(String key) {
      if (unreadable) {
        throw new UncheckedIOException(new IOException("no state folder"));
      }
      return of.load(key);
    }

    @Override
    public void keep(String key, byte[] value) throws IOException {
      if (full) {
        throw new IOException("no space left");
      }
      of.keep(key, value);
    }

    @Override
    public void forget(String key) throws IOException {
      of.forget(key);
    }
  }

  private final Weak memory = new Weak();
  private Bench bench = new Bench(BlockDevice.Options.NONE, memory);

  @AfterEach
  void close() {
    bench.close();
  }

  private void restart() {
    bench.close();
    bench = new Bench(BlockDevice.Options.NONE, memory);
    bench.clearAttentions(bench.nexus);
  }

  private static MemoryStore store(String identity) {
    MemoryStore made = new MemoryStore(100 * 512);
    made.identity = identity;
    return made;
  }

  private String ready() {
    FakeCommand command = FakeCommand.of("00");
    bench.nexus.execute(command);
    if (!command.hasEnded()) {
      return "waits";
    }
    return command.status() == GOOD ? "ready" : command.sense();
  }

  private void offer(MemoryStore store) {
    bench.engine.addStore("store0", store);
    bench.clearAttentions(bench.nexus);
  }

  @Test
  void anotherStoreAfterARestartIsNotReadyUntilTheOperatorAcceptsIt() {
    offer(store("first"));
    assertThat(ready()).isEqualTo("ready");
    restart();
    offer(store("second"));
    assertThat(ready()).isEqualTo("2/04/03");
    assertThat(bench.unit.choice().problem()).contains("second instead of first");
    restart(); // does not accept it
    offer(store("second"));
    assertThat(ready()).isEqualTo("2/04/03");
    bench.engine.changeUnit(bench.unit, Bench.settings());
    assertThat(ready()).isEqualTo("ready");
    restart();
    offer(store("second"));
    assertThat(ready()).isEqualTo("ready");
    restart();
    offer(store("first"));
    assertThat(ready()).isEqualTo("2/04/03");
  }

  @Test
  void whoNamesAnotherStoreMeansItsDataAlsoWhenTheTargetWasDownMeanwhile() {
    offer(store("first"));
    restart();
    LogicalUnit renamed = bench.createUnit(Bench.settings("disk1", "store1"), memory);
    bench.engine.addStore("store1", store("second"));
    assertThat(renamed.attachment().isAttached()).isTrue();
  }

  @Test
  void aStoreThatEndsWithTheProcessIsAnotherOneAfterARestartAsAMatterOfCourse() {
    MemoryStore volatileOne = store("life-1");
    volatileOne.outlivesProcess = false;
    offer(volatileOne);
    bench.engine.removeStore("store0", volatileOne);
    offer(store("life-2"));
    assertThat(ready()).as("within one life").isEqualTo("2/04/03");
    restart();
    offer(store("life-2"));
    assertThat(ready()).isEqualTo("ready");
  }

  @Test
  void aStoreIsUsedThoughItsIdentityCannotBeKept() {
    memory.full = true;
    offer(store("first"));
    assertThat(ready()).isEqualTo("ready");
  }

  @Test
  void aUnitTakesItsStoreAsSoonAsItsMemoryCanBeReadAgain() {
    memory.unreadable = true;
    offer(store("first"));
    assertThat(ready()).isEqualTo("waits");
    assertThat(bench.unit.choice().problem()).contains("no state folder");
    bench.clock.advance(StoreChoice.RETRY_PAUSE);
    assertThat(ready()).isEqualTo("waits");
    memory.unreadable = false;
    while (!bench.unit.attachment().isAttached()) {
      bench.clock.advance(StoreChoice.RETRY_PAUSE);
      Thread.onSpinWait();
    }
    bench.clearAttentions(bench.nexus);
    assertThat(ready()).isEqualTo("ready");
  }

  @Test
  void aUnitTakesTheNextStoreThoughItsMemoryCouldNotBeReadOnce() {
    memory.unreadable = true;
    offer(store("first"));
    memory.unreadable = false;
    offer(store("first"));
    assertThat(ready()).isEqualTo("ready");
  }

  /** An update of the store and of the unit in one go. */
  @Test
  void aStoreThatGoesWhileTheUnitIsGivenItsNameIsNotUsed() throws InterruptedException {
    MemoryStore going = store("second");
    bench.engine.addStore("store1", going);
    Thread change =
        new Thread(() -> bench.engine.changeUnit(bench.unit, Bench.settings("disk0", "store1")));
    Thread removal = new Thread(() -> bench.engine.removeStore("store1", going));
    synchronized (bench.unit.choice()) {
      change.start();
      awaitBlocked(change);
      removal.start();
      awaitBlocked(removal);
    }
    change.join();
    removal.join();
    assertThat(bench.unit.attachment().isAttached()).isFalse();
    offer("store1", store("second"));
    assertThat(ready()).isEqualTo("ready");
  }

  private void offer(String name, MemoryStore store) {
    bench.engine.addStore(name, store);
    bench.clearAttentions(bench.nexus);
  }

  private static void awaitBlocked(Thread thread) {
    while (thread.getState() != Thread.State.BLOCKED) {
      Thread.onSpinWait();
    }
  }

  @Test
  void aStoreOfTheNameBeforeIsNotUsedThoughItComesLate() {
    bench.engine.changeUnit(bench.unit, Bench.settings("disk0", "store1"));
    bench.unit.choice().offer("store0", new StoreOffer(store("first"), ""));
    assertThat(bench.unit.attachment().isAttached()).isFalse();
  }

  /** A state folder that is full, and an initiator that registers with APTPL again and again. */
  @Test
  void whatAnInitiatorMakesFailIsToldInOneLine() {
    memory.full = true;
    java.io.PrintStream before = System.err;
    java.io.ByteArrayOutputStream log = new java.io.ByteArrayOutputStream();
    System.setErr(new java.io.PrintStream(log, true, java.nio.charset.StandardCharsets.UTF_8));
    try {
      bench.clearAttentions(bench.nexus);
      for (int i = 0; i < 5; i++) {
        byte[] list = new byte[24];
        list[15] = 1; // SERVICE ACTION RESERVATION KEY
        list[20] = 1; // APTPL
        FakeCommand register = FakeCommand.of("5F 00 00 00 00 00 00 00 18 00").sends(list);
        assertThat(bench.run(register).status()).isNotEqualTo(GOOD);
      }
    } finally {
      System.setErr(before);
    }
    assertThat(log.toString(java.nio.charset.StandardCharsets.UTF_8).lines())
        .filteredOn(line -> line.contains("cannot be kept"))
        .hasSize(1);
  }
}
