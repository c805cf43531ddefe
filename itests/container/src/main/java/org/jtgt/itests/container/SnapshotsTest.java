// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.LogicalUnit;
import org.jtgt.itests.initiator.Sense;
import org.jtgt.itests.initiator.Session;
import org.jtgt.state.ContentControl;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleContext;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.test.common.annotation.InjectBundleContext;
import org.osgi.test.common.annotation.InjectService;

/** Snapshots of a disk that initiators write. */
class SnapshotsTest {
  private static final String SNAPSHOT = "org.jtgt.backstore.snapshot";
  private static final int WRITERS = 3;
  private static final int ROUNDS = 8;

  /** Two blocks of a writer lie in different clusters. */
  private static final long APART = 4096;

  @TempDir Path folder;
  @InjectBundleContext BundleContext context;
  @InjectService ConfigurationAdmin configurationAdmin;
  @InjectService ContentControl content;

  private Container container;
  private Disk disk;
  private String base;

  @BeforeEach
  void serve() throws Exception {
    container = new Container(context, configurationAdmin);
    disk = new Disk(container, context, "snap");
    base = disk.label(0) + "base";
    container.configure("org.jtgt.backstore.memory", base, Map.of("size", "16M"));
    disk.with(
            "org.jtgt.backstore.overlay",
            Map.of("base", base, "path", folder.resolve("overlay").toString()),
            Map.of())
        .serve();
  }

  @AfterEach
  void end() throws Exception {
    container.close();
  }

  private static long counter(LogicalUnit unit, long lba) throws IOException {
    return ByteBuffer.wrap(unit.read(lba, 1, 512)).getLong();
  }

  /** Writes a counter at one place, and when that is acknowledged at another. */
  private static void count(Session session, int writer, AtomicBoolean stop) {
    try {
      LogicalUnit unit = session.logicalUnit(0);
      for (long number = 1; !stop.get(); number++) {
        byte[] block = ByteBuffer.allocate(512).putLong(number).array();
        unit.write(writer * 2 * APART, block, 512);
        unit.write(writer * 2 * APART + APART, block, 512);
      }
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }

  @Test
  void aSnapshotUnderIoHoldsAPrefixOfWhatWasAcknowledged() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    try (Session reader = disk.login();
        Session first = disk.login();
        Session second = disk.login();
        Session third = disk.login()) {
      List<CompletableFuture<Void>> load =
          List.of(first, second, third).stream()
              .map(session ->
                  CompletableFuture.runAsync(
                      () -> count(session, List.of(first, second, third).indexOf(session), stop),
                      Thread::startVirtualThread))
              .toList();
      long[][] before = new long[ROUNDS][WRITERS];
      long[][] after = new long[ROUNDS][WRITERS];
      for (int round = 0; round < ROUNDS; round++) {
        long seen = round == 0 ? 0 : before[round - 1][0];
        Container.eventually(
            () -> assertThat(counter(reader.logicalUnit(0), APART)).isGreaterThan(seen));
        for (int writer = 0; writer < WRITERS; writer++) {
          before[round][writer] = counter(reader.logicalUnit(0), writer * 2 * APART + APART);
        }
        content.takeSnapshot(List.of(disk.label(0)), "round" + round);
        for (int writer = 0; writer < WRITERS; writer++) {
          after[round][writer] = counter(reader.logicalUnit(0), writer * 2 * APART);
        }
      }
      stop.set(true);
      load.forEach(CompletableFuture::join);
      assertThat(after[ROUNDS - 1][0]).isGreaterThan(before[0][0]);
      for (int round = 0; round < ROUNDS; round++) {
        check("round" + round, before[round], after[round]);
      }
    }
  }

  private void check(String snapshot, long[] before, long[] after) throws Exception {
    try (Container own = new Container(context, configurationAdmin)) {
      Disk shown =
          new Disk(own, context, "snapshown")
              .with(SNAPSHOT, Map.of("of", disk.label(0), "snapshot", snapshot), Map.of())
              .serve();
      try (Session session = shown.login()) {
        LogicalUnit unit = session.logicalUnit(0);
        for (int writer = 0; writer < WRITERS; writer++) {
          long one = counter(unit, writer * 2 * APART);
          long two = counter(unit, writer * 2 * APART + APART);
          assertThat(one - two).as("%s of writer %d", snapshot, writer).isBetween(0L, 1L);
          assertThat(two).isGreaterThanOrEqualTo(before[writer]);
          assertThat(one).isLessThanOrEqualTo(after[writer]);
        }
        Sense refused = unit.out(Cdb.write16(0, 1), new byte[512]).sense().orElseThrow();
        assertThat(refused.additional()).isEqualTo(0x2700);
      }
    }
  }

  @Test
  void rollingBackTellsEachInitiatorAndBringsItBack() throws Exception {
    try (Session one = disk.login();
        Session two = disk.login()) {
      byte[] old = new byte[512];
      old[0] = 7;
      one.logicalUnit(0).write(0, old, 512);
      content.takeSnapshot(List.of(disk.label(0)), "before");
      one.logicalUnit(0).write(0, new byte[512], 512);
      content.rollBack(disk.label(0), "before");
      for (Session session : List.of(one, two)) {
        Sense told = session.logicalUnit(0).testUnitReady().sense().orElseThrow();
        assertThat(told.key()).isEqualTo(Sense.UNIT_ATTENTION);
        assertThat(told.additional()).isEqualTo(0x2800);
        assertThat(session.logicalUnit(0).read(0, 1, 512)).isEqualTo(old);
      }
    }
  }

  @Test
  void anOverlayThatMayHoldNoMoreSaysThatSpaceIsUsedUp() throws Exception {
    container.configure(
        "org.jtgt.backstore.overlay",
        disk.label(0),
        Map.of("base", base, "path", folder.resolve("overlay").toString(), "limit", "128K"));
    try (Session session = disk.login()) {
      LogicalUnit unit = session.logicalUnit(0);
      Sense full =
          Container.eventually(() -> {
            for (long lba = 0; lba < 32_768; lba += 128) {
              var result = unit.out(Cdb.write16(lba, 1), new byte[512]);
              if (result.sense().isPresent()) {
                return result.sense().get();
              }
            }
            throw new AssertionError("the limit is not there yet");
          });
      assertThat(full.key()).isEqualTo(0x7);
      assertThat(full.additional()).isEqualTo(0x2707);
      assertThat(unit.read(0, 1, 512)).containsOnly(0);
    }
  }
}
