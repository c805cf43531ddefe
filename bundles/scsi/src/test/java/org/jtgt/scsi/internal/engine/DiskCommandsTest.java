// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.scsi.ScsiStatus.CONDITION_MET;
import static org.jtgt.scsi.ScsiStatus.GOOD;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jtgt.scsi.device.UnitMemory;
import org.jtgt.scsi.internal.sbc.BlockDevice;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What SBC-3 asks of a disk beside reading, writing and going over the whole medium. */
class DiskCommandsTest {
  private final Bench bench = new Bench(new BlockDevice.Options(true, 0), UnitMemory.ofProcess());
  private final MemoryStore store = new MemoryStore(2000 * 512);

  DiskCommandsTest() {
    store.atomicUnitBytes = 4096;
    bench.engine.addStore("store0", store);
    bench.clearAttentions(bench.nexus);
  }

  @AfterEach
  void close() {
    bench.close();
  }

  /** A CDB of 32 bytes; flags go to byte 10. */
  private static String wide(int action, int flags, long lba, int blocks) {
    return "7F 00 00 00 00 00 00 18 %04X %02X 00 %016X 00000000 0000 0000 %08X"
        .formatted(action, flags, lba, blocks);
  }

  @Test
  void theCommandsOf32BytesMoveTheSameBlocks() {
    byte[] data = Bench.pattern(3, 1);
    assertThat(bench.run(FakeCommand.of(wide(0x0B, 0x08, 1997, 3)).sends(data)).status())
        .isEqualTo(GOOD);
    assertThat(store.content(1997, 3)).isEqualTo(data);
    assertThat(bench.runIn(wide(0x09, 0, 1997, 3), 1536).data()).isEqualTo(data);
    assertThat(bench.run(FakeCommand.of(wide(0x0A, 0x02, 1997, 3)).sends(data)).status())
        .isEqualTo(GOOD);
    byte[] other = data.clone();
    other[600] ^= 1;
    FakeCommand wrong = bench.run(FakeCommand.of(wide(0x0A, 0x02, 1997, 3)).sends(other));
    assertThat(wrong.sense()).isEqualTo("E/1D/00");
    assertThat(bench.run(FakeCommand.of(wide(0x0C, 0x02, 10, 3)).sends(other)).status())
        .isEqualTo(GOOD);
    assertThat(store.content(10, 3)).isEqualTo(other);
    byte[] block = Bench.pattern(1, 2);
    assertThat(bench.run(FakeCommand.of(wide(0x0D, 0, 20, 4)).sends(block)).status())
        .isEqualTo(GOOD);
    assertThat(store.content(23, 1)).isEqualTo(block);
    assertThat(bench.run(wide(0x0D, 0x01, 20, 4)).status()).isEqualTo(GOOD); // NDOB
    assertThat(store.content(20, 4)).containsOnly(0);
    assertThat(bench.runIn(wide(0x09, 0, 1998, 3), 1536).sense()).isEqualTo("5/21/00");
  }

  @Test
  void aCommandOf32BytesThatIsNotWholeOrNotKnownIsRefused() {
    assertThat(bench.runIn(wide(0x1F, 0, 0, 1), 512).sense()).isEqualTo("5/24/00");
    assertThat(bench.runIn(wide(0x1000, 0, 0, 1), 512).sense()).isEqualTo("5/24/00");
    // Only 16 of its bytes came.
    assertThat(bench.runIn("7F 00 00 00 00 00 00 18 0009 00 00 00000000", 512).sense())
        .isEqualTo("5/24/00");
    // RDPROTECT
    FakeCommand read = bench.runIn(wide(0x09, 0x20, 0, 1), 512);
    assertThat(read.sense()).isEqualTo("5/24/00");
    assertThat(Arrays.copyOfRange(read.senseData(), 15, 18)).containsExactly(0xCD, 0, 10);
  }

