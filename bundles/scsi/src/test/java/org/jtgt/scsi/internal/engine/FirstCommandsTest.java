// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.scsi.ScsiStatus.GOOD;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FirstCommandsTest {
  private final Bench bench = Bench.withMemory(1000);

  @AfterEach
  void close() {
    bench.close();
  }

  @Test
  void testUnitReadyIsGoodWhenTheStoreIsThere() {
    assertThat(bench.run("00 00 00 00 00 00").status()).isEqualTo(GOOD);
  }

  @Test
  void aNewNexusBeginsWithAUnitAttentionThatInquiryLeavesPending() {
    Nexus other = bench.connect("b");
    assertThat(bench.run(other, FakeCommand.of("12 00 00 00 60 00").expectsIn(96)).status())
        .isEqualTo(GOOD);
    assertThat(bench.run(other, FakeCommand.of("00")).sense()).isEqualTo("6/29/00");
    assertThat(bench.run(other, FakeCommand.of("00")).status()).isEqualTo(GOOD);
  }

  @Test
  void inquiryNamesTheUnitAndTheStandards() {
    byte[] data = bench.runIn("12 00 00 00 FF 00", 255).data();
    assertThat(data).hasSize(96);
    assertThat(data[0]).isZero();
    assertThat(data[2]).isEqualTo((byte) 6);
    assertThat(new String(data, 8, 24, java.nio.charset.StandardCharsets.US_ASCII))
        .isEqualTo("JTGT    DISK            ");
    assertThat(Bench.hex(data)).contains("00A0046004C00960");
  }

  @Test
  void theSupportedVpdPagesCanAllBeRead() {
    byte[] pages = bench.runIn("12 01 00 00 FF 00", 255).data();
    assertThat(Bench.hex(pages)).isEqualTo("0000000B0080838687888A" + "8FB0B1B2");
    for (int i = 4; i < pages.length; i++) {
      byte[] page = bench.runIn("12 01 %02X 04 00 00".formatted(pages[i]), 1024).data();
      assertThat(page[1]).isEqualTo(pages[i]);
      assertThat(page).hasSize(4 + ByteBuffer.wrap(page).getShort(2));
    }
    assertThat(bench.runIn("12 01 C0 00 FF 00", 255).sense()).isEqualTo("5/24/00");
  }

  @Test
  void reportLunsListsWhatIsMapped() {
    assertThat(Bench.hex(bench.runIn("A0 00 00 00 00 00 00 00 01 00 00 00", 256).data()))
        .isEqualTo("00000008" + "00000000" + "0000000000000000");
  }

  @Test
  void readCapacityTellsTheLastBlock() {
    assertThat(Bench.hex(bench.runIn("25", 8).data())).isEqualTo("000003E700000200");
    byte[] sixteen = bench.runIn("9E 10 00 00 00 00 00 00 00 00 00 00 00 20 00 00", 32).data();
    assertThat(Bench.hex(sixteen)).startsWith("00000000000003E7" + "00000200" + "0000" + "C000");
  }

  @Test
  void whatIsWrittenIsReadBackThroughEveryLengthOfCdb() {
    byte[] data = Bench.pattern(3, 1);
    assertThat(bench.run(FakeCommand.of("0A 00 01 02 03 00").sends(data)).status()).isEqualTo(GOOD);
    assertThat(bench.runIn("08 00 01 02 03 00", 1536).data()).isEqualTo(data);
    assertThat(bench.runIn("28 00 00 00 01 02 00 00 03 00", 1536).data()).isEqualTo(data);
    assertThat(bench.runIn("A8 00 00 00 01 02 00 00 00 03 00 00", 1536).data()).isEqualTo(data);
    assertThat(bench.runIn("88 00 00 00 00 00 00 00 01 02 00 00 00 03 00 00", 1536).data())
        .isEqualTo(data);
  }

  @Test
  void buffersInPiecesMakeNoDifference() {
    byte[] data = Bench.pattern(8, 2);
    assertThat(bench.run(Bench.write10Command(7, data).inBuffersOf(700)).status()).isEqualTo(GOOD);
    assertThat(bench.run(Bench.read10Command(7, 8).inBuffersOf(999)).data()).isEqualTo(data);
  }

  @Test
  void modeSenseTellsTheWriteCache() {
    assertThat(Bench.hex(bench.runIn("1A 08 08 00 FF 00", 255).data()))
        .startsWith("17001000" + "881204");
    assertThat(Bench.hex(bench.runIn("5A 00 3F FF 00 00 00 04 00 00", 1024).data()))
        .contains("4A01001C");
  }

  @Test
  void aReadBeyondTheEndIsOutOfRange() {
    assertThat(bench.read10(999, 1).status()).isEqualTo(GOOD);
    assertThat(bench.read10(999, 2).sense()).isEqualTo("5/21/00");
    assertThat(bench.read10(1001, 0).sense()).isEqualTo("5/21/00");
    assertThat(bench.read10(0xFFFF_FFFFL, 1).sense()).isEqualTo("5/21/00");
    assertThat(bench.runIn("88 00 FF FF FF FF FF FF FF FF 00 00 00 02 00 00", 1024).sense())
        .isEqualTo("5/21/00");
  }
}
