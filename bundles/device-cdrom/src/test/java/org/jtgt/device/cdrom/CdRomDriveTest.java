// SPDX-License-Identifier: Apache-2.0
package org.jtgt.device.cdrom;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jtgt.backstore.BlockingBackstore;
import org.jtgt.scsi.Nexus;
import org.jtgt.scsi.ScsiPort;
import org.jtgt.scsi.device.Unit;
import org.jtgt.scsi.device.UnitMemory;
import org.jtgt.scsi.internal.engine.Engine;
import org.jtgt.scsi.internal.engine.LogicalUnit;
import org.jtgt.scsi.internal.engine.LuSettings;
import org.jtgt.scsi.internal.engine.SystemClock;
import org.jtgt.scsi.internal.engine.TargetDevice;
import org.jtgt.scsi.internal.spc.PrimaryCommands;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A drive on the engine that serves the disk, as MMC-6 has it. */
class CdRomDriveTest {
  private static final ScsiPort TARGET = new ScsiPort("iqn.t", "iqn.t,t,0x0001", 5, "");

  private final SystemClock clock = new SystemClock();
  private final Engine engine =
      new Engine(
          clock,
          unit -> PrimaryCommands.unmapped(),
          unit -> PrimaryCommands.wellKnown(),
          64 << 20,
          2);
  private final LogicalUnit unit;
  private final TargetDevice target;
  private final Nexus nexus;
  private final Disc disc = new Disc("a", 1000, 1);

  CdRomDriveTest() {
    LuSettings settings =
        new LuSettings(
            "cd0",
            "",
            "iso",
            CdRomComponent.BLOCK_BYTES,
            true,
            true,
            false,
            Duration.ZERO,
            new Unit.Identity("JTGT", "CD", "0001", "1", 0x3000_0000_0000_0001L));
    unit =
        engine.createUnit(
            settings, made -> new CdRomDrive(made, PrimaryCommands.rows()), UnitMemory.ofProcess());
    target =
        engine.createTarget(
            "",
            new TargetDevice.TargetSettings(
                "t", "iqn.t", "", Set.of(), new TreeMap<>(Map.of(0, "cd0"))));
    nexus = connect("a");
    engine.addStore("iso", disc);
    clear(nexus);
  }

  @AfterEach
  void close() {
    engine.close();
    clock.close();
  }

  private Nexus connect(String name) {
    return target.connect(
        new ScsiPort("iqn." + name, "iqn." + name + ",i,0x1", 5, ""), TARGET, () -> {});
  }

  private Call run(String cdb, int expected) {
    return Call.run(nexus, cdb, expected);
  }

  private static void clear(Nexus of) {
    for (int i = 0; i < 5; i++) {
      Call.run(of, "00 00 00 00 00 00", 0);
    }
  }

  /** An image in memory. */
  private static final class Disc implements BlockingBackstore {
    private final String identity;
    private final byte[] bytes;

    Disc(String identity, int blocks, int seed) {
      this.identity = identity;
      bytes = new byte[blocks * 2048];
      new Random(seed).nextBytes(bytes);
    }

    @Override
    public String identity() {
      return identity;
    }

    @Override
    public long sizeBytes() {
      return bytes.length;
    }

    @Override
    public boolean readOnly() {
      return true;
    }

    @Override
    public void read(long offsetBytes, ByteBuffer to) {
      to.put(bytes, (int) offsetBytes, to.remaining());
    }

    @Override
    public void write(long offsetBytes, ByteBuffer source) {
      throw new AssertionError("a disc is not written");
    }

    @Override
    public void flush() {}
  }

  @Test
  void itIsARemovableMultimediaDevice() {
    byte[] inquiry = run("12 00 00 00 60 00", 96).data();
    assertThat(inquiry[0]).isEqualTo((byte) 0x05);
    assertThat(inquiry[1]).isEqualTo((byte) 0x80);
  }

  @Test
  void theImageIsReadInBlocksOf2048AndNothingIsWritten() {
    assertThat(run("25 00 00000000 0000 00 00", 8).hex()).isEqualTo("000003E700000800");
    byte[] ten = run("28 00 000003E6 00 0002 00", 4096).data();
    for (int i = 0; i < ten.length; i++) {
      assertThat(ten[i]).isEqualTo(disc.bytes[998 * 2048 + i]);
    }
    assertThat(run("A8 00 000003E6 00000002 00 00", 4096).data()).isEqualTo(ten);
    assertThat(run("28 00 000003E7 00 0002 00", 4096).outcome()).isEqualTo("5/21/00");
    assertThat(run("2A 00 00000000 00 0001 00", 0).outcome()).isEqualTo("5/20/00");
  }