  @Test
  void reportSupportedOperationCodesKnowsThemByTheirServiceAction() {
    byte[] one = bench.runIn("A3 0C 02 7F 0009 00000100 00 00", 256).data();
    assertThat(one[1]).isEqualTo((byte) 3);
    assertThat(ByteBuffer.wrap(one).getShort(2)).isEqualTo((short) 32);
    assertThat(Bench.hex(one)).startsWith("00030020" + "7F04000000003F18000918");
    assertThat(bench.runIn("A3 0C 02 7F 0011 00000100 00 00", 256).data()[1]).isEqualTo((byte) 1);
  }

  @Test
  void anAtomicWriteIsTakenUpToTheStoresUnit() {
    byte[] limits = bench.runIn("12 01 B0 00 FF 00", 255).data();
    assertThat(ByteBuffer.wrap(limits).getInt(44)).isEqualTo(8);
    byte[] data = Bench.pattern(8, 3);
    String cdb = "9C 00 0000000000000005 0000 %04X 00 00";
    assertThat(bench.run(FakeCommand.of(cdb.formatted(8)).sends(data)).status()).isEqualTo(GOOD);
    assertThat(store.content(5, 8)).isEqualTo(data);
    assertThat(bench.run(FakeCommand.of(cdb.formatted(9)).sends(new byte[9 * 512])).sense())
        .isEqualTo("5/24/00");
    assertThat(
            bench.run(FakeCommand.of("9C 00 0000000000000005 0004 0008 00 00").sends(data)).sense())
        .isEqualTo("5/24/00");
    Bench plain = Bench.withMemory(100);
    assertThat(plain.run(FakeCommand.of(cdb.formatted(8)).sends(data)).sense())
        .isEqualTo("5/20/00");
    byte[] none = plain.runIn("12 01 B0 00 FF 00", 255).data();
    assertThat(ByteBuffer.wrap(none).getInt(44)).isZero();
    plain.close();
  }

  @Test
  void anAnchoredBlockReadsAsZerosAndKeepsItsSpace() {
    bench.write10(0, Bench.pattern(8, 4));
    assertThat(bench.run("93 19 0000000000000000 00000002 00 00").status()).isEqualTo(GOOD);
    assertThat(store.content(0, 2)).containsOnly(0);
    assertThat(store.extentAt(0).mapped()).isTrue();
    byte[] list = new byte[24];
    ByteBuffer.wrap(list).putShort((short) 22).putShort((short) 16).putLong(8, 4).putInt(16, 2);
    assertThat(bench.run(FakeCommand.of("42 01 00000000 00 0018 00").sends(list)).status())
        .isEqualTo(GOOD);
    assertThat(store.content(4, 2)).containsOnly(0);
    assertThat(store.extentAt(4 * 512).mapped()).isTrue();
    assertThat(bench.run(FakeCommand.of("42 00 00000000 00 0018 00").sends(list)).status())
        .isEqualTo(GOOD);
    assertThat(store.extentAt(4 * 512).mapped()).isFalse();
    assertThat(bench.run("93 11 0000000000000000 00000002 00 00").sense()).isEqualTo("5/24/00");
  }

  @Test
  void preFetchMeetsItsConditionAndGivesUpAtTheEnd() {
    assertThat(bench.run("34 00 00000000 00 0010 00").status()).isEqualTo(CONDITION_MET);
    assertThat(bench.run("90 02 0000000000000000 00000000 00 00").status())
        .isEqualTo(CONDITION_MET);
    assertThat(bench.run("34 00 000007D0 00 0001 00").sense()).isEqualTo("5/21/00");
  }

  @Test
  void anImmediateSynchronizeCacheFlushesAllTheSame() {
    int before = store.flushes.get();
    assertThat(bench.run("35 02 00000000 00 0000 00").status()).isEqualTo(GOOD);
    while (store.flushes.get() == before) {
      Thread.onSpinWait();
    }
  }

