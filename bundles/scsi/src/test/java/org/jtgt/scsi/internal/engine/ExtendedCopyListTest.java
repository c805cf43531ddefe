// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.scsi.ScsiStatus.GOOD;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.scsi.device.Unit;
import org.junit.jupiter.api.Test;

/**
 * The parameter list of EXTENDED COPY as SPC-4 has it: 5.17.7.2 and 5.17.7.4 (residuals, failures),
 * 6.4.2 and 6.4.3 (header), 6.4.5 (CSCD descriptors), 6.4.6 (segments).
 */
class ExtendedCopyListTest extends CopyFixture {
  private String failure(FakeCommand copy) {
    byte[] sense = copy.senseData();
    ByteBuffer in = ByteBuffer.wrap(sense);
    return "information %s segment %d at %d"
        .formatted(
            (sense[0] & 0x80) != 0 ? in.getInt(3) : "-",
            in.getInt(8),
            (sense[15] & 0xC0) == 0x80 ? in.getShort(16) : -1);
  }

  @Test
  void whatFailsIsToldWithItsSegmentItsDeviceAndWhatIsLeft() {
    store.write(0, Bench.pattern(6000, 4));
    byte[] first = segment(0, 1, 1, 0, 0);
    byte[] second = segment(0, 1, 6000, 0, 100);
    otherStore.failure = new IOException("broken");
    FakeCommand atOnce = copy(lid1(2, segment(0, 0, 1, 0, 7000), first));
    assertThat(atOnce.sense()).isEqualTo("A/0D/01");
    // The destination's CSCD descriptor is the second one; of its segment nothing was written.
    assertThat(failure(atOnce)).isEqualTo("information - segment 1 at 48");
    otherStore.failure = null;
    store.failure = new IOException("broken");
    assertThat(failure(copy(lid1(2, first)))).isEqualTo("information - segment 0 at 16");
    store.failure = null;
    MemoryStore half =
        new MemoryStore(BLOCKS * 512) {
          @Override
          public synchronized void write(long offsetBytes, ByteBuffer source) throws IOException {
            if (offsetBytes > (1 << 20)) {
              throw new IOException("bad half");
            }
            super.write(offsetBytes, source);
          }
        };
    bench.engine.removeStore("store1", otherStore);
    half.identity = "memory-2";
    bench.engine.addStore("store1", half);
    // 2048 blocks are written in one piece; 3952 are not.
    assertThat(failure(copy(lid1(2, first, second)))).isEqualTo("information 3952 segment 1 at 48");
  }

  /** SPC-4 4.5.2.7: in descriptor format what the unit has answered is told, too. */
  @Test
  void whatTheFailedUnitSaidIsForwarded() {
    byte[] control = HexFormat.of().parseHex("00000000" + "0A0A06100000" + "0000FFFF0000");
    assertThat(bench.run(FakeCommand.of("15 10 00 00 10 00").sends(control)).status())
        .isEqualTo(GOOD);
    otherStore.failure = BackstoreException.media("bad block", 7 * 512, null);
    byte[] sense = copy(lid1(2, segment(0, 1, 1, 0, 7))).senseData();
    // 72: COPY ABORTED, THIRD PARTY DEVICE FAILURE; command-specific, key specific, forwarded.
    assertThat(Bench.hex(sense))
        .startsWith("720A0D01000000")
        .contains("010A0000" + "0000000000000000" + "0206" + "0000" + "800030")
        .contains("0C14" + "02" + "02" + "F00003" + "00000007");
    assertThat(sense[7]).isEqualTo((byte) (sense.length - 8));
  }

  @Test
  void whatIsWrongInASegmentIsToldWithItsNumber() {
    byte[] good = segment(0, 1, 1, 0, 0);
    assertThat(failure(copy(lid1(1, good, good, segment(0, 2, 1, 0, 0)))))
        .isEqualTo("information - segment 2 at -1");
  }

  @Test
  void aBlockLengthOfZeroIsLookedUp() {
    store.write(0, Bench.pattern(3, 1));
    byte[] list = lid1(1, segment(0, 1, 3, 0, 9));
    Arrays.fill(list, 16 + 29, 16 + 32, (byte) 0);
    Arrays.fill(list, 48 + 29, 48 + 32, (byte) 0);
    assertThat(copy(list).status()).isEqualTo(GOOD);
    assertThat(otherStore.content(9, 3)).isEqualTo(Bench.pattern(3, 1));
  }

