// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.scsi.ScsiStatus.GOOD;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.jtgt.scsi.TaskManagementFunction;
import org.jtgt.scsi.TaskManagementResponse;
import org.junit.jupiter.api.Test;

/** EXTENDED COPY and token based copy between two units (SPC-4 6.3, SBC-3 4.35). */
class ThirdPartyCopyTest extends CopyFixture {
  @Test
  void blocksAreCopiedFromUnitToUnitAndWithinOne() {
    byte[] data = Bench.pattern(5000, 1);
    store.write(100, data);
    assertThat(
            copy(lid1(7, segment(0, 1, 5000, 100, 2000), segment(1, 0, 10, 2000, 7000))).status())
        .isEqualTo(GOOD);
    assertThat(otherStore.content(2000, 5000)).isEqualTo(data);
    assertThat(otherStore.content(1999, 1)).containsOnly(0);
    assertThat(otherStore.content(7000, 1)).containsOnly(0);
    assertThat(store.content(7000, 10)).isEqualTo(Arrays.copyOf(data, 5120));
    byte[] status = bench.runIn("84 00 07 00000000000000 0000000C 00 00", 12).data();
    assertThat(Bench.hex(status)).isEqualTo("00000008" + "01" + "0002" + "00" + "00272400");
  }

  @Test
  void theLongFormNamesItsListIn32Bits() {
    byte[] data = Bench.pattern(3, 2);
    store.write(0, data);
    byte[] segment = segment(0, 1, 3, 0, 5);
    ByteBuffer list = ByteBuffer.allocate(48 + 64 + segment.length);
    list.put(0, (byte) 1).putShort(2, (short) 0x20).put(16, (byte) 0xFF).putInt(20, 0xABCD1234);
    list.putShort(42, (short) 64).putShort(44, (short) segment.length);
    list.put(48, cscd(Bench.NAA)).put(80, cscd(Bench.OTHER_NAA)).put(112, segment);
    assertThat(
            bench
                .run(
                    FakeCommand.of("83 01 00000000 00000000 %08X 00 00".formatted(list.capacity()))
                        .sends(list.array()))
                .status())
        .isEqualTo(GOOD);
    assertThat(otherStore.content(5, 3)).isEqualTo(data);
    byte[] status = bench.runIn("84 05 ABCD1234 00000000 00000100 00 00", 256).data();
    assertThat(status[4]).isEqualTo((byte) 1);
    assertThat(status[5]).isEqualTo((byte) 1);
    assertThat(ByteBuffer.wrap(status).getLong(16)).isEqualTo(3);
    assertThat(bench.runIn("84 05 ABCD1235 00000000 00000100 00 00", 256).sense())
        .isEqualTo("5/24/00");
  }

  @Test
  void wrongListsAreRefusedBeforeAnythingIsCopied() {
    store.write(0, Bench.pattern(1, 3));
    byte[] good = segment(0, 1, 1, 0, 0);
    byte[] unknown = good.clone();
    unknown[0] = 0x05;
    assertThat(copy(lid1(1, good, unknown)).sense()).isEqualTo("5/26/09");
    byte[] noCscd = segment(0, 2, 1, 0, 0);
    assertThat(copy(lid1(1, good, noCscd)).sense()).isEqualTo("A/08/04");
    byte[] nul = lid1(1, good);
    nul[17] = 0x20;
    assertThat(copy(nul).sense()).isEqualTo("A/0D/02");
    byte[] far = segment(0, 1, 1, 0, BLOCKS);
    assertThat(copy(lid1(1, good, far)).sense()).isEqualTo("A/0D/01");
    byte[] list = lid1(1, good);
    list[16] = (byte) 0xE0;
    assertThat(copy(list).sense()).isEqualTo("5/26/07");
    byte[] stranger = lid1(1, good);
    stranger[16 + 8 + 7] ^= 1;
    assertThat(copy(stranger).sense()).isEqualTo("A/0D/02");
    byte[] block = lid1(1, good);
    block[16 + 30] = 0x10;
    block[16 + 31] = 0;
    assertThat(copy(block).sense()).isEqualTo("5/26/00");
    byte[] usage = lid1(1, good);
    usage[1] = 0x18; // no list identifier, but there is one
    assertThat(copy(usage).sense()).isEqualTo("5/26/00");
    assertThat(copy(Arrays.copyOf(lid1(1, good), 100)).sense()).isEqualTo("5/1A/00");
    assertThat(otherStore.content(0, 1)).containsOnly(0);
  }

