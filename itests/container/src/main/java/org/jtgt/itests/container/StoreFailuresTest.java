// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import org.jtgt.itests.doubles.FailingStoreControl;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.LogicalUnit;
import org.jtgt.itests.initiator.ScsiResult;
import org.jtgt.itests.initiator.Sense;
import org.jtgt.itests.initiator.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.osgi.framework.BundleContext;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.test.common.annotation.InjectBundleContext;
import org.osgi.test.common.annotation.InjectService;

/** What an initiator is told of each kind of failure: the table of docs/design-scsi.md. */
class StoreFailuresTest {
  private static final int LBA = 20;
  private static final int BLOCKS = 8;

  @InjectBundleContext BundleContext context;
  @InjectService ConfigurationAdmin configurationAdmin;

  private Container container;
  private Session session;
  private LogicalUnit unit;
  private FailingStoreControl store;
  private final byte[] data = new byte[BLOCKS * 512];

  @BeforeEach
  void serve() throws Exception {
    container = new Container(context, configurationAdmin);
    Disk disk =
        new Disk(container, context, "failing")
            .with("org.jtgt.itests.doubles.failing", Map.of("size", "1M"), Map.of("holdSeconds", 0))
            .with("org.jtgt.backstore.memory", Map.of("size", "1M"), Map.of())
            .serve();
    session = disk.login();
    unit = session.logicalUnit(0);
    session.logicalUnit(1).clearUnitAttentions();
    store = disk.control(0, FailingStoreControl.class);
    new Random(21).nextBytes(data);
    unit.write(LBA, data, 512);
  }

  @AfterEach
  void end() throws Exception {
    session.close();
    container.close();
  }

  private static String sense(ScsiResult result) {
    Sense sense = result.sense().orElseThrow();
    return "%x/%02x/%02x".formatted(sense.key(), sense.asc(), sense.ascq());
  }

  private ScsiResult read() throws Exception {
    return unit.in(Cdb.read16(LBA, BLOCKS), data.length);
  }

  private ScsiResult write() throws Exception {
    return unit.out(Cdb.write16(LBA, BLOCKS), data);
  }

  @ParameterizedTest
  @CsvSource({
    "media, 3/11/00",
    "gone, 2/04/01",
    "other, 4/44/00",
    "io, 4/44/00",
    "bug, 4/44/00",
  })
  void aFailedReadHasTheSenseOfItsKindAndTheNextOneIsServed(String kind, String expected)
      throws Exception {
    store.fail("read " + kind + " x1");
    assertThat(sense(read())).isEqualTo(expected);
    assertThat(read().requireGood().data()).isEqualTo(data);
    assertThat(store.failures()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "media, 3/0c/00",
    "gone, 2/04/01",
    "full, 7/27/07",
    "write_protected, 7/27/00",
    "other, 4/44/00",
    "io, 4/44/00",
    "bug, 4/44/00",
  })
  void aFailedWriteHasTheSenseOfItsKindAndTheNextOneIsServed(String kind, String expected)
      throws Exception {
    store.fail("write " + kind + " x1");
    assertThat(sense(write())).isEqualTo(expected);
    write().requireGood();
    assertThat(read().requireGood().data()).isEqualTo(data);
  }

  /** MEDIUM ERROR for a short disturbance turns file systems read-only: gotgt PR #15. */
  @Test
  void aTransientFailureIsBusyAndNoError() throws Exception {
    store.fail("any transient x2");
    assertThat(read().status()).isEqualTo(ScsiResult.BUSY);
    assertThat(write().status()).isEqualTo(ScsiResult.BUSY);
    read().requireGood();
  }

  @Test
  void aMediumErrorNamesTheFirstBadBlock() throws Exception {
    store.fail("any media " + (LBA + 5) * 512 + "-" + ((LBA + 6) * 512 - 1));
    Sense sense = read().sense().orElseThrow();
    assertThat(sense.key()).isEqualTo(Sense.MEDIUM_ERROR);
    assertThat(sense.information()).isEqualTo(OptionalLong.of(LBA + 5));
    assertThat(write().sense().orElseThrow().information()).isEqualTo(OptionalLong.of(LBA + 5));
    assertThat(unit.read(LBA, 5, 512)).as("the blocks before it are good").hasSize(5 * 512);
    unit.read(LBA + 6, 2, 512);
  }

  @ParameterizedTest
  @CsvSource({"unmap, 7/27/07", "write_zeroes, 7/27/07"})
  void otherCommandsThatWriteFailLikeWrites(String operation, String expected) throws Exception {
    store.fail(operation + " full x1");
    ScsiResult result;
    if (operation.equals("unmap")) {
      byte[] list = Cdb.unmapParameters(LBA, BLOCKS);
      result = unit.out(Cdb.unmap(list.length), list);
    } else {
      result = unit.out(Cdb.writeSame16(LBA, BLOCKS), new byte[512]);
    }
    assertThat(sense(result)).isEqualTo(expected);
    assertThat(store.failures()).isEqualTo(1);
    assertThat(read().requireGood().data()).isEqualTo(data);
  }

  /** A flush that "works" after one that failed says nothing of the pages that were dropped. */
  @Test
  void afterAFailedFlushNothingIsPromisedUntilTheStoreIsAnotherOne() throws Exception {
    store.fail("flush io x1");
    assertThat(sense(unit.none(Cdb.synchronizeCache10(0, 0)))).isEqualTo("4/44/00");
    assertThat(store.failures()).isEqualTo(1);
    assertThat(sense(unit.none(Cdb.synchronizeCache10(0, 0)))).isEqualTo("4/44/00");
    byte[] fua = Cdb.write16(LBA, BLOCKS);
    fua[1] |= Cdb.FUA;
    assertThat(sense(unit.out(fua, data))).isEqualTo("4/44/00");
    read().requireGood();
  }

  @Test
  void aFailingStoreDisturbsNoOtherLun() throws Exception {
    store.fail("any bug");
    for (int i = 0; i < 20; i++) {
      assertThat(sense(read())).isEqualTo("4/44/00");
      session.logicalUnit(1).write(i, data, 512);
      assertThat(session.logicalUnit(1).read(i, BLOCKS, 512)).isEqualTo(data);
    }
  }
}
