// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.scsi.ScsiStatus.GOOD;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.jtgt.backstore.AllocationMap;
import org.jtgt.backstore.CryptoErase;
import org.jtgt.scsi.TaskManagementFunction;
import org.jtgt.scsi.TaskManagementResponse;
import org.jtgt.scsi.device.UnitMemory;
import org.jtgt.scsi.internal.sbc.BlockDevice;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** SANITIZE and FORMAT UNIT (SBC-3 5.24, 5.3, 4.11). */
class WholeMediumTest {
  private static final int BLOCKS = 5000;
  private static final String ERASE_AT_ONCE = "48 82 00 00 00 00 00 00 00 00";
  private static final String ERASE = "48 02 00 00 00 00 00 00 00 00";

  private final UnitMemory memory = UnitMemory.ofProcess();
  private Bench bench = new Bench(BlockDevice.Options.NONE, memory);

  @AfterEach
  void close() {
    bench.close();
  }

  private MemoryStore attach(MemoryStore store) {
    bench.engine.addStore("store0", store);
    bench.clearAttentions(bench.nexus);
    return store;
  }

  private FakeCommand overwrite(String byte1, String list) {
    byte[] bytes = java.util.HexFormat.of().parseHex(list.replace(" ", ""));
    return bench.run(
        FakeCommand.of("48 " + byte1 + " 00 00 00 00 00 %04X 00".formatted(bytes.length))
            .sends(bytes));
  }

  @Test
  void overwriteLeavesThePatternInEveryBlockAndReachesTheMedium() {
    MemoryStore store = attach(new MemoryStore(BLOCKS * 512));
    bench.write10(4998, Bench.pattern(2, 1));
    assertThat(overwrite("01", "01 00 0003 AABBCC").status()).isEqualTo(GOOD);
    byte[] block = bench.read10(4999, 1).data();
    for (int i = 0; i < 512; i++) {
      assertThat(block[i]).isEqualTo(new byte[] {(byte) 0xAA, (byte) 0xBB, (byte) 0xCC}[i % 3]);
    }
    assertThat(bench.read10(0, 1).data()).isEqualTo(block);
    store.dropWhatWasNotFlushed();
    assertThat(store.content(2500, 1)).isEqualTo(block);
  }

  @Test
  void everySecondPassOfAnInvertingOverwriteWritesTheComplement() {
    attach(new MemoryStore(BLOCKS * 512));
    assertThat(overwrite("01", "82 00 0001 0F").status()).isEqualTo(GOOD);
    assertThat(bench.read10(4999, 1).data()).containsOnly(0xF0);
    assertThat(overwrite("01", "83 00 0001 0F").status()).isEqualTo(GOOD);
    assertThat(bench.read10(17, 1).data()).containsOnly(0x0F);
  }

  @Test
  void aWrongParameterListChangesNothing() {
    attach(new MemoryStore(BLOCKS * 512));
    byte[] data = Bench.pattern(1, 2);
    bench.write10(7, data);
    assertThat(overwrite("01", "00 00 0001 AA").sense()).isEqualTo("5/26/00"); // count 0
    assertThat(overwrite("01", "21 00 0001 AA").sense()).isEqualTo("5/26/00"); // TEST
    assertThat(overwrite("01", "01 00 0002 AA").sense()).isEqualTo("5/26/00"); // not its length
    assertThat(overwrite("01", "01 00 0000 AA").sense()).isEqualTo("5/26/00");
    assertThat(bench.run("48 01 00 00 00 00 00 0004 00").sense()).isEqualTo("5/24/00");
    assertThat(bench.run("48 03 00 00 00 00 00 0000 00").sense()).isEqualTo("5/24/00"); // crypto
    assertThat(bench.run("48 02 00 00 00 00 00 0001 00").sense()).isEqualTo("5/24/00");
    assertThat(bench.run("48 42 00 00 00 00 00 0000 00").sense()).isEqualTo("5/24/00"); // ZNR
    assertThat(bench.read10(7, 1).data()).isEqualTo(data);
  }

