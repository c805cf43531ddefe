// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.jtgt.scsi.ScsiStatus.GOOD;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BackstoreException.Kind;
import org.jtgt.backstore.BlockingBackstore;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.TaskAttribute;
import org.jtgt.scsi.TaskManagementFunction;
import org.jtgt.scsi.TaskManagementResponse;
import org.jtgt.scsi.device.UnitMemory;
import org.jtgt.scsi.internal.sbc.BlockDevice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What an initiator was told is so: flushes, mode pages, resets, and bounds of what goes on behind
 * an answer.
 */
@Timeout(120)
class StableStateTest {
  private static final String SYNC = "35 00 00000000 00 0000 00";

  /** The kernel reports a lost write once; an abort must not swallow the report. */
  @Test
  void aFlushThatFailsAfterItsAbortStillForbidsLaterFlushes() {
    try (Bench bench = new Bench()) {
      AsyncStore store = new AsyncStore(100 * 512);
      bench.engine.addStore("store0", store);
      bench.clearAttentions(bench.nexus);
      FakeCommand flush = FakeCommand.of(SYNC).tag(9);
      bench.nexus.execute(flush);
      List<TaskManagementResponse> answers = new ArrayList<>();
      bench.nexus.manage(TaskManagementFunction.ABORT_TASK, 0, 9, answers::add);
      store.flushFailure = new IOException("lost");
      store.completeOne();
      assertThat(answers).hasSize(1);
      store.flushFailure = null;
      FakeCommand again = FakeCommand.of(SYNC);
      bench.nexus.execute(again);
      store.completeAll();
      assertThat(again.sense()).isEqualTo("4/44/00");
    }
  }

  @Test
  void aFlushThatFailsForLackOfSpaceForbidsLaterFlushes() {
    try (Bench bench = Bench.withMemory(100)) {
      MemoryStore store = (MemoryStore) bench.unit.store().orElseThrow();
      store.flushFailure = BackstoreException.of(Kind.FULL, "no space for what was written");
      assertThat(bench.run(SYNC).sense()).isEqualTo("7/27/07");
      store.flushFailure = null;
      assertThat(bench.run(SYNC).status()).isNotEqualTo(GOOD);
    }
  }

  @Test
  void aNexusEndsThoughItsUnitWasRemovedWhileACommandWaitedForData() {
    try (Bench bench = Bench.withMemory(100)) {
      FakeCommand write = Bench.write10Command(0, Bench.pattern(1, 1)).withDataLater();
      bench.nexus.execute(write);
      assertThat(write.askedForData()).isTrue();
      bench.engine.removeUnit(bench.unit);
      AtomicInteger ended = new AtomicInteger();
      bench.nexus.close(ended::incrementAndGet);
      assertThat(ended.get()).isEqualTo(1);
      assertThat(bench.engine.budget().usedBytes()).isZero();
    }
  }

  /** A store as large as a real one, that counts what the thread reads that made it. */
  private static final class Endless implements BlockingBackstore {
    private final Thread brings = Thread.currentThread();
    int readsOfWhoBrings;

    @Override
    public String identity() {
      return "endless";
    }

    @Override
    public long sizeBytes() {
      return 1L << 40;
    }

    @Override
    public Completion completion() {
      return Completion.INLINE;
    }

    @Override
    public void read(long offsetBytes, ByteBuffer target) {
      if (Thread.currentThread() == brings) {
        readsOfWhoBrings++;
      }
      target.position(target.limit());
    }

    @Override
    public void write(long offsetBytes, ByteBuffer source) {
      source.position(source.limit());
    }

    @Override
    public void flush() {}
  }

  @Test
  void aLongVerifyDoesNotKeepTheThreadThatBringsIt() {
    try (Bench bench = new Bench()) {
      Endless store = new Endless();
      bench.engine.addStore("store0", store);
      bench.clearAttentions(bench.nexus);
      // 8 GiB, no BYTCHK: 32768 reads of 256 KiB
      FakeCommand verify = FakeCommand.of("8F 00 0000000000000000 01000000 00 00");
      assertThat(bench.run(verify).status()).isEqualTo(GOOD);
      assertThat(store.readsOfWhoBrings).isLessThan(100);
    }
  }

  @Test
  void preFetchWithImmedDoesNotQueueWithoutBound() {
    try (Bench bench = new Bench()) {
      AsyncStore store = new AsyncStore(4 << 20);
      bench.engine.addStore("store0", store);
      bench.clearAttentions(bench.nexus);
      for (int i = 0; i < 20_000; i++) {
        bench.run("34 02 00000000 00 0000 00");
      }
      assertThat(bench.engine.budget().waitingCommands()).isLessThan(5000);
    }
  }