  @Test
  void theTableOfContentsHasOneDataTrack() {
    assertThat(run("43 00 00 00 00 00 00 00 FF 00", 255).hex())
        .isEqualTo("0012" + "0101" + "0014010000000000" + "0014AA00000003E8");
    // 1000 blocks and the pregap of 150 are 15 seconds and 25 frames
    assertThat(run("43 02 00 00 00 00 AA 00 FF 00", 255).hex())
        .isEqualTo("000A" + "0101" + "0014AA0000000F19");
    assertThat(run("43 00 01 00 00 00 00 00 FF 00", 255).hex())
        .isEqualTo("000A" + "0101" + "0014010000000000");
    assertThat(run("43 00 00 00 00 00 02 00 FF 00", 255).outcome()).isEqualTo("5/24/00");
    assertThat(run("43 00 04 00 00 00 00 00 FF 00", 255).outcome()).isEqualTo("5/24/00");
  }

  @Test
  void theProfileIsThatOfTheDisc() {
    byte[] all = run("46 00 0000 00 00 00 00FF 00", 255).data();
    assertThat(ByteBuffer.wrap(all).getInt()).isEqualTo(all.length - 4);
    assertThat(ByteBuffer.wrap(all).getShort(6)).isEqualTo((short) 0x0008);
    assertThat(run("46 02 001E 00 00 00 00FF 00", 255).hex().substring(16))
        .isEqualTo("001E0904" + "00000000");
    ((CdRomDrive) unit.deviceServer()).eject();
    assertThat(run("46 01 0000 00 00 00 00FF 00", 255).hex()).startsWith("0000").contains("0003");
    assertThat(ByteBuffer.wrap(run("46 02 001E 00 00 00 00FF 00", 255).data()).getShort(6))
        .isZero();
  }

  @Test
  void anEjectedDiscIsNotPresentAndAnotherOneIsANewMedium() {
    assertThat(run("4A 01 00 00 10 00 00 00 08 00", 8).hex()).isEqualTo("0006041000020000");
    assertThat(run("1B 00 00 00 02 00", 0).outcome()).isEqualTo("GOOD");
    assertThat(run("00 00 00 00 00 00", 0).outcome()).isEqualTo("2/3A/00");
    assertThat(run("28 00 00000000 00 0001 00", 2048).outcome()).isEqualTo("2/3A/00");
    assertThat(run("BD 00 00 00 00 00 00 00 00 08 00 00", 8).hex()).startsWith("0010");
    engine.removeStore("iso", disc);
    Disc other = new Disc("b", 2000, 2);
    engine.addStore("iso", other);
    assertThat(run("4A 01 00 00 10 00 00 00 08 00", 8).hex()).isEqualTo("0006041002020000");
    assertThat(run("00 00 00 00 00 00", 0).outcome()).isEqualTo("6/28/00");
    clear(nexus);
    assertThat(run("25 00 00000000 0000 00 00", 8).hex()).isEqualTo("000007CF00000800");
    byte[] block = run("28 00 000007CF 00 0001 00", 2048).data();
    for (int i = 0; i < block.length; i++) {
      assertThat(block[i]).isEqualTo(other.bytes[1999 * 2048 + i]);
    }
  }

  @Test
  void aDriveWithoutAStoreHasNoDisc() {
    engine.removeStore("iso", disc);
    assertThat(run("00 00 00 00 00 00", 0).outcome()).isEqualTo("2/3A/00");
    assertThat(run("43 00 00 00 00 00 00 00 FF 00", 255).outcome()).isEqualTo("2/3A/00");
    assertThat(run("03 00 00 00 FC 00", 252).hex()).startsWith("70000200");
  }

  @Test
  void anInitiatorThatPreventsTheRemovalKeepsTheDiscIn() {
    Nexus other = connect("b");
    clear(other);
    assertThat(run("1E 00 00 00 01 00", 0).outcome()).isEqualTo("GOOD");
    assertThat(Call.run(other, "1B 00 00 00 02 00", 0).outcome()).isEqualTo("5/53/02");
    assertThat(((CdRomDrive) unit.deviceServer()).medium().prevented()).isTrue();
    assertThat(run("1E 00 00 00 00 00", 0).outcome()).isEqualTo("GOOD");
    assertThat(Call.run(other, "1B 00 00 00 02 00", 0).outcome()).isEqualTo("GOOD");
  }

  @Test
  void modeSenseTellsWhatTheDriveCan() {
    byte[] page = run("5A 08 2A 00 00 00 00 00 FF 00", 255).data();
    assertThat(page[8]).isEqualTo((byte) 0x2A);
    assertThat(page[8 + 6] & 0x29).isEqualTo(0x29); // tray, eject, lock
  }
}