  @Test
  void whileItRunsOthersAreRefusedAndProgressIsTold() {
    AsyncStore store = new AsyncStore(BLOCKS * 512);
    attach(store);
    assertThat(bench.run(ERASE_AT_ONCE).status()).isEqualTo(GOOD);
    assertThat(bench.run("00").sense()).isEqualTo("2/04/1B");
    assertThat(bench.read10(0, 1).sense()).isEqualTo("2/04/1B");
    assertThat(bench.run(ERASE).sense()).isEqualTo("2/04/1B");
    assertThat(bench.runIn("12 00 00 00 60 00", 96).status()).isEqualTo(GOOD);
    awaitWaiting(store);
    store.completeOne();
    awaitWaiting(store);
    store.completeOne();
    awaitWaiting(store);
    byte[] sense = bench.runIn("03 00 00 00 FC 00", 252).data();
    assertThat(sense[2]).isEqualTo((byte) 2);
    assertThat(Bench.hex(Arrays.copyOfRange(sense, 12, 14))).isEqualTo("041B");
    assertThat(sense[15]).isEqualTo((byte) 0x80);
    int progress = (sense[16] & 0xFF) << 8 | sense[17] & 0xFF;
    // Two of 2.44 pieces of a megabyte are done.
    assertThat(progress).isBetween(50_000, 60_000);
    end(store);
    assertThat(bench.run("00").status()).isEqualTo(GOOD);
    assertThat(store.content(0, BLOCKS)).containsOnly(0);
  }

  private static void awaitWaiting(AsyncStore store) {
    while (store.waiting() == 0) {
      Thread.onSpinWait();
    }
  }

  private void end(AsyncStore store) {
    while (!bench.run("00").status().equals(GOOD)) {
      store.completeAll();
    }
  }

  @Test
  void aResetDoesNotEndIt() {
    AsyncStore store = new AsyncStore(BLOCKS * 512);
    attach(store);
    FakeCommand waits = FakeCommand.of(ERASE);
    bench.nexus.execute(waits);
    awaitWaiting(store);
    CompletableFuture<TaskManagementResponse> answer = new CompletableFuture<>();
    bench.nexus.manage(TaskManagementFunction.LOGICAL_UNIT_RESET, 0, 0, answer::complete);
    assertThat(waits.await().wasAborted()).isTrue();
    // The thread that ends the command, a worker if it had not yet begun to wait, answers after
    // that.
    assertThat(answer)
        .succeedsWithin(Duration.ofSeconds(30))
        .isEqualTo(TaskManagementResponse.FUNCTION_COMPLETE);
    bench.clearAttentions(bench.nexus);
    assertThat(bench.run("00").sense()).isEqualTo("2/04/1B");
    end(store);
    assertThat(memory.load("medium")).isEmpty();
  }

  @Test
  void aWriteThatBeganBeforeEndsBeforeTheFirstBlockIsErasedAndALaterOneIsRefused() {
    AsyncStore store = new AsyncStore(BLOCKS * 512);
    attach(store);
    FakeCommand early = Bench.write10Command(100, Bench.pattern(1, 3));
    FakeCommand late = Bench.write10Command(200, Bench.pattern(1, 4)).withDataLater();
    bench.nexus.execute(early);
    bench.nexus.execute(late);
    assertThat(bench.run(ERASE_AT_ONCE).status()).isEqualTo(GOOD);
    assertThat(store.waiting()).isEqualTo(1); // the early write alone
    late.dataArrives(); // waits for its range, behind the operation that waits for the early one
    store.completeOne();
    assertThat(early.status()).isEqualTo(GOOD);
    assertThat(late.sense()).isEqualTo("2/04/1B");
    end(store);
    assertThat(store.content(0, BLOCKS)).containsOnly(0);
  }