  @Test
  void anotherNexusReadsThoughOneHasAskedForManyPreFetches() {
    try (Bench bench = new Bench()) {
      AsyncStore store = new AsyncStore(4 << 20);
      bench.engine.addStore("store0", store);
      Nexus other = bench.connect("b");
      bench.clearAttentions(bench.nexus);
      bench.clearAttentions(other);
      for (int i = 0; i < 200; i++) {
        bench.run("34 02 00000000 00 0000 00");
      }
      int before = store.waiting();
      other.execute(Bench.read10Command(0, 1));
      assertThat(store.waiting()).isEqualTo(before + 1);
    }
  }

  @Test
  void synchronizeCacheWithImmedDoesNotQueueWithoutBound() {
    try (Bench bench = new Bench()) {
      AsyncStore store = new AsyncStore(1 << 20);
      bench.engine.addStore("store0", store);
      bench.clearAttentions(bench.nexus);
      for (int i = 0; i < 20_000; i++) {
        bench.run("35 02 00000000 00 0000 00");
      }
      assertThat(store.waiting()).isLessThan(5000);
    }
  }

  @Test
  void twoModeSelectsAtOnceBothCount() {
    try (Bench bench = new Bench()) {
      AsyncStore store = new AsyncStore(100 * 512);
      bench.engine.addStore("store0", store);
      bench.clearAttentions(bench.nexus);
      byte[] noCache = new byte[24];
      noCache[4] = 0x08;
      noCache[5] = 0x12;
      FakeCommand first = FakeCommand.of("15 10 00 00 18 00").sends(noCache);
      bench.nexus.execute(first); // waits for its flush
      byte[] protect = new byte[16];
      ByteBuffer.wrap(protect)
          .put(4, new byte[] {0x0A, 0x0A, 0x02, 0x10, 0x08, 0, 0, 0, (byte) 0xFF, (byte) 0xFF});
      FakeCommand second = FakeCommand.of("15 10 00 00 10 00").sends(protect);
      bench.nexus.execute(second);
      assertThat(second.status()).isEqualTo(GOOD);
      assertThat(bench.unit.softwareWriteProtect()).isTrue();
      store.completeAll();
      assertThat(first.status()).isEqualTo(GOOD);
      assertThat(bench.unit.writeCache()).isFalse();
      assertThat(bench.unit.softwareWriteProtect()).as("SWP was answered GOOD").isTrue();
    }
  }

  /** SBC-3 6.5.5: when WCE has become zero, all that was acknowledged is on the medium. */
  @Test
  void whatWasAcknowledgedBeforeTheCacheIsOffIsStableThen() {
    try (Bench bench = new Bench()) {
      AsyncStore store = new AsyncStore(100 * 512);
      bench.engine.addStore("store0", store);
      bench.clearAttentions(bench.nexus);
      byte[] data = Bench.pattern(1, 1);
      FakeCommand write = Bench.write10Command(5, data);
      bench.nexus.execute(write);
      byte[] noCache = new byte[24];
      noCache[4] = 0x08;
      noCache[5] = 0x12;
      FakeCommand select = FakeCommand.of("15 10 00 00 18 00").sends(noCache);
      bench.nexus.execute(select);
      // The store takes the flush first: it may, the write has not been answered.
      store.completeNewestFirst();
      while (store.waiting() > 0) {
        store.completeOne();
      }
      assertThat(write.status()).isEqualTo(GOOD);
      assertThat(select.status()).isEqualTo(GOOD);
      store.dropWhatWasNotFlushed();
      assertThat(store.content(5, 1)).isEqualTo(data);
    }
  }

  @Test
  void theOperatorTurnsTheCacheOffAndWhatWasAcknowledgedIsStable() {
    try (Bench bench = Bench.withMemory(100)) {
      MemoryStore store = (MemoryStore) bench.unit.store().orElseThrow();
      byte[] data = Bench.pattern(1, 1);
      assertThat(bench.write10(5, data).status()).isEqualTo(GOOD);
      LuSettings s = Bench.settings();
      bench.engine.changeUnit(
          bench.unit,
          new LuSettings(
              s.name(), "", s.store(), 512, false, false, true, s.holdTime(), s.identity()));
      assertThat(bench.unit.writeCache()).isFalse();
      store.dropWhatWasNotFlushed();
      assertThat(store.content(5, 1)).isEqualTo(data);
    }
  }

