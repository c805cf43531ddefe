// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.scsi.ScsiStatus.GOOD;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicInteger;
import org.jtgt.backstore.FreeSpace;
import org.jtgt.scsi.device.UnitMemory;
import org.jtgt.scsi.internal.sbc.BlockDevice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Resources of a thin unit and its soft threshold (SBC-3 4.7.3.8, 6.4.5, 6.5.9). */
@Timeout(60)
class ThinProvisioningTest {
  private static final int MIB = 1 << 20;
  private static final String READY = "00";

  /** A thin store of 8 MiB that says how much it holds. */
  private static final class Thin extends MemoryStore implements FreeSpace {
    volatile long allocated;
    final AtomicInteger looks = new AtomicInteger();

    Thin() {
      super(8 * MIB);
    }

    @Override
    public long allocatedBytes() {
      looks.incrementAndGet();
      return allocated;
    }

    @Override
    public long freeBytes() {
      return 8L * MIB - allocated;
    }

    @Override
    public int physicalBlockBytes() {
      return 4096;
    }
  }

  private final Thin store = new Thin();

  private Bench bench(int thresholdPercent) {
    Bench bench =
        new Bench(new BlockDevice.Options(false, thresholdPercent), UnitMemory.ofProcess());
    bench.engine.addStore("store0", store);
    bench.clearAttentions(bench.nexus);
    return bench;
  }

  /** The time between two looks goes by, and one look is over. */
  private void look(Bench bench) {
    int before = store.looks.get();
    while (store.looks.get() == before) {
      bench.clock.advance(Duration.ofSeconds(10));
      Thread.onSpinWait();
    }
    // The one under way has counted, and told.
    int seen = store.looks.get();
    while (store.looks.get() == seen) {
      bench.clock.advance(Duration.ofSeconds(10));
      Thread.onSpinWait();
    }
  }

  /** ENABLED and THRESHOLD COUNT of the Logical Block Provisioning mode page. */
  private static FakeCommand threshold(int count) {
    String descriptor = "81020000" + "%08X".formatted(count);
    byte[] list =
        HexFormat.of().parseHex("00".repeat(8) + "5C020014" + "00".repeat(12) + descriptor);
    return FakeCommand.of("55 10 00 00 00 00 00 00 20 00").sends(list);
  }

  @Test
  void theThresholdThatAnInitiatorSetsIsToldOnceToEveryNexusWhenItIsCrossed() {
    try (Bench bench = bench(0)) {
      Nexus other = bench.connect("b");
      // Three threshold sets of 2^11 blocks are 3 MiB.
      assertThat(bench.runIn("12 01 B2 00 08 00", 8).data()[4]).isEqualTo((byte) 11);
      assertThat(bench.run(threshold(3)).status()).isEqualTo(GOOD);
      bench.clearAttentions(other);
      store.allocated = 3 * MIB - 1;
      look(bench);
      assertThat(bench.run(READY).status()).isEqualTo(GOOD);
      store.allocated = 3 * MIB;
      look(bench);
      assertThat(bench.run(READY).sense()).isEqualTo("6/38/07");
      assertThat(bench.run(other, FakeCommand.of(READY)).sense()).isEqualTo("6/38/07");
      store.allocated = 5 * MIB;
      look(bench);
      assertThat(bench.run(READY).status()).as("told already").isEqualTo(GOOD);
      store.allocated = MIB;
      look(bench);
      store.allocated = 4 * MIB;
      look(bench);
      assertThat(bench.run(READY).sense()).as("crossed anew").isEqualTo("6/38/07");
    }
  }

  @Test
  void theOperatorsThresholdIsToldWithoutAnyModePage() {
    try (Bench bench = bench(50)) {
      store.allocated = 4 * MIB - 4096;
      look(bench);
      assertThat(bench.run(READY).status()).isEqualTo(GOOD);
      store.allocated = 4 * MIB;
      look(bench);
      assertThat(bench.run(READY).sense()).isEqualTo("6/38/07");
    }
  }

  @Test
  void theLogPageTellsWhatIsFreeAndWhatIsUsedInThresholdSets() {
    try (Bench bench = bench(0)) {
      store.allocated = 2 * MIB + 1;
      ByteBuffer page = ByteBuffer.wrap(bench.runIn("4D 00 4C 00 00 00 00 00 FF 00", 255).data());
      assertThat(page.getShort(4)).isEqualTo((short) 1); // available
      assertThat(page.getInt(8)).isEqualTo(5); // whole sets
      assertThat(page.getShort(16)).isEqualTo((short) 2); // used
      assertThat(page.getInt(20)).isEqualTo(3); // begun ones count
    }
  }

  /** 512e: blocks of 512 bytes on physical ones of 4096 (SBC-3 5.16.2, 6.6.4). */
  @Test
  void aStoreOfLargerPhysicalBlocksIsToldAsSuch() {
    try (Bench bench = bench(0)) {
      byte[] capacity = bench.runIn("9E 10 0000000000000000 00000020 00 00", 32).data();
      assertThat(ByteBuffer.wrap(capacity).getInt(8)).isEqualTo(512);
      assertThat(capacity[13]).as("LOGICAL BLOCKS PER PHYSICAL BLOCK EXPONENT").isEqualTo((byte) 3);
      assertThat(capacity[15]).as("LOWEST ALIGNED LOGICAL BLOCK ADDRESS").isZero();
      byte[] limits = bench.runIn("12 01 B0 00 40 00", 64).data();
      assertThat(limits[7]).as("OPTIMAL TRANSFER LENGTH GRANULARITY").isEqualTo((byte) 8);
    }
  }
}