  /** FFFFh (SPC-4 table 148), which the Third-party Copy page lists. */
  @Test
  void theUnitThatGetsTheCommandNeedsNoDescriptor() {
    store.write(0, Bench.pattern(3, 1));
    assertThat(
            copy(lid1(1, segment(0xFFFF, 1, 3, 0, 9), segment(0xFFFF, 0xFFFF, 1, 0, 50))).status())
        .isEqualTo(GOOD);
    assertThat(otherStore.content(9, 3)).isEqualTo(Bench.pattern(3, 1));
    assertThat(store.content(50, 1)).isEqualTo(store.content(0, 1));
    String page = Bench.hex(bench.runIn("12 01 8F 02 00 00", 512).data());
    assertThat(page).contains("000C0004" + "0002FFFF");
  }

  @Test
  void partsOfBlocksThatAreLeftAreRefusedAsTheStandardNamesThem() {
    LuSettings plain = Bench.settings("disk2", "store2");
    bench.createUnit(
        new LuSettings(
            plain.name(),
            "",
            "store2",
            4096,
            false,
            true,
            true,
            Duration.ofSeconds(20),
            new Unit.Identity("JTGT", "DISK", "0001", "SERIAL03", Bench.OTHER_NAA + 1)));
    MemoryStore large = new MemoryStore(BLOCKS * 512);
    large.identity = "memory-3";
    bench.engine.addStore("store2", large);
    bench.target.change(Bench.targetSettings(Map.of(0, "disk0", 1, "disk1", 2, "disk2")));
    bench.clearAttentions(bench.nexus);
    byte[] list = lid1(1, segment(0, 1, 9, 0, 0));
    ByteBuffer.wrap(list).putLong(48 + 8, Bench.OTHER_NAA + 1).putInt(48 + 28, 4096);
    assertThat(copy(list).sense()).isEqualTo("A/26/0A");
    list[48 + 28] = 0x04; // PAD
    assertThat(copy(list).sense()).isEqualTo("5/26/00");
    list[48 + 28] = 0;
    list[16 + 64 + 1] = 0x01; // CAT
    assertThat(copy(list).sense()).isEqualTo("5/26/00");
    // Eight blocks leave nothing, whatever CAT says.
    ByteBuffer.wrap(list).putShort(16 + 64 + 10, (short) 8);
    assertThat(copy(list).status()).isEqualTo(GOOD);
  }

  @Test
  void verifyWithTurAsksWhetherTheUnitIsReady() {
    byte[] verify = new byte[12];
    ByteBuffer.wrap(verify).put(0, (byte) 0x07).putShort(2, (short) 8).putShort(4, (short) 1);
    verify[8] = 0x01;
    assertThat(copy(lid1(1, verify)).status()).isEqualTo(GOOD);
    long lun1 = 0x0001_0000_0000_0000L;
    bench.run(FakeCommand.of("1B 00 00 00 00 00").lun(lun1));
    assertThat(copy(lid1(1, verify)).sense()).isEqualTo("A/0D/01");
    verify[8] = 0;
    assertThat(copy(lid1(1, verify)).status()).isEqualTo(GOOD);
  }

  private FakeCommand long4(int usage, int byte15) {
    byte[] segment = segment(0, 1, 1, 0, 5);
    ByteBuffer list = ByteBuffer.allocate(48 + 64 + segment.length);
    list.put(0, (byte) 1).put(1, (byte) (usage << 3)).putShort(2, (short) 0x20);
    list.put(15, (byte) byte15).put(16, (byte) 0xFF);
    list.putShort(42, (short) 64).putShort(44, (short) segment.length);
    list.put(48, cscd(Bench.NAA)).put(80, cscd(Bench.OTHER_NAA)).put(112, segment);
    return bench.run(
        FakeCommand.of("83 01 00000000 00000000 %08X 00 00".formatted(list.capacity()))
            .sends(list.array()));
  }

  @Test
  void theLongFormRefusesWhatItDoesNotDo() {
    assertThat(long4(0, 0x02).sense()).isEqualTo("5/26/00"); // G_SENSE
    assertThat(long4(3, 0x01).sense()).isEqualTo("5/24/00"); // IMMED without an identifier
    assertThat(long4(1, 0x00).sense()).isEqualTo("5/26/00"); // reserved LIST ID USAGE
    assertThat(long4(0, 0x01).status()).isEqualTo(GOOD);
    assertThat(long4(3, 0x00).status()).isEqualTo(GOOD);
  }
}