  @Test
  void aReservationOfTheDestinationStopsTheCopy() {
    Nexus holder = bench.connect("b");
    bench.clearAttentions(holder);
    long lun1 = 0x0001_0000_0000_0000L;
    assertThat(bench.run(holder, FakeCommand.of("16 00 00 00 00 00").lun(lun1)).status())
        .isEqualTo(GOOD);
    store.write(0, Bench.pattern(1, 4));
    assertThat(copy(lid1(2, segment(0, 1, 1, 0, 0))).sense()).isEqualTo("A/0D/01");
    assertThat(otherStore.content(0, 1)).containsOnly(0);
    byte[] details = bench.runIn("84 04 02 00000000000000 00000100 00 00", 256).data();
    assertThat(details[56]).isEqualTo((byte) 2);
    assertThat(details[60 + 2]).isEqualTo((byte) 0x0A);
  }

  @Test
  void theDestinationIsWrittenUnderItsLocks() {
    // COMPARE AND WRITE holds block 0 of disk1 until its data comes; the copy waits for it.
    store.write(0, Bench.pattern(1, 5));
    AsyncStore slow = new AsyncStore(BLOCKS * 512);
    bench.engine.removeStore("store1", otherStore);
    slow.identity = "memory-2";
    bench.engine.addStore("store1", slow);
    byte[] both = new byte[1024];
    Arrays.fill(both, 512, 1024, (byte) 0x11);
    FakeCommand swap =
        FakeCommand.of("89 00 0000000000000000 000000 01 00 00")
            .sends(both)
            .lun(0x0001_0000_0000_0000L);
    bench.nexus.execute(swap);
    assertThat(slow.waiting()).isEqualTo(1); // its read
    FakeCommand copy =
        FakeCommand.of("83 00 00000000 00000000 0000006C 00 00")
            .sends(lid1(3, segment(0, 1, 1, 0, 0)));
    bench.nexus.execute(copy);
    slow.completeOne();
    assertThat(slow.waiting()).isEqualTo(1); // its write, and no other
    slow.completeOne();
    assertThat(swap.status()).isEqualTo(GOOD);
    while (!copy.hasEnded()) {
      slow.completeAll();
    }
    assertThat(copy.status()).isEqualTo(GOOD);
    assertThat(slow.content(0, 1)).isEqualTo(store.content(0, 1));
  }

  @Test
  void anAbortedCopyWritesNothingAfterItsEnd() {
    AsyncStore slow = new AsyncStore(BLOCKS * 512);
    bench.engine.removeStore("store1", otherStore);
    slow.identity = "memory-2";
    bench.engine.addStore("store1", slow);
    store.write(0, Bench.pattern(4000, 6));
    FakeCommand copy =
        FakeCommand.of("83 00 00000000 00000000 0000006C 00 00")
            .sends(lid1(4, segment(0, 1, 4000, 0, 0)))
            .tag(77);
    bench.nexus.execute(copy);
    while (slow.waiting() == 0) {
      Thread.onSpinWait();
    }
    CompletableFuture<TaskManagementResponse> answer = new CompletableFuture<>();
    bench.nexus.manage(TaskManagementFunction.ABORT_TASK, 0, 77, answer::complete);
    assertThat(answer).isNotDone();
    slow.completeOne();
    assertThat(copy.await().wasAborted()).isTrue();
    // The thread that ends the copy answers after that.
    assertThat(answer)
        .succeedsWithin(Duration.ofSeconds(30))
        .isEqualTo(TaskManagementResponse.FUNCTION_COMPLETE);
    assertThat(slow.waiting()).isZero();
    assertThat(slow.content(2048, 100)).containsOnly(0);
    // It has ended for who asks about it (60h: TASK ABORTED), and its list identifier is free.
    byte[] told = bench.runIn("84 05 00000004 00000000 00000400 00 00", 1024).data();
    assertThat(Bench.hex(told)).startsWith("0000001C" + "00600001" + "FFFFFFFE" + "400000F1");
    assertThat(copy(lid1(4, segment(0, 1, 0, 0, 0))).status()).isEqualTo(GOOD);
  }

