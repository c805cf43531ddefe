// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.scsi.ScsiStatus.GOOD;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.jtgt.scsi.device.UnitMemory;
import org.jtgt.scsi.internal.sbc.BlockDevice;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** SPC-4: what every device type answers. */
class PrimaryCommandsTest {
  private final UnitMemory memory = UnitMemory.ofProcess();
  private Bench bench = begin();

  private Bench begin() {
    Bench begun = new Bench(BlockDevice.Options.NONE, memory);
    begun.engine.addStore("store0", new MemoryStore(2000 * 512));
    begun.clearAttentions(begun.nexus);
    return begun;
  }

  @AfterEach
  void close() {
    bench.close();
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  // --- mode pages ---

  @Test
  void savedModePagesComeBackAfterAResetAndARestart() {
    byte[] list = bytes("00000000" + "8812" + "00" + "00".repeat(17)); // WCE 0
    list[4] = 0x08; // PS is reserved in MODE SELECT
    assertThat(bench.run(FakeCommand.of("15 11 00 00 18 00").sends(list)).status()).isEqualTo(GOOD);
    assertThat(bench.runIn("1A 08 C8 00 FF 00", 255).data()[6] & 0x04).isZero();
    assertThat(bench.runIn("1A 08 88 00 FF 00", 255).data()[6] & 0x04).isEqualTo(4);
    bench.nexus.manage(
        org.jtgt.scsi.TaskManagementFunction.LOGICAL_UNIT_RESET, 0, 0, response -> {});
    bench.clearAttentions(bench.nexus);
    assertThat(bench.runIn("1A 08 08 00 FF 00", 255).data()[6] & 0x04).isZero();
    bench.close();
    bench = begin();
    assertThat(bench.runIn("1A 08 08 00 FF 00", 255).data()[6] & 0x04).isZero();
    assertThat(bench.unit.writeCache()).isFalse();
  }

  @Test
  void whatIsNotSavedEndsWithAReset() {
    byte[] list = bytes("00000000" + "0A0A" + "06 10 00 00 00 00 FFFF 0000"); // D_SENSE
    Nexus other = bench.connect("b");
    bench.clearAttentions(other);
    assertThat(bench.run(FakeCommand.of("15 10 00 00 10 00").sends(list)).status()).isEqualTo(GOOD);
    assertThat(bench.run(other, FakeCommand.of("00")).sense()).isEqualTo("6/2A/01");
    assertThat(bench.run("00").status()).isEqualTo(GOOD);
    assertThat(bench.read10(5000, 1).senseData()[0]).isEqualTo((byte) 0x72);
    bench.nexus.manage(
        org.jtgt.scsi.TaskManagementFunction.LOGICAL_UNIT_RESET, 0, 0, response -> {});
    bench.clearAttentions(bench.nexus);
    assertThat(bench.read10(5000, 1).senseData()[0]).isEqualTo((byte) 0x70);
  }

  @Test
  void everyModePageCanBeWrittenBackAsItIsAndNoFixedBitChanged() {
    byte[] all = bench.runIn("5A 08 3F FF 00 00 00 04 00 00", 1024).data();
    byte[] list = all.clone();
    list[0] = 0;
    list[1] = 0;
    list[3] = 0;
    assertThat(
            bench
                .run(
                    FakeCommand.of("55 10 00 00 00 00 00 %04X 00".formatted(list.length))
                        .sends(withoutPs(list)))
                .status())
        .isEqualTo(GOOD);
    byte[] fixed = bytes("00000000" + "010A" + "40" + "00".repeat(9)); // AWRE cannot be cleared
    FakeCommand select = bench.run(FakeCommand.of("15 10 00 00 10 00").sends(fixed));
    assertThat(select.sense()).isEqualTo("5/26/00");
    assertThat(Arrays.copyOfRange(select.senseData(), 15, 18)).containsExactly(0x8F, 0, 6);
  }

  private static byte[] withoutPs(byte[] list) {
    for (int at = 8; at < list.length; ) {
      boolean sub = (list[at] & 0x40) != 0;
      list[at] &= 0x7F;
      at += sub ? 4 + ByteBuffer.wrap(list).getShort(at + 2) : 2 + list[at + 1];
    }
    return list;
  }

  // --- log pages ---

  @Test
  void theListedLogPagesCanAllBeRead() {
    byte[] pages = bench.runIn("4D 00 40 00 00 00 00 00 FF 00", 255).data();
    assertThat(Bench.hex(pages)).isEqualTo("80000005" + "000D0E192F");
    byte[] withSubpages = bench.runIn("4D 00 40 FF 00 00 00 00 FF 00", 255).data();
    assertThat(Bench.hex(withSubpages)).isEqualTo("C0FF000C" + "000000FF0D000E0019002F00");
    for (int i = 5; i < pages.length; i++) {
      byte[] page =
          bench.runIn("4D 00 %02X 00 00 00 00 04 00 00".formatted(0x40 | pages[i]), 1024).data();
      assertThat(page[0] & 0x3F).isEqualTo(pages[i]);
      assertThat(page).hasSize(4 + ByteBuffer.wrap(page).getShort(2));
    }
    assertThat(bench.runIn("4D 00 55 00 00 00 00 00 FF 00", 255).sense()).isEqualTo("5/24/00");
    assertThat(bench.runIn("4D 00 4D 00 00 00 01 00 FF 00", 255).sense()).isEqualTo("5/24/00");
  }

  @Test
  void statisticsCountCommandsAndBlocks() {
    bench.write10(0, Bench.pattern(3, 1));
    bench.read10(0, 2);
    ByteBuffer page = ByteBuffer.wrap(bench.runIn("4D 00 59 00 00 00 00 04 00 00", 1024).data());
    assertThat(page.getShort(4)).isEqualTo((short) 1);
    assertThat(page.getLong(8)).isEqualTo(1); // read commands
    assertThat(page.getLong(16)).isEqualTo(1); // write commands
    assertThat(page.getLong(24)).isEqualTo(3); // blocks received
    assertThat(page.getLong(32)).isEqualTo(2); // blocks transmitted
    assertThat(page.getLong(56)).isEqualTo(2 * 360_360 / 7); // command weights
    // SPC-4 table 374: Idle Time and Time Interval are mandatory; nothing is timed.
    assertThat(page.getInt(72) >>> 16).isEqualTo(2);
    assertThat(page.getInt(84) >>> 16).isEqualTo(3);
    assertThat(page.getLong(88)).isZero();
  }

  @Test
  void aCommandPriorityWeighsInTheStatistics() {
    bench.run(Bench.read10Command(0, 1).priority(2));
    bench.run(Bench.write10Command(0, Bench.pattern(1, 1)).priority(15));
    ByteBuffer page = ByteBuffer.wrap(bench.runIn("4D 00 59 00 00 00 00 04 00 00", 1024).data());
    assertThat(page.getLong(56)).isEqualTo(360_360 / 2 + 360_360 / 15);
  }

  // --- the rest ---

  @Test
  void identifyingInformationIsKeptOverARestartAndToldToOthers() {
    Nexus other = bench.connect("b");
    bench.clearAttentions(other);
    byte[] name = "shelf 3\0".getBytes(StandardCharsets.US_ASCII);
    assertThat(bench.run(FakeCommand.of("A4 06 0000 0000 00000008 04 00").sends(name)).status())
        .isEqualTo(GOOD);
    assertThat(bench.run(other, FakeCommand.of("00")).sense()).isEqualTo("6/3F/05");
    bench.close();
    bench = begin();
    byte[] told = bench.runIn("A3 05 0000 0000 000000FF 04 00", 255).data();
    assertThat(Bench.hex(told)).isEqualTo("00000008" + Bench.hex(name));
    assertThat(Bench.hex(bench.runIn("A3 05 0000 0000 000000FF 00 00", 255).data()))
        .isEqualTo("00000000");
    assertThat(Bench.hex(bench.runIn("A3 05 0000 0000 000000FF FE 00", 255).data()))
        .isEqualTo("00000008" + "00000200" + "04000100");
    byte[] open = {'x'};
    assertThat(bench.run(FakeCommand.of("A4 06 0000 0000 00000001 04 00").sends(open)).sense())
        .isEqualTo("5/26/00");
  }

  @Test
  void theTimestampGoesOnFromWhatWasSet() {
    byte[] list = bytes("00000000" + "010000000000" + "0000");
    assertThat(bench.run(FakeCommand.of("A4 0F 00000000 0000000C 00 00").sends(list)).status())
        .isEqualTo(GOOD);
    byte[] told = bench.runIn("A3 0F 00000000 0000000C 00 00", 12).data();
    assertThat(told[1]).isEqualTo((byte) 10);
    assertThat(told[2] & 0x07).isEqualTo(2);
    long millis = ByteBuffer.wrap(told).getLong(4) >>> 16;
    assertThat(millis).isBetween(0x0100_0000_0000L, 0x0100_0000_0000L + 60_000);
  }

  @Test
  void theEchoBufferGivesBackWhatThisNexusWrote() {
    assertThat(bench.runIn("3C 0A 00 000000 000010 00", 16).sense()).isEqualTo("5/2C/00");
    byte[] data = Bench.pattern(1, 9);
    assertThat(bench.run(FakeCommand.of("3B 0A 00 000000 000200 00").sends(data)).status())
        .isEqualTo(GOOD);
    assertThat(bench.runIn("3C 0A 00 000000 000200 00", 512).data()).isEqualTo(data);
    assertThat(Bench.hex(bench.runIn("3C 0B 00 000000 000004 00", 4).data())).isEqualTo("01001000");
    assertThat(bench.runIn("3C 02 00 000000 000004 00", 4).sense()).isEqualTo("5/24/00");
  }

  @Test
  void theWellKnownLogicalUnitListsLuns() {
    long wellKnown = 0xC101_0000_0000_0000L;
    byte[] inquiry =
        bench.run(FakeCommand.of("12 00 00 00 60 00").expectsIn(96).lun(wellKnown)).data();
    assertThat(inquiry[0]).isEqualTo((byte) 0x1E);
    String both = "00000010" + "00000000" + "0000000000000000" + "C101000000000000";
    assertThat(
            Bench.hex(
                bench
                    .run(
                        FakeCommand.of("A0 00 02 00 00 00 00000100 00 00")
                            .expectsIn(256)
                            .lun(wellKnown))
                    .data()))
        .isEqualTo(both);
    assertThat(Bench.hex(bench.runIn("A0 00 01 00 00 00 00000100 00 00", 256).data()))
        .isEqualTo("00000008" + "00000000" + "C101000000000000");
    assertThat(bench.runIn("A0 00 12 00 00 00 00000100 00 00", 256).sense()).isEqualTo("5/24/00");
    assertThat(bench.run(FakeCommand.of("28 00 00000000 00 0001 00").lun(wellKnown)).sense())
        .isEqualTo("5/20/00");
  }

  @Test
  void aSelfTestReadsTheMedium() {
    assertThat(bench.run("1D 04 00 0000 00").status()).isEqualTo(GOOD);
    assertThat(bench.run("1D C0 00 0000 00").status()).isEqualTo(GOOD);
    assertThat(bench.run("1D 24 00 0000 00").sense()).isEqualTo("5/24/00");
    MemoryStore broken = new MemoryStore(100 * 512);
    Bench other = new Bench();
    other.engine.addStore("store0", broken);
    other.clearAttentions(other.nexus);
    broken.failure = org.jtgt.backstore.BackstoreException.media("bad block", 0, null);
    assertThat(other.run("1D 04 00 0000 00").sense()).isEqualTo("3/11/00");
    other.close();
  }
}