  /**
   * A reset answers although the state folder cannot be read, and does not throw at the network.
   */
  @Test
  void aResetAnswersThoughTheSavedPagesCannotBeRead() {
    boolean[] broken = new boolean[1];
    UnitMemory memory =
        new UnitMemory() {
          @Override
          public Optional<byte[]> load(String key) {
            if (broken[0]) {
              throw new UncheckedIOException(new IOException("state folder is gone"));
            }
            return Optional.empty();
          }

          @Override
          public void keep(String key, byte[] value) {}

          @Override
          public void forget(String key) {}
        };
    try (Bench bench = new Bench(BlockDevice.Options.NONE, memory)) {
      bench.engine.addStore("store0", new MemoryStore(100 * 512));
      bench.clearAttentions(bench.nexus);
      broken[0] = true;
      List<TaskManagementResponse> answers = new ArrayList<>();
      assertThatCode(() ->
              bench.nexus.manage(TaskManagementFunction.LOGICAL_UNIT_RESET, 0, 0, answers::add))
          .doesNotThrowAnyException();
      assertThat(answers).hasSize(1);
    }
  }

  @Test
  void aResetDoesNotReadFilesOnTheThreadThatBringsIt() {
    List<Thread> loads = new CopyOnWriteArrayList<>();
    UnitMemory memory =
        new UnitMemory() {
          @Override
          public Optional<byte[]> load(String key) {
            loads.add(Thread.currentThread());
            return Optional.empty();
          }

          @Override
          public void keep(String key, byte[] value) {}

          @Override
          public void forget(String key) {}
        };
    try (Bench bench = new Bench(BlockDevice.Options.NONE, memory)) {
      bench.engine.addStore("store0", new MemoryStore(100 * 512));
      loads.clear();
      bench.nexus.manage(TaskManagementFunction.LOGICAL_UNIT_RESET, 0, 0, answer -> {});
      assertThat(loads).doesNotContain(Thread.currentThread());
    }
  }

  @Test
  void aSavedProvisioningPageCountsAfterARestart() {
    UnitMemory memory = UnitMemory.ofProcess();
    byte[] list = new byte[4 + 24];
    ByteBuffer.wrap(list)
        .put(4, new byte[] {0x5C, 0x02, 0, 20})
        .put(4 + 16, new byte[] {(byte) 0x81, 0x02, 0, 0, 0, 0, 0, 7});
    try (Bench bench = new Bench(BlockDevice.Options.NONE, memory)) {
      bench.engine.addStore("store0", new MemoryStore(100 * 512));
      bench.clearAttentions(bench.nexus);
      assertThat(bench.run(FakeCommand.of("15 11 00 00 1C 00").sends(list)).status())
          .isEqualTo(GOOD);
    }
    try (Bench bench = new Bench(BlockDevice.Options.NONE, memory)) {
      bench.engine.addStore("store0", new MemoryStore(100 * 512));
      bench.clearAttentions(bench.nexus);
      byte[] page = bench.runIn("1A 08 1C 02 FF 00", 255).data();
      assertThat(page[4 + 23]).as("THRESHOLD COUNT").isEqualTo((byte) 7);
    }
  }

  /** SBC-3 4.11: nothing that was under way may land behind the sanitize operation. */
  @Test
  void sanitizeUnderAcaWaitsForWritesUnderWay() throws InterruptedException {
    try (Bench bench = new Bench()) {
      AsyncStore store = new AsyncStore(100 * 512);
      bench.engine.addStore("store0", store);
      bench.clearAttentions(bench.nexus);
      FakeCommand write = Bench.write10Command(5, Bench.pattern(1, 1));
      bench.nexus.execute(write);
      assertThat(bench.run("FF 00 00 00 00 04").status()).isEqualTo(ScsiStatus.CHECK_CONDITION);
      assertThat(bench.run("15 10 00 00 00 04").status()).isNotNull();
      FakeCommand fault = FakeCommand.of("28 00 7FFFFFFF 00 0001 04").expectsIn(512);
      assertThat(bench.run(fault).status()).isEqualTo(ScsiStatus.CHECK_CONDITION);
      FakeCommand sanitize =
          FakeCommand.of("48 82 00 00 00 00 00 00 00 00").attribute(TaskAttribute.ACA);
      assertThat(bench.run(sanitize).status()).isEqualTo(GOOD);
      Thread.sleep(300);
      assertThat(store.waiting()).as("I/Os at the store while the write is under way").isEqualTo(1);
      write.hasEnded();
    }
  }

  @Test
  void anITNexusResetEndsAReservationOfSpc2() {
    try (Bench bench = Bench.withMemory(100)) {
      assertThat(bench.run("16 00 00 00 00 00").status()).isEqualTo(GOOD);
      bench.nexus.manage(TaskManagementFunction.I_T_NEXUS_RESET, 0, 0, answer -> {});
      assertThat(bench.unit.reservations().state().reservedBy()).isNull();
    }
  }
}