  @Test
  void COPY_OPERATION_ABORT_answers_when_nothing_is_under_way_and_the_copy_says_why_it_ended() {
    AsyncStore slow = new AsyncStore(BLOCKS * 512);
    bench.engine.removeStore("store1", otherStore);
    slow.identity = "memory-2";
    bench.engine.addStore("store1", slow);
    store.write(0, Bench.pattern(4000, 6));
    FakeCommand copy =
        FakeCommand.of("83 00 00000000 00000000 0000006C 00 00")
            .sends(lid1(4, segment(0, 1, 4000, 0, 0)));
    bench.nexus.execute(copy);
    while (slow.waiting() == 0) {
      Thread.onSpinWait();
    }
    // An identifier that nobody uses, and the same one of another nexus.
    assertThat(bench.run("83 1C 00000005 000000000000000000 00").sense()).isEqualTo("5/24/00");
    Nexus other = bench.connect("other");
    bench.clearAttentions(other);
    assertThat(bench.run(other, FakeCommand.of("83 1C 00000004 000000000000000000 00")).sense())
        .isEqualTo("5/24/00");
    FakeCommand abort = FakeCommand.of("83 1C 00000004 000000000000000000 00");
    bench.nexus.execute(abort);
    assertThat(abort.hasEnded()).isFalse();
    slow.completeOne();
    assertThat(abort.status()).isEqualTo(GOOD);
    assertThat(copy.sense()).isEqualTo("A/2F/02");
    assertThat(slow.waiting()).isZero();
    assertThat(slow.content(2048, 100)).containsOnly(0);
    assertThat(bench.run("83 1C 00000004 000000000000000000 00").sense()).isEqualTo("5/24/00");
  }

  // --- tokens ---

  private static byte[] populateList(long... lbaAndBlocks) {
    ByteBuffer out = ByteBuffer.allocate(16 + 8 * lbaAndBlocks.length);
    out.putShort(0, (short) (out.capacity() - 2)).putShort(14, (short) (8 * lbaAndBlocks.length));
    for (int i = 0; i < lbaAndBlocks.length; i += 2) {
      out.putLong(16 + 8 * i, lbaAndBlocks[i]).putInt(24 + 8 * i, (int) lbaAndBlocks[i + 1]);
    }
    return out.array();
  }

  private static byte[] writeList(byte[] token, long offset, long... lbaAndBlocks) {
    ByteBuffer out = ByteBuffer.allocate(536 + 8 * lbaAndBlocks.length);
    out.putShort(0, (short) (out.capacity() - 2)).putLong(8, offset).put(16, token);
    out.putShort(534, (short) (8 * lbaAndBlocks.length));
    for (int i = 0; i < lbaAndBlocks.length; i += 2) {
      out.putLong(536 + 8 * i, lbaAndBlocks[i]).putInt(544 + 8 * i, (int) lbaAndBlocks[i + 1]);
    }
    return out.array();
  }

  private byte[] token(long... lbaAndBlocks) {
    byte[] list = populateList(lbaAndBlocks);
    assertThat(
            bench
                .run(
                    FakeCommand.of("83 10 00000000 00000009 %08X 00 00".formatted(list.length))
                        .sends(list))
                .status())
        .isEqualTo(GOOD);
    byte[] told = bench.runIn("84 07 00000009 00000000 00000400 00 00", 1024).data();
    assertThat(told[4]).isEqualTo((byte) 0x10);
    assertThat(told[5]).isEqualTo((byte) 1);
    assertThat(ByteBuffer.wrap(told).getInt(32)).isEqualTo(514);
    return Arrays.copyOfRange(told, 38, 38 + 512);
  }

  private FakeCommand write(byte[] list) {
    return bench.run(
        FakeCommand.of("83 11 00000000 0000000A %08X 00 00".formatted(list.length))
            .sends(list)
            .lun(0x0001_0000_0000_0000L));
  }

  @Test
  void whatATokenStandsForIsWrittenElsewhere() {
    byte[] data = Bench.pattern(30, 7);
    store.write(10, Arrays.copyOfRange(data, 0, 20 * 512));
    store.write(500, Arrays.copyOfRange(data, 20 * 512, 30 * 512));
    byte[] token = token(10, 20, 500, 10);
    assertThat(write(writeList(token, 5, 1000, 20, 3000, 5)).status()).isEqualTo(GOOD);
    assertThat(otherStore.content(1000, 20)).isEqualTo(Arrays.copyOfRange(data, 5 * 512, 25 * 512));
    assertThat(otherStore.content(3000, 5)).isEqualTo(Arrays.copyOfRange(data, 25 * 512, 30 * 512));
    byte[] told =
        bench
            .run(
                FakeCommand.of("84 07 0000000A 00000000 00000400 00 00")
                    .expectsIn(1024)
                    .lun(0x0001_0000_0000_0000L))
            .data();
    assertThat(told[4]).isEqualTo((byte) 0x11);
    assertThat(ByteBuffer.wrap(told).getLong(16)).isEqualTo(25);
  }

