// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.jtgt.itests.doubles.NonDurableStoreControl;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.LogicalUnit;
import org.jtgt.itests.initiator.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.BundleContext;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.test.common.annotation.InjectBundleContext;
import org.osgi.test.common.annotation.InjectService;

/**
 * What the initiator was told is stable is in the file of a store that keeps nothing else, and is
 * read back after a crash of that store (SBC-4 4.15, write caches).
 */
class StableStorageTest {
  private static final String STORE = "org.jtgt.itests.doubles.nondurable";
  private static final int LBA = 40;
  private static final int BLOCKS = 16;

  @InjectBundleContext BundleContext context;
  @InjectService ConfigurationAdmin configurationAdmin;

  private Container container;
  private Path file;
  private Disk disk;
  private final byte[] data = new byte[BLOCKS * 512];

  @BeforeEach
  void begin() throws Exception {
    container = new Container(context, configurationAdmin);
    file = Files.createTempFile("jtgt-itest-", ".img");
    new Random(11).nextBytes(data);
  }

  @AfterEach
  void end() throws Exception {
    container.close();
    Files.deleteIfExists(file);
  }

  private Session serve(boolean writeCache) throws IOException {
    disk =
        new Disk(container, context, "stable")
            .with(
                STORE,
                Map.of("path", file.toString(), "size", "1M"),
                Map.of("writeCache", writeCache))
            .serve();
    return disk.login();
  }

  private byte[] inFile() throws IOException {
    byte[] bytes = new byte[data.length];
    try (RandomAccessFile stable = new RandomAccessFile(file.toFile(), "r")) {
      stable.seek(LBA * 512L);
      stable.readFully(bytes);
    }
    return bytes;
  }

  private void crash() {
    disk.control(0, NonDurableStoreControl.class).crash();
  }

  private void expectStable(LogicalUnit unit, byte[] expected) throws IOException {
    assertThat(inFile()).isEqualTo(expected);
    crash();
    assertThat(unit.read(LBA, BLOCKS, 512)).isEqualTo(expected);
  }

  private static byte[] fua(byte[] cdb) {
    cdb[1] |= Cdb.FUA;
    return cdb;
  }

  /** Without it the others would prove nothing. */
  @Test
  void aWriteThatNobodyMadeStableIsLostInACrash() throws Exception {
    try (Session session = serve(true)) {
      LogicalUnit unit = session.logicalUnit(0);
      unit.write(LBA, data, 512);
      assertThat(unit.read(LBA, BLOCKS, 512)).isEqualTo(data);
      assertThat(inFile()).containsOnly(0);
      crash();
      assertThat(unit.read(LBA, BLOCKS, 512)).containsOnly(0);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 12, 16})
  void aWriteWithForceUnitAccessIsStable(int cdbBytes) throws Exception {
    try (Session session = serve(true)) {
      LogicalUnit unit = session.logicalUnit(0);
      byte[] cdb =
          switch (cdbBytes) {
            case 10 -> Cdb.write10(LBA, BLOCKS);
            case 12 -> Cdb.write12(LBA, BLOCKS);
            default -> Cdb.write16(LBA, BLOCKS);
          };
      unit.out(fua(cdb), data).requireGood();
      expectStable(unit, data);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 16})
  void synchronizeCacheMakesWhatWasWrittenStable(int cdbBytes) throws Exception {
    try (Session session = serve(true)) {
      LogicalUnit unit = session.logicalUnit(0);
      unit.write(LBA, data, 512);
      unit.none(cdbBytes == 10 ? Cdb.synchronizeCache10(0, 0) : Cdb.synchronizeCache16(LBA, BLOCKS))
          .requireGood();
      expectStable(unit, data);
    }
  }

  @Test
  void aReadWithForceUnitAccessMakesWhatItReadsStable() throws Exception {
    try (Session session = serve(true)) {
      LogicalUnit unit = session.logicalUnit(0);
      unit.write(LBA, data, 512);
      byte[] read = unit.in(fua(Cdb.read16(LBA, BLOCKS)), data.length).requireGood().data();
      assertThat(read).isEqualTo(data);
      expectStable(unit, data);
    }
  }