  /** A store whose content cannot be read any more when its key is gone. */
  private static class EncryptedStore extends MemoryStore implements CryptoErase {
    int keys;

    EncryptedStore() {
      super(BLOCKS * 512);
    }

    @Override
    public void eraseKey() throws IOException {
      IOException now = failure;
      if (now != null) {
        throw now;
      }
      keys++;
      fill((byte) 0xD1);
    }
  }

  private static final String CRYPTO = "48 03 00 00 00 00 00 0000 00";

  @Test
  void aCryptographicEraseMakesTheStoreForgetItsKeyAndLeavesZerosThatHoldNoSpace() {
    EncryptedStore store = new EncryptedStore();
    attach(store);
    bench.write10(17, Bench.pattern(1, 2));
    assertThat(bench.run("48 03 00 00 00 00 00 0001 00").sense()).isEqualTo("5/24/00");
    assertThat(store.keys).isZero();
    assertThat(bench.run(CRYPTO).status()).isEqualTo(GOOD);
    assertThat(store.keys).isOne();
    assertThat(store.content(0, BLOCKS)).containsOnly(0);
    assertThat(store.extentAt(0)).isEqualTo(new AllocationMap.Extent(BLOCKS * 512L, false));
    assertThat(memory.load("medium")).isEmpty();
  }

  @Test
  void aCryptographicEraseIsClaimedAndToldWhereTheStoreOffersItOnly() {
    String supported = "A3 0C 03 48 00 03 00 00 00 FF 00 00";
    attach(new MemoryStore(BLOCKS * 512));
    assertThat(bench.runIn(supported, 255).data()[1] & 7).isEqualTo(1);
    assertThat(bench.runIn("12 01 B1 00 40 00", 64).data()[7]).isEqualTo((byte) 0x40);
    bench.close();
    bench = new Bench(BlockDevice.Options.NONE, memory);
    attach(new EncryptedStore());
    assertThat(bench.runIn(supported, 255).data()[1] & 7).isEqualTo(3);
    // WABEREQ and WACEREQ 01b (SBC-4 6.6.2): blocks can be read after either.
    assertThat(bench.runIn("12 01 B1 00 40 00", 64).data()[7]).isEqualTo((byte) 0x50);
  }

  @Test
  void aKeyThatCouldNotBeErasedLeavesTheUnitInFailureModeUntilItIs() {
    EncryptedStore store = new EncryptedStore();
    attach(store);
    store.failure = new IOException("no key file");
    assertThat(bench.run(CRYPTO).sense()).isEqualTo("3/31/03");
    store.failure = null;
    assertThat(bench.read10(0, 1).sense()).isEqualTo("3/31/03");
    assertThat(bench.run(CRYPTO).status()).isEqualTo(GOOD);
    assertThat(bench.read10(0, 1).data()).containsOnly(0);
  }

  @Test
  void aRestartInTheMiddleErasesTheKeyAgain() {
    EncryptedStore store = new EncryptedStore();
    store.failure = new IOException("power is failing");
    attach(store);
    // As a restart finds it: ordered and kept, and not known to have ended.
    assertThat(bench.run(CRYPTO).sense()).isEqualTo("3/31/03");
    bench.close();
    store.failure = null;
    bench = new Bench(BlockDevice.Options.NONE, memory);
    attach(store);
    bench.clock.advance(Duration.ofMillis(1));
    while (!bench.run("00").status().equals(GOOD)) {
      Thread.onSpinWait();
    }
    assertThat(store.keys).isOne();
    assertThat(store.content(0, BLOCKS)).containsOnly(0);
  }