  @Test
  void aTokenThatIsWrongOrTooSmallWritesNothing() {
    byte[] token = token(10, 20);
    assertThat(write(writeList(token, 0, 0, 21)).sense()).isEqualTo("5/26/00");
    assertThat(write(writeList(token, 21, 0, 1)).sense()).isEqualTo("5/26/00");
    byte[] forged = token.clone();
    forged[200] ^= 1;
    assertThat(write(writeList(forged, 0, 0, 1)).sense()).isEqualTo("5/23/04");
    assertThat(write(writeList(new byte[512], 0, 0, 1)).sense()).isEqualTo("5/23/0A");
    byte[] overlap = populateList(10, 20, 29, 5);
    assertThat(
            bench
                .run(
                    FakeCommand.of("83 10 00000000 00000009 %08X 00 00".formatted(overlap.length))
                        .sends(overlap))
                .sense())
        .isEqualTo("5/26/00");
  }

  @Test
  void everyTokenThatLivesIsReportedByItsHeaderAndBody() {
    assertThat(Bench.hex(bench.runIn("84 08 0000000000000000 00001000 00 00", 4096).data()))
        .isEqualTo("0000000400000000");
    byte[] first = token(10, 20);
    byte[] second = token(40, 5);
    byte[] all = bench.runIn("84 08 0000000000000000 00001000 00 00", 4096).data();
    assertThat(all).hasSize(8 + 2 * 96);
    assertThat(ByteBuffer.wrap(all).getInt(0)).isEqualTo(all.length - 4);
    assertThat(
            java.util.List.of(
                Bench.hex(Arrays.copyOfRange(all, 8, 104)),
                Bench.hex(Arrays.copyOfRange(all, 104, 200))))
        .containsExactlyInAnyOrder(
            Bench.hex(Arrays.copyOf(first, 96)), Bench.hex(Arrays.copyOf(second, 96)));
    // NUMBER OF BYTES REPRESENTED; block length; the target device by its name (SPC-4 table 112).
    assertThat(ByteBuffer.wrap(first).getLong(56)).isEqualTo(20 * 512);
    assertThat(ByteBuffer.wrap(first).getInt(96)).isEqualTo(512);
    assertThat(Bench.hex(Arrays.copyOfRange(first, 128, 130))).isEqualTo("53A8");
    assertThat(new String(first, 132, first[131], java.nio.charset.StandardCharsets.UTF_8).strip())
        .startsWith(Bench.TARGET_PORT.deviceName());
    bench.clock.advance(Duration.ofSeconds(600));
    assertThat(bench.runIn("84 08 0000000000000000 00001000 00 00", 4096).data()).hasSize(8);
  }

  @Test
  void aTokenEndsWhenItIsNotUsedForItsTime() {
    byte[] token = token(10, 20);
    bench.clock.advance(Duration.ofSeconds(59));
    assertThat(write(writeList(token, 0, 0, 1)).status()).isEqualTo(GOOD);
    bench.clock.advance(Duration.ofSeconds(2));
    assertThat(write(writeList(token, 0, 0, 1)).status()).isEqualTo(GOOD);
    bench.clock.advance(Duration.ofSeconds(120));
    bench.clock.advance(Duration.ofSeconds(120));
    assertThat(write(writeList(token, 0, 0, 1)).sense()).isEqualTo("5/23/04");
  }

  @Test
  void theZeroTokenMakesZeros() {
    otherStore.fill((byte) 0x77);
    byte[] zero = new byte[512];
    ByteBuffer.wrap(zero).putInt(0, 0xFFFF_0001).putShort(6, (short) 504);
    assertThat(write(writeList(zero, 0, 100, 50)).status()).isEqualTo(GOOD);
    assertThat(otherStore.content(100, 50)).containsOnly(0);
    assertThat(otherStore.content(99, 1)).containsOnly(0x77);
    assertThat(otherStore.content(150, 1)).containsOnly(0x77);
  }

  @Test
  void thePagesSayWhatTheCommandsDo() {
    byte[] parameters = bench.runIn("84 03 0000000000000000 00000100 00 00", 256).data();
    assertThat(Bench.hex(parameters)).endsWith("03" + "0207E4");
    byte[] page = bench.runIn("12 01 8F 02 00 00", 512).data();
    // Block Device ROD Token Limits first: Windows looks for it
    assertThat(Bench.hex(page).substring(8, 16)).isEqualTo("00000020");
    assertThat(Bench.hex(page)).contains("8305" + "000110111C" + "8406" + "000304050708");
    assertThat(bench.runIn("12 00 00 00 60 00", 96).data()[5] & 0x08).isEqualTo(0x08);
  }
}