  @Test
  void withTheWriteCacheOffByConfigurationEveryKindOfWriteIsStable() throws Exception {
    try (Session session = serve(false)) {
      everyKindOfWriteIsStable(session.logicalUnit(0));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {6, 10})
  void withTheWriteCacheOffByModeSelectEveryKindOfWriteIsStable(int cdbBytes) throws Exception {
    try (Session session = serve(true)) {
      LogicalUnit unit = session.logicalUnit(0);
      assertThat(writeCacheEnabled(unit)).isTrue();
      disableWriteCache(unit, cdbBytes);
      assertThat(writeCacheEnabled(unit)).isFalse();
      everyKindOfWriteIsStable(unit);
    }
  }

  @Test
  void switchingTheWriteCacheOffMakesWhatWasWrittenBeforeStable() throws Exception {
    try (Session session = serve(true)) {
      LogicalUnit unit = session.logicalUnit(0);
      unit.write(LBA, data, 512);
      disableWriteCache(unit, 10);
      expectStable(unit, data);
    }
  }

  @Test
  void aStoreThatIsLetGoIsFlushedBefore() throws Exception {
    try (Session session = serve(true)) {
      session.logicalUnit(0).write(LBA, data, 512);
    }
    container.close();
    Container.eventually(() -> {
      assertThat(context.getServiceReferences(NonDurableStoreControl.class, null)).isEmpty();
      return true;
    });
    assertThat(inFile()).isEqualTo(data);
  }

  private void everyKindOfWriteIsStable(LogicalUnit unit) throws IOException {
    unit.out(Cdb.write6(LBA, BLOCKS), data).requireGood();
    expectStable(unit, data);

    byte[] other = new byte[data.length];
    new Random(12).nextBytes(other);
    unit.out(Cdb.write10(LBA, BLOCKS), other).requireGood();
    expectStable(unit, other);

    byte[] pair = Arrays.copyOf(other, 2 * other.length);
    System.arraycopy(data, 0, pair, data.length, data.length);
    unit.out(Cdb.compareAndWrite(LBA, BLOCKS), pair).requireGood();
    expectStable(unit, data);

    byte[] pattern = Arrays.copyOf(other, 512);
    unit.out(Cdb.writeSame16(LBA, BLOCKS), pattern).requireGood();
    byte[] same = new byte[data.length];
    for (int i = 0; i < BLOCKS; i++) {
      System.arraycopy(pattern, 0, same, i * 512, 512);
    }
    expectStable(unit, same);

    byte[] unmap = Cdb.unmapParameters(LBA, BLOCKS);
    unit.out(Cdb.unmap(unmap.length), unmap).requireGood();
    expectStable(unit, new byte[data.length]);

    unit.out(Cdb.orWrite16(LBA, BLOCKS), other).requireGood();
    expectStable(unit, other);
  }

  private static final int WCE = 0x04;

  /** The caching mode page (SBC-4 6.4.5) behind the header of MODE SENSE (10). */
  private static byte[] cachingPage(LogicalUnit unit) throws IOException {
    byte[] cdb = Cdb.modeSense10(0, 0x08, 0, 252);
    cdb[1] |= 0x08; // DBD: no block descriptors
    byte[] list = unit.in(cdb, 252).requireGood().data();
    byte[] page = Arrays.copyOfRange(list, 8, 8 + 20);
    assertThat(page[0] & 0x3F).isEqualTo(0x08);
    return page;
  }

  private static boolean writeCacheEnabled(LogicalUnit unit) throws IOException {
    return (cachingPage(unit)[2] & WCE) != 0;
  }

  private static void disableWriteCache(LogicalUnit unit, int cdbBytes) throws IOException {
    byte[] page = cachingPage(unit);
    page[0] &= 0x3F; // PS is reserved in MODE SELECT
    page[2] &= ~WCE;
    int header = cdbBytes == 6 ? 4 : 8;
    byte[] list = new byte[header + page.length];
    System.arraycopy(page, 0, list, header, page.length);
    byte[] cdb =
        cdbBytes == 6 ? Cdb.modeSelect6(false, list.length) : Cdb.modeSelect10(false, list.length);
    unit.out(cdb, list).requireGood();
  }
}
