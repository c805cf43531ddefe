// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.scsi.ScsiStatus.GOOD;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jtgt.backstore.BlockingBackstore;
import org.jtgt.backstore.DrainNotice;
import org.jtgt.backstore.StoreIo;
import org.junit.jupiter.api.Test;

/** A store is let go, or a filter inserted, when the last call has ended. */
class DrainTest extends StoreLife {
  @Test
  void aStoreIsLetGoOnlyWhenItsLastCallHasEnded() throws InterruptedException {
    AsyncStore slow = new AsyncStore(1000 * 512);
    bench.engine.addStore("store0", slow);
    FakeCommand running = start(Bench.read10Command(0, 1));
    Thread removal = new Thread(() -> bench.engine.removeStore("store0", slow));
    removal.start();
    awaitWaiting(slow, 2);
    assertThat(bench.unit.attachment().isAttached()).as("while it flushes early").isTrue();
    slow.completeLast();
    while (bench.unit.attachment().state() != StoreAttachment.State.DRAINING) {
      Thread.onSpinWait();
    }
    FakeCommand held = start(Bench.read10Command(1, 1));
    assertThat(removal.isAlive()).isTrue();
    assertThat(slow.waiting()).isEqualTo(1);
    slow.completeOne();
    awaitWaiting(slow, 1);
    slow.completeOne();
    removal.join();
    assertThat(running.status()).isEqualTo(GOOD);
    assertThat(held.hasEnded()).isFalse();
    attach();
    assertThat(held.status()).isEqualTo(GOOD);
  }

  private static void awaitWaiting(AsyncStore store, int ios) {
    while (store.waiting() != ios) {
      Thread.onSpinWait();
    }
  }

  /** A filter on the store attached, as it shows the same data. */
  private static final class Filter extends MemoryStore {
    private final MemoryStore below;

    Filter(MemoryStore below) {
      super(1000 * 512);
      this.below = below;
    }

    @Override
    public void submit(StoreIo io) {
      below.submit(io);
    }
  }

  @Test
  void aFilterOnTheStoreIsInsertedAndRemovedWithoutAFlush() {
    attach();
    Filter filter = new Filter(store);
    bench.engine.addStore("filter", filter);
    bench.write10(0, Bench.pattern(1, 1));
    final int before = store.flushes.get();
    bench.engine.changeUnit(bench.unit, withStore("filter"));
    assertThat(bench.read10(0, 1).data()).isEqualTo(Bench.pattern(1, 1));
    bench.engine.changeUnit(bench.unit, withStore("store0"));
    assertThat(bench.read10(0, 1).data()).isEqualTo(Bench.pattern(1, 1));
    assertThat(store.flushes.get()).isEqualTo(before);
  }

  @Test
  void aFilterDoesNotMakeAFailedFlushForgotten() {
    attach();
    store.flushFailure = new IOException("lost");
    assertThat(bench.run("35 00 00000000 00 0000 00").sense()).isEqualTo("4/44/00");
    store.flushFailure = null;
    bench.engine.addStore("filter", new Filter(store));
    bench.engine.changeUnit(bench.unit, withStore("filter"));
    assertThat(bench.run("35 00 00000000 00 0000 00").sense()).isEqualTo("4/44/00");
  }

  @Test
  void aFlushThatFailsWhileAFilterIsInsertedIsNotForgotten() throws InterruptedException {
    AsyncStore slow = new AsyncStore(1000 * 512);
    bench.engine.addStore("store0", slow);
    bench.engine.addStore("filter", new Filter(slow));
    FakeCommand running = start(FakeCommand.of("35 00 00000000 00 0000 00"));
    Thread insertion = new Thread(() -> bench.engine.changeUnit(bench.unit, withStore("filter")));
    insertion.start();
    while (bench.unit.attachment().state() != StoreAttachment.State.DRAINING) {
      Thread.onSpinWait();
    }
    FakeCommand held = start(FakeCommand.of("35 00 00000000 00 0000 00"));
    slow.flushFailure = new IOException("lost");
    slow.completeOne();
    slow.flushFailure = null;
    insertion.join();
    FakeCommand later = start(FakeCommand.of("35 00 00000000 00 0000 00"));
    slow.completeAll();
    assertThat(running.sense()).isEqualTo("4/44/00");
    assertThat(held.sense()).isEqualTo("4/44/00");
    assertThat(later.sense()).isEqualTo("4/44/00");
  }

  @Test
  void whatWasWrittenIsStableBeforeTheStoreIsLetGo() {
    attach();
    bench.write10(0, Bench.pattern(1, 1));
    int before = store.flushes.get();
    bench.engine.removeStore("store0", store);
    assertThat(store.flushes.get())
        .as("while commands go on, and after the last")
        .isEqualTo(before + 2);
  }

  @Test
  void aStoreThatHoldsBackOnPurposeIsToldToHurryWhileItIsDrained() {
    HesitantStore hesitant = new HesitantStore();
    bench.engine.addStore("store0", hesitant);
    FakeCommand read = start(Bench.read10Command(0, 1));
    assertThat(read.hasEnded()).isFalse();
    bench.engine.removeStore("store0", hesitant);
    assertThat(read.status()).isEqualTo(GOOD);
    assertThat(hesitant.notices).isZero();
  }

  /** Does nothing until it is drained. */
  private static final class HesitantStore implements BlockingBackstore, DrainNotice {
    private final List<StoreIo> waiting = new ArrayList<>();
    private int notices;

    @Override
    public void submit(StoreIo io) {
      if (notices > 0 || io.operation() == StoreIo.Operation.FLUSH) {
        BlockingBackstore.super.submit(io);
      } else {
        waiting.add(io);
      }
    }

    @Override
    public Notice draining() {
      notices++;
      waiting.forEach(BlockingBackstore.super::submit);
      waiting.clear();
      return () -> notices--;
    }

    @Override
    public Completion completion() {
      return Completion.ASYNCHRONOUS;
    }

    @Override
    public String identity() {
      return "hesitant";
    }

    @Override
    public long sizeBytes() {
      return 1000 * 512;
    }

    @Override
    public void read(long offsetBytes, ByteBuffer target) {
      target.position(target.limit());
    }

    @Override
    public void write(long offsetBytes, ByteBuffer source) {
      source.position(source.limit());
    }

    @Override
    public void flush() {}
  }
}