  @Test
  void aFailureIsTermedSoUntilItIsLeft() {
    MemoryStore store = attach(new MemoryStore(BLOCKS * 512));
    store.failure = new IOException("broken");
    assertThat(bench.run(ERASE).sense()).isEqualTo("3/31/03");
    store.failure = null;
    assertThat(bench.read10(0, 1).sense()).isEqualTo("3/31/03");
    // Without AUSE only another sanitize operation leaves it.
    assertThat(bench.run("48 1F 00 00 00 00 00 00 00 00").sense()).isEqualTo("5/24/00");
    assertThat(bench.run("48 22 00 00 00 00 00 00 00 00").sense()).isEqualTo("5/24/00");
    assertThat(bench.run("04 00 00 00 00 00").sense()).isEqualTo("3/31/03");
    assertThat(bench.run(ERASE).status()).isEqualTo(GOOD);
    assertThat(bench.read10(0, 1).status()).isEqualTo(GOOD);

    store.failure = new IOException("broken");
    assertThat(bench.run("48 22 00 00 00 00 00 00 00 00").sense()).isEqualTo("3/31/03");
    store.failure = null;
    assertThat(bench.run("48 1F 00 00 00 00 00 00 00 00").status()).isEqualTo(GOOD);
    assertThat(bench.read10(0, 1).status()).isEqualTo(GOOD);
  }

  @Test
  void aRestartInTheMiddleBeginsItAgain() {
    AsyncStore store = new AsyncStore(BLOCKS * 512);
    attach(store);
    assertThat(bench.run(ERASE_AT_ONCE).status()).isEqualTo(GOOD);
    awaitWaiting(store);
    bench.close();

    bench = new Bench(BlockDevice.Options.NONE, memory);
    MemoryStore after = new MemoryStore(BLOCKS * 512);
    after.identity = "memory-1";
    after.fill((byte) 0x55);
    attach(after);
    assertThat(bench.read10(0, 1).sense()).isEqualTo("2/04/1B");
    bench.clock.advance(Duration.ofMillis(1));
    while (!bench.run("00").status().equals(GOOD)) {
      Thread.onSpinWait();
    }
    assertThat(after.content(0, BLOCKS)).containsOnly(0);
    assertThat(memory.load("medium")).isEmpty();
  }

  @Test
  void formatLeavesZerosAndAThinUnitWithoutSpace() {
    MemoryStore store = attach(new MemoryStore(BLOCKS * 512));
    bench.write10(0, Bench.pattern(100, 5));
    assertThat(bench.run("04 00 00 00 00 00").status()).isEqualTo(GOOD);
    assertThat(store.content(0, BLOCKS)).containsOnly(0);
    assertThat(store.extentAt(0).mapped()).isFalse();
    FakeCommand immediate = FakeCommand.of("04 10 00 00 00 00").sends(new byte[] {0, 2, 0, 0});
    assertThat(bench.run(immediate).status()).isEqualTo(GOOD);
    FakeCommand defects = FakeCommand.of("04 10 00 00 00 00").sends(new byte[] {0, 0, 0, 4});
    while (bench.run("00").sense().equals("2/04/04")) {
      Thread.onSpinWait();
    }
    assertThat(bench.run(defects).sense()).isEqualTo("5/26/00");
    assertThat(bench.run("04 80 00 00 00 00").sense()).isEqualTo("5/24/00"); // FMTPINFO
  }

  @Test
  void aFormatBrokenByARestartLeavesTheMediumCorrupted() {
    AsyncStore store = new AsyncStore(BLOCKS * 512);
    attach(store);
    FakeCommand format = FakeCommand.of("04 00 00 00 00 00");
    bench.nexus.execute(format);
    awaitWaiting(store);
    assertThat(bench.run("00").sense()).isEqualTo("2/04/04");
    bench.close();
    bench = new Bench(BlockDevice.Options.NONE, memory);
    attach(new MemoryStore(BLOCKS * 512));
    assertThat(bench.read10(0, 1).sense()).isEqualTo("3/31/00");
    assertThat(bench.run("04 00 00 00 00 00").status()).isEqualTo(GOOD);
    assertThat(bench.read10(0, 1).status()).isEqualTo(GOOD);
  }
}
