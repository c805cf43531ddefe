// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.scsi.ScsiStatus.GOOD;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BlockCommandsTest {
  private final Bench bench = new Bench();
  private final MemoryStore store = new MemoryStore(2000 * 512);

  BlockCommandsTest() {
    bench.engine.addStore("store0", store);
    bench.clearAttentions(bench.nexus);
  }

  @AfterEach
  void close() {
    bench.close();
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  // --- limits and residuals ---

  @Test
  void everyBlockCommandBeyondTheEndIsOutOfRange() {
    byte[] block = new byte[1024];
    for (String opcode : new String[] {"28", "2A", "2E", "2F", "35", "34", "41"}) {
      assertThat(bench.run(FakeCommand.of(opcode + "00 000007D1 00 0001 00").sends(block)).sense())
          .as(opcode)
          .isEqualTo("5/21/00");
    }
    for (String opcode : new String[] {"A8", "AA", "AE", "AF"}) {
      assertThat(
              bench.run(FakeCommand.of(opcode + "00 FFFFFFFF 00000001 00 00").sends(block)).sense())
          .as(opcode)
          .isEqualTo("5/21/00");
    }
    for (String opcode : new String[] {"88", "8A", "8B", "8E", "8F", "91", "90", "93"}) {
      assertThat(
              bench
                  .run(FakeCommand.of(opcode + "00 FFFFFFFFFFFFFFFF 00000002 00 00").sends(block))
                  .sense())
          .as(opcode)
          .isEqualTo("5/21/00");
    }
    assertThat(
            bench
                .run(FakeCommand.of("89 00 00000000000007D0 000000 01 00 00").sends(block))
                .sense())
        .isEqualTo("5/21/00");
    assertThat(bench.runIn("9E 12 00000000000007D0 00000100 00 00", 256).sense())
        .isEqualTo("5/21/00");
  }

  @Test
  void zeroBlocksAreGoodAndMoveNothing() {
    for (String cdb :
        new String[] {
          "28 00 000007D0 00 0000 00",
          "2A 00 00000000 00 0000 00",
          "2F 02 00000000 00 0000 00",
          "2E 02 00000000 00 0000 00",
          "89 00 0000000000000000 000000 00 00 00"
        }) {
      assertThat(bench.run(cdb).status()).as(cdb).isEqualTo(GOOD);
    }
  }

  @Test
  void aReadTellsWhatItIsAboutWhenTheInitiatorExpectsLess() {
    FakeCommand read = bench.run(FakeCommand.of("28 00 00000000 00 0002 00").expectsIn(700));
    assertThat(read.status()).isEqualTo(GOOD);
    assertThat(read.requiredIn()).isEqualTo(1024);
    assertThat(read.data()).hasSize(700);
    FakeCommand none = bench.run(FakeCommand.of("28 00 00000000 00 0001 00"));
    assertThat(none.status()).isEqualTo(GOOD);
    assertThat(none.requiredIn()).isEqualTo(512);
  }

  @Test
  void aWriteStoresOnlyTheWholeBlocksThatTheInitiatorSends() {
    byte[] data = Bench.pattern(2, 3);
    FakeCommand write =
        bench.run(FakeCommand.of("2A 00 00000005 00 0002 00").sends(Arrays.copyOf(data, 700)));
    assertThat(write.status()).isEqualTo(GOOD);
    assertThat(write.requiredOut()).isEqualTo(1024);
    assertThat(store.content(5, 1)).isEqualTo(Arrays.copyOf(data, 512));
    assertThat(store.content(6, 1)).containsOnly(0);
  }

  @Test
  void aTransferLongerThanTheBlockLimitsPageSaysIsRefused() {
    byte[] limits = bench.runIn("12 01 B0 00 FF 00", 255).data();
    assertThat(ByteBuffer.wrap(limits).getInt(8)).isEqualTo((8 << 20) / 512);
    Bench small = new Bench(Bench.settings(), 1 << 20);
    small.engine.addStore("store0", new MemoryStore(2000 * 512));
    small.clearAttentions(small.nexus);
    assertThat(small.read10(0, 512).status()).isEqualTo(GOOD);
    assertThat(small.read10(0, 513).sense()).isEqualTo("5/24/00");
    small.close();
  }

  // --- what the standards refuse ---

  @Test
  void protectionAndReservedBitsPointAtTheirField() {
    FakeCommand read = bench.run(FakeCommand.of("28 20 00000000 00 0001 00").expectsIn(512));
    assertThat(read.sense()).isEqualTo("5/24/00");
    // SKSV, C/D, BPV, bit 5, byte 1
    assertThat(Arrays.copyOfRange(read.senseData(), 15, 18)).containsExactly(0xCD, 0, 1);
    assertThat(bench.run("00 00 00 00 00 01").sense()).isEqualTo("5/24/00");
    assertThat(bench.run("91 00 0000000000000000 00000000 00 01").sense()).isEqualTo("5/24/00");
  }

  @Test
  void unknownOpcodesAndServiceActionsAreToldApart() {
    assertThat(bench.run("FF").sense()).isEqualTo("5/20/00");
    assertThat(bench.run("9E 1F").sense()).isEqualTo("5/24/00");
  }

  @Test
  void aReadOnlyStoreRefusesEveryWrite() {
    store.readOnly = true;
    Bench other = new Bench();
    other.engine.addStore("store0", store);
    other.clearAttentions(other.nexus);
    byte[] block = new byte[1024];
    for (String cdb :
        new String[] {
          "0A 00 00 00 01 00",
          "2A 00 00000000 00 0001 00",
          "AA 00 00000000 00000001 00 00",
          "8A 00 0000000000000000 00000001 00 00",
          "2E 00 00000000 00 0001 00",
          "41 00 00000000 00 0001 00",
          "93 00 0000000000000000 00000001 00 00",
          "89 00 0000000000000000 000000 01 00 00",
          "8B 00 0000000000000000 00000001 00 00",
          "42 00 00 00 00 00 00 00 18 00"
        }) {
      assertThat(other.run(FakeCommand.of(cdb).sends(block)).sense()).as(cdb).isEqualTo("7/27/00");
    }
    assertThat(other.runIn("1A 08 3F 00 FF 00", 255).data()[2]).isEqualTo((byte) 0x90);
    assertThat(other.read10(0, 1).status()).isEqualTo(GOOD);
    other.close();
  }

  // --- stable storage ---

  @Test
  void fuaAndSynchronizeCacheReachStableStorageAndAPlainWriteNeedNot() {
    byte[] data = Bench.pattern(1, 4);
    bench.write10(0, data);
    store.dropWhatWasNotFlushed();
    assertThat(store.content(0, 1)).containsOnly(0);

    bench.write10(0, data);
    assertThat(bench.run("35 00 00000000 00 0000 00").status()).isEqualTo(GOOD);
    store.dropWhatWasNotFlushed();
    assertThat(store.content(0, 1)).isEqualTo(data);

    bench.run(FakeCommand.of("2A 08 00000001 00 0001 00").sends(data));
    store.dropWhatWasNotFlushed();
    assertThat(store.content(1, 1)).isEqualTo(data);
  }

  @Test
  void withTheWriteCacheOffEveryWriteIsStable() {
    byte[] page = new byte[24];
    page[4] = 0x08;
    page[5] = 0x12;
    assertThat(bench.run(FakeCommand.of("15 10 00 00 18 00").sends(page)).status()).isEqualTo(GOOD);
    assertThat(bench.runIn("1A 08 08 00 FF 00", 255).data()[6]).isZero();
    byte[] data = Bench.pattern(1, 5);
    bench.write10(3, data);
    store.dropWhatWasNotFlushed();
    assertThat(store.content(3, 1)).isEqualTo(data);
  }

  // --- compare ---

  @Test
  void verifyComparesAndTellsWhereTheFirstDifferenceIs() {
    byte[] data = Bench.pattern(4, 6);
    bench.write10(10, data);
    assertThat(bench.run(FakeCommand.of("2F 02 0000000A 00 0004 00").sends(data)).status())
        .isEqualTo(GOOD);
    data[1000] ^= 1;
    FakeCommand wrong =
        bench.run(FakeCommand.of("2F 02 0000000A 00 0004 00").sends(data).inBuffersOf(300));
    assertThat(wrong.sense()).isEqualTo("E/1D/00");
    assertThat(ByteBuffer.wrap(wrong.senseData()).getInt(3)).isEqualTo(1000);
    assertThat(bench.run("2F 00 0000000A 00 0004 00").status()).isEqualTo(GOOD);
  }

  @Test
  void verifyWithOneBlockComparesItWithEachOfTheRange() {
    byte[] block = Bench.pattern(1, 7);
    bench.write10(20, concat(block, block));
    assertThat(bench.run(FakeCommand.of("2F 06 00000014 00 0002 00").sends(block)).status())
        .isEqualTo(GOOD);
    assertThat(bench.run(FakeCommand.of("2F 06 00000014 00 0003 00").sends(block)).sense())
        .isEqualTo("E/1D/00");
    assertThat(bench.run(FakeCommand.of("2F 04 00000014 00 0001 00").sends(block)).sense())
        .isEqualTo("5/24/00");
  }

  @Test
  void compareAndWriteWritesOnlyWhatCompares() {
    byte[] zero = new byte[512];
    byte[] data = Bench.pattern(1, 8);
    String cdb = "89 00 0000000000000009 000000 01 00 00";
    assertThat(bench.run(FakeCommand.of(cdb).sends(concat(zero, data))).status()).isEqualTo(GOOD);
    assertThat(store.content(9, 1)).isEqualTo(data);
    FakeCommand again = bench.run(FakeCommand.of(cdb).sends(concat(zero, data)));
    assertThat(again.sense()).isEqualTo("E/1D/00");
    assertThat(store.content(9, 1)).isEqualTo(data);
  }

  @Test
  void orWriteOrs() {
    byte[] first = Bench.pattern(1, 9);
    byte[] second = Bench.pattern(1, 10);
    bench.write10(0, first);
    assertThat(
            bench
                .run(FakeCommand.of("8B 00 0000000000000000 00000001 00 00").sends(second))
                .status())
        .isEqualTo(GOOD);
    for (int i = 0; i < 512; i++) {
      first[i] |= second[i];
    }
    assertThat(store.content(0, 1)).isEqualTo(first);
  }

  @Test
  void writeAndVerifyIsOnStableStorage() {
    byte[] data = Bench.pattern(3, 11);
    FakeCommand write =
        bench.run(FakeCommand.of("2E 02 00000001 00 0003 00").sends(data).inBuffersOf(333));
    assertThat(write.status()).isEqualTo(GOOD);
    assertThat(write.requiredOut()).isEqualTo(1536);
    store.dropWhatWasNotFlushed();
    assertThat(store.content(1, 3)).isEqualTo(data);
  }

  // --- provisioning ---

  @Test
  void writeSameWritesTheBlockAsOftenAsAsked() {
    byte[] block = Bench.pattern(1, 12);
    FakeCommand same = bench.run(FakeCommand.of("41 00 00000004 00 0003 00").sends(block));
    assertThat(same.status()).isEqualTo(GOOD);
    assertThat(same.requiredOut()).isEqualTo(512);
    for (int lba = 4; lba < 7; lba++) {
      assertThat(store.content(lba, 1)).isEqualTo(block);
    }
    assertThat(store.content(7, 1)).containsOnly(0);
    // Zero blocks: up to the last one.
    assertThat(bench.run(FakeCommand.of("41 00 000007CE 00 0000 00").sends(block)).status())
        .isEqualTo(GOOD);
    assertThat(store.content(1997, 1)).containsOnly(0);
    assertThat(store.content(1998, 1)).isEqualTo(block);
    assertThat(store.content(1999, 1)).isEqualTo(block);
    assertThat(bench.run(FakeCommand.of("41 10 00000004 00 0001 00").sends(block)).sense())
        .isEqualTo("5/24/00");
  }

  @Test
  void writeSameWithoutDataZeroes() {
    bench.write10(0, Bench.pattern(8, 13));
    assertThat(bench.run("93 01 0000000000000002 00000003 00 00").status()).isEqualTo(GOOD);
    assertThat(store.content(2, 3)).containsOnly(0);
    assertThat(bench.read10(1, 1).data())
        .isEqualTo(Arrays.copyOfRange(Bench.pattern(8, 13), 512, 1024));
  }

  @Test
  void unmapZeroesAndGetLbaStatusShowsIt() {
    bench.write10(0, Bench.pattern(10, 14));
    ByteBuffer list = ByteBuffer.allocate(40);
    list.putShort((short) 38).putShort((short) 32).putInt(0);
    list.putLong(2).putInt(3).putInt(0);
    list.putLong(8).putInt(1).putInt(0);
    assertThat(
            bench.run(FakeCommand.of("42 00 00 00 00 00 00 00 28 00").sends(list.array())).status())
        .isEqualTo(GOOD);
    assertThat(bench.read10(2, 3).data()).containsOnly(0);
    ByteBuffer status =
        ByteBuffer.wrap(bench.runIn("9E 12 0000000000000001 00000038 00 00", 56).data());
    assertThat(status.getInt(0)).isEqualTo(52);
    assertThat(status.getLong(8)).isEqualTo(1);
    assertThat(status.getInt(16)).isEqualTo(1);
    assertThat(status.get(20)).isEqualTo((byte) 0);
    assertThat(status.getLong(24)).isEqualTo(2);
    assertThat(status.getInt(32)).isEqualTo(3);
    assertThat(status.get(36)).isEqualTo((byte) 1);
  }

  @Test
  void anUnmapThatReachesBeyondTheEndUnmapsNothing() {
    byte[] data = Bench.pattern(1, 15);
    bench.write10(0, data);
    ByteBuffer list = ByteBuffer.allocate(40);
    list.putShort((short) 38).putShort((short) 32).putInt(0);
    list.putLong(0).putInt(1).putInt(0);
    list.putLong(1999).putInt(2).putInt(0);
    assertThat(
            bench.run(FakeCommand.of("42 00 00 00 00 00 00 00 28 00").sends(list.array())).sense())
        .isEqualTo("5/21/00");
    assertThat(store.content(0, 1)).isEqualTo(data);
    assertThat(
            bench.run(FakeCommand.of("42 00 00 00 00 00 00 00 07 00").sends(new byte[7])).sense())
        .isEqualTo("5/1A/00");
  }

  @Test
  void aThickUnitHasNoUnmapAndDoesNotListIt() {
    LuSettings thin = Bench.settings();
    LuSettings thick =
        new LuSettings(
            thin.name(),
            "",
            thin.store(),
            512,
            false,
            true,
            false,
            thin.holdTime(),
            thin.identity());
    Bench other = new Bench(thick);
    other.engine.addStore("store0", store);
    other.clearAttentions(other.nexus);
    assertThat(other.run("42 00 00 00 00 00 00 00 18 00").sense()).isEqualTo("5/20/00");
    assertThat(other.runIn("A3 0C 01 42 00 00 00 00 01 00 00 00", 256).data()[1])
        .isEqualTo((byte) 1);
    assertThat(bench.runIn("A3 0C 01 42 00 00 00 00 01 00 00 00", 256).data()[1])
        .isEqualTo((byte) 3);
    other.close();
  }

  // --- one table ---

  @Test
  void everyListedCommandHasTheLengthAndUsageThatItsOwnReportGives() {
    byte[] all = bench.runIn("A3 0C 80 00 00 00 00 00 10 00 00 00", 4096).data();
    ByteBuffer list = ByteBuffer.wrap(all);
    assertThat(list.getInt()).isEqualTo(all.length - 4);
    int commands = 0;
    while (list.hasRemaining()) {
      int at = list.position();
      boolean action = (all[at + 5] & 1) != 0;
      byte[] one =
          bench
              .runIn(
                  "A3 0C 0%d %02X %04X 00000100 00 00"
                      .formatted(action ? 2 : 1, all[at], list.getShort(at + 2)),
                  256)
              .data();
      assertThat(one[1]).isEqualTo((byte) 3);
      assertThat(ByteBuffer.wrap(one).getShort(2)).isEqualTo(list.getShort(at + 6));
      assertThat(one[4]).isEqualTo(all[at]);
      list.position(at + 20);
      commands++;
    }
    assertThat(commands).isGreaterThan(35);
  }
}
