// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.Response;
import org.jtgt.itests.initiator.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * How a daemon ends, seen with a store that keeps nothing but what was flushed (itests/doubles):
 * its file shows what is stable.
 */
class StopTest {
  private static final String TARGET = "iqn.2026-11.org.jtgt.itests:stop";
  private static final int LBA = 8;

  private final byte[] data = new byte[64 * 512];
  private Distribution jtgt;
  private Path file;

  @BeforeEach
  void serveANonDurableDisk() throws Exception {
    new Random(3).nextBytes(data);
    jtgt = new Distribution();
    Path jar = Path.of(System.getProperty("jtgt.doubles.jar"));
    Files.copy(jar, jtgt.work().resolve("deploy").resolve(jar.getFileName()));
    file = jtgt.work().resolve("stable.img");
    jtgt.drop("org.jtgt.itests.doubles.nondurable-disk0.cfg", "path=" + file, "size=1M");
    jtgt.drop("org.jtgt.scsi.lu-disk0.cfg", "store=disk0");
    jtgt.drop("org.jtgt.scsi.target-stop.cfg", "name=" + TARGET, "luns=0:disk0");
    jtgt.dropPortal();
    jtgt.start();
  }

  @AfterEach
  void end() throws Exception {
    jtgt.close();
  }

  private byte[] stable() throws IOException {
    return Arrays.copyOfRange(Files.readAllBytes(file), LBA * 512, LBA * 512 + data.length);
  }

  @Test
  void aStopAsksSessionsToLogOutFlushesTheStoresAndEndsWithZero() throws Exception {
    Session session = jtgt.login(TARGET);
    session.logicalUnit(0).write(LBA, data, 512);
    assertThat(stable()).as("what nobody synchronized").containsOnly(0);
    CompletableFuture<Integer> status =
        CompletableFuture.supplyAsync(() -> {
          try {
            return jtgt.stop();
          } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
          }
        });
    assertThat(session.connection().awaitAsync(Duration.ofSeconds(30)).event())
        .isEqualTo(Response.Async.LOGOUT_REQUESTED);
    session.logout();
    assertThat(status.get()).isZero();
    assertThat(stable()).isEqualTo(data);
    assertThat(jtgt.log()).doesNotContain("flush of store");
  }

  @Test
  void aSessionThatDoesNotLogOutDoesNotKeepTheDaemonUp() throws Exception {
    try (Session session = jtgt.login(TARGET)) {
      session.logicalUnit(0).write(LBA, data, 512);
      assertThat(jtgt.stop()).isZero();
      assertThat(stable()).isEqualTo(data);
    }
  }

  /**
   * Shows that the store is what it says: without the stop in order, only flushed data is there.
   */
  @Test
  void aKillLosesWhatWasNotSynchronizedAndNothingElse() throws Exception {
    byte[] later = new byte[data.length];
    Arrays.fill(later, (byte) 9);
    try (Session session = jtgt.login(TARGET)) {
      byte[] fua = Cdb.write16(LBA, data.length / 512);
      fua[1] |= Cdb.FUA;
      session.logicalUnit(0).out(fua, data).requireGood();
      session.logicalUnit(0).write(LBA, later, 512);
      jtgt.kill();
    }
    assertThat(stable()).isEqualTo(data);
    jtgt.start();
    try (Session session = jtgt.login(TARGET)) {
      assertThat(session.logicalUnit(0).read(LBA, data.length / 512, 512)).isEqualTo(data);
    }
  }
}