  @Test
  void defectListsAreEmpty() {
    assertThat(Bench.hex(bench.runIn("37 00 1D 00 00 00 00 00 FF 00", 255).data()))
        .isEqualTo("001D0000");
    assertThat(Bench.hex(bench.runIn("B7 0D 00 00 00 00 00 00 00 FF 00 00", 255).data()))
        .isEqualTo("000D000000000000");
  }

  // --- the medium leaves and comes ---

  @Test
  void aPreventedMediumStaysUntilNobodyPreventsIt() {
    Nexus other = bench.connect("b");
    bench.clearAttentions(other);
    assertThat(bench.runIn("12 00 00 00 60 00", 96).data()[1]).isEqualTo((byte) 0x80);
    assertThat(bench.run("1E 00 00 00 01 00").status()).isEqualTo(GOOD);
    assertThat(bench.run(other, FakeCommand.of("1B 00 00 00 02 00")).sense()).isEqualTo("5/53/02");
    assertThat(bench.run("1E 00 00 00 00 00").status()).isEqualTo(GOOD);
    assertThat(bench.run(other, FakeCommand.of("1B 00 00 00 02 00")).status()).isEqualTo(GOOD);
    assertThat(bench.run("00").sense()).isEqualTo("2/3A/00");
    assertThat(bench.read10(0, 1).sense()).isEqualTo("2/3A/00");
    assertThat(bench.run("1B 00 00 00 01 00").sense()).isEqualTo("2/3A/00");
    assertThat(bench.run(other, FakeCommand.of("1B 00 00 00 03 00")).status()).isEqualTo(GOOD);
    assertThat(bench.run("00").sense()).isEqualTo("6/28/00");
    assertThat(bench.run("00").status()).isEqualTo(GOOD);
    assertThat(bench.run(other, FakeCommand.of("00")).status()).isEqualTo(GOOD);
  }

  @Test
  void whatPreventedGoesWithItsNexusAndWithAReset() {
    Nexus other = bench.connect("b");
    bench.clearAttentions(other);
    bench.run(other, FakeCommand.of("1E 00 00 00 01 00"));
    other.close(() -> {});
    assertThat(bench.run("1B 00 00 00 02 00").status()).isEqualTo(GOOD);
    assertThat(bench.run("1B 00 00 00 03 00").status()).isEqualTo(GOOD);
    bench.run("1E 00 00 00 01 00");
    bench.nexus.manage(
        org.jtgt.scsi.TaskManagementFunction.LOGICAL_UNIT_RESET, 0, 0, response -> {});
    bench.clearAttentions(bench.nexus);
    assertThat(bench.run("1B 00 00 00 02 00").status()).isEqualTo(GOOD);
  }

  @Test
  void aFixedMediumIsNeitherEjectedNorPrevented() {
    Bench fixed = Bench.withMemory(100);
    assertThat(fixed.run("1B 00 00 00 02 00").sense()).isEqualTo("5/24/00");
    assertThat(fixed.run("1E 00 00 00 01 00").sense()).isEqualTo("5/20/00");
    fixed.close();
  }

  @Test
  void lowPowerIsToldByRequestSenseAndEndsWithARead() {
    assertThat(bench.run("1B 00 00 01 30 00").status()).isEqualTo(GOOD);
    byte[] sense = bench.runIn("03 00 00 00 FC 00", 252).data();
    assertThat(Bench.hex(Arrays.copyOfRange(sense, 12, 14))).isEqualTo("5E0A");
    assertThat(bench.read10(0, 1).status()).isEqualTo(GOOD);
    assertThat(Bench.hex(bench.runIn("03 00 00 00 FC 00", 252).data()).substring(24, 28))
        .isEqualTo("0000");
    assertThat(bench.run("1B 00 00 03 20 00").sense()).isEqualTo("5/24/00");
    assertThat(bench.run("1B 00 00 00 40 00").sense()).isEqualTo("5/24/00");
  }
}
