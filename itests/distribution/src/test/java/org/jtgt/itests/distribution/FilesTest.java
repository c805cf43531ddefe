// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.jtgt.itests.initiator.LogicalUnit;
import org.jtgt.itests.initiator.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Objects made of dropped files, and what a restart leaves of them. */
class FilesTest {
  private static final String TARGET = "iqn.2026-11.org.jtgt.itests:files";

  private Distribution jtgt;

  @BeforeEach
  void serveOneDisk() throws Exception {
    jtgt = new Distribution();
    jtgt.dropDisk("disk0", "32M");
    dropTarget("0:disk0");
    jtgt.dropPortal();
    jtgt.start();
  }

  @AfterEach
  void end() throws Exception {
    jtgt.close();
  }

  private void dropTarget(String luns) throws IOException {
    jtgt.drop("org.jtgt.scsi.target-files.cfg", "name=" + TARGET, "luns=" + luns);
  }

  @Test
  void filesDroppedWhileASessionRunsAddALunAndTakeItAway() throws Exception {
    try (Session session = jtgt.login(TARGET)) {
      jtgt.dropDisk("disk1", "16M");
      dropTarget("0:disk0,1:disk1");
      jtgt.eventually(() -> {
        session.logicalUnit(1).clearUnitAttentions();
        assertThat(session.logicalUnit(1).capacity().blocks()).isEqualTo((16 << 20) / 512);
        return true;
      });
      session.logicalUnit(0).clearUnitAttentions();
      dropTarget("0:disk0");
      jtgt.eventually(() -> assertThat(additionalSenseCode(session, 1)).isEqualTo(0x25));
      jtgt.eventually(() -> assertThat(additionalSenseCode(session, 0)).isEqualTo(0x3F));
      session.logicalUnit(0).read(0, 8, 512);
    }
  }

  private static int additionalSenseCode(Session session, int lun) throws IOException {
    return session.logicalUnit(lun).testUnitReady().sense().orElseThrow().asc();
  }

  @Test
  void aWrongFileIsToldInOneLineAndDisturbsNothing() throws Exception {
    try (Session session = jtgt.login(TARGET)) {
      jtgt.drop("org.jtgt.scsi.lu-wrong.cfg", "store=disk0", "blockSize=513");
      jtgt.drop("org.jtgt.iscsi.portal-wrong.cfg", "address=127.0.0.1", "prot=1");
      jtgt.eventually(() -> {
        // Not by the number: a time, a port or the name of a folder may have it, too.
        assertThat(linesWith("blockSize")).hasSize(1);
        assertThat(linesWith("blockSize").getFirst())
            .contains("org.jtgt.scsi.lu", "wrong", "513", "4096");
        assertThat(linesWith("prot")).hasSize(1);
        assertThat(linesWith("prot").getFirst()).contains("wrong", "port");
        return true;
      });
      session.logicalUnit(0).read(0, 8, 512);
      assertThat(jtgt.jtgt("list").out()).contains("disk0", "lu-wrong.cfg: refused", "513");
    }
  }

  @Test
  void dataIdentityAndSessionsSurviveARestartWithoutItsCache() throws Exception {
    byte[] data = new byte[256 * 512];
    new Random(7).nextBytes(data);
    byte[] identification;
    try (Session session = jtgt.login(TARGET)) {
      session.logicalUnit(0).write(1000, data, 512);
      identification = session.logicalUnit(0).vpd(0x83);
    }
    assertThat(jtgt.stop()).isZero();
    deleteCache();
    jtgt.start();
    try (Session session = jtgt.login(TARGET)) {
      LogicalUnit disk = session.logicalUnit(0);
      assertThat(disk.read(1000, 256, 512)).isEqualTo(data);
      assertThat(disk.vpd(0x83)).isEqualTo(identification);
    }
  }

  @Test
  void synchronizedDataSurvivesAKill() throws Exception {
    byte[] data = new byte[8 * 512];
    Arrays.fill(data, (byte) 0x5A);
    try (Session session = jtgt.login(TARGET)) {
      session.logicalUnit(0).write(64, data, 512);
      session.logicalUnit(0).synchronizeCache();
      jtgt.kill();
    }
    jtgt.start();
    try (Session session = jtgt.login(TARGET)) {
      assertThat(session.logicalUnit(0).read(64, 8, 512)).isEqualTo(data);
    }
  }

  /** As a kill leaves it between the changes of one command: all of them, and a part is done. */
  @Test
  void aCommandThatAKillInterruptedIsCarriedOutBeforeAnythingIsServed() throws Exception {
    jtgt.login(TARGET).close();
    jtgt.kill();
    Path file = jtgt.etc().resolve("org.jtgt.backstore.memory-gone.cfg");
    Files.writeString(file, "size=4M");
    Path record = jtgt.state().resolve("admin").resolve("changes");
    Files.createDirectories(record.getParent());
    Files.writeString(
        record,
        """
        parts=I"3"
        0.file="%s"
        0.before="size\\=4M"
        1.pid="org.jtgt.backstore.memory~left"
        1.type="org.jtgt.backstore.memory"
        1.name="left"
        1.after="command"
        1.after.key.0="size"
        1.after.value.0="4M"
        2.pid="org.jtgt.scsi.lu~left"
        2.type="org.jtgt.scsi.lu"
        2.name="left"
        2.after="command"
        2.after.key.0="store"
        2.after.value.0="left"
        2.after.key.1="blockSize"
        2.after.value.1=I"4096"
        """
            .formatted(file));
    jtgt.forgetLog();
    jtgt.start();
    jtgt.login(TARGET).close();
    assertThat(linesWith("interrupted")).hasSize(1);
    assertThat(linesWith("interrupted").getFirst())
        .contains("carried out", "org.jtgt.backstore.memory~left", "org.jtgt.scsi.lu~left");
    assertThat(jtgt.jtgt("show", "lu", "left").out()).contains("ready", "4096");
    assertThat(file).doesNotExist();
    assertThat(record).doesNotExist();
  }

  @Test
  void aFileTakenAwayWhileStoppedTakesItsObjectAway() throws Exception {
    jtgt.login(TARGET).close();
    assertThat(jtgt.stop()).isZero();
    Files.delete(jtgt.etc().resolve("org.jtgt.scsi.target-files.cfg"));
    jtgt.start();
    jtgt.eventually(() -> {
      assertThatThrownBy(() -> Session.login(jtgt.portal(), Distribution.initiator(TARGET)))
          .hasMessageContaining("0203");
      return true;
    });
  }

  @Test
  void aChangedFileChangesItsObjectInPlace() throws Exception {
    try (Session session = jtgt.login(TARGET)) {
      jtgt.drop("org.jtgt.scsi.lu-disk0.cfg", "store=disk0", "product=CHANGED");
      jtgt.eventually(() -> {
        session.logicalUnit(0).clearUnitAttentions();
        assertThat(new String(session.logicalUnit(0).inquiry(), 16, 7)).isEqualTo("CHANGED");
        // INQUIRY DATA HAS CHANGED follows the change: whoever hears of it sees the new data.
        return session.logicalUnit(0).read(0, 8, 512);
      });
    }
  }

  @Test
  void aFileThatIsCorrectedAfterItWasRefusedIsTaken() throws Exception {
    jtgt.drop("org.jtgt.backstore.memory-late.cfg", "size=some");
    jtgt.eventually(() -> assertThat(linesWith("late.cfg")).hasSize(1));
    jtgt.drop("org.jtgt.backstore.memory-late.cfg", "size=4M");
    jtgt.eventually(() ->
        assertThat(jtgt.jtgt("show", "memory", "late").out())
            .contains("4M")
            .doesNotContain("some"));
  }

  @Test
  void aFileAndACommandOnTheSameNameNeverOverwriteEachOther() throws Exception {
    assertThat(jtgt.jtgt("create", "memory", "both", "size=4M").status()).isZero();
    Path file = jtgt.drop("org.jtgt.backstore.memory-both.cfg", "size=8M");
    jtgt.eventually(() -> assertThat(linesWith("both.cfg")).hasSize(1));
    assertThat(linesWith("both.cfg").getFirst()).contains("refused", "command");
    assertThat(jtgt.jtgt("show", "memory", "both").out()).contains("4M");
    assertThat(file).exists();
    var refused = jtgt.jtgt("create", "memory", "disk0", "size=4M");
    assertThat(refused.status()).isEqualTo(1);
    assertThat(refused.out()).contains("exists");
  }

  @Test
  void aTakenPortIsToldInOneLineAndServedAsSoonAsItIsFree() throws Exception {
    jtgt.login(TARGET).close();
    jtgt.stop();
    try (ServerSocket taken =
        new ServerSocket(jtgt.portal().getPort(), 1, InetAddress.getByName("127.0.0.1"))) {
      jtgt.forgetLog();
      jtgt.start();
      jtgt.eventually(() -> assertThat(linesWith(":" + taken.getLocalPort())).isNotEmpty());
      assertThat(linesWith(":" + taken.getLocalPort())).hasSize(1);
    }
    jtgt.login(TARGET).close();
  }

  @Test
  void aSecondDaemonOnTheSameStateIsRefused() throws Exception {
    try (Distribution second = new Distribution()) {
      second.start("--state", jtgt.state().toString());
      assertThat(second.awaitEnd()).isEqualTo(2);
      assertThat(second.log()).contains("another daemon", jtgt.state().toString());
    }
    jtgt.login(TARGET).close();
  }

  private java.util.List<String> linesWith(String text) throws IOException {
    try (Stream<String> lines = jtgt.log().lines()) {
      return lines.filter(line -> line.contains(text)).toList();
    }
  }

  private void deleteCache() throws IOException {
    try (Stream<Path> files = Files.walk(jtgt.state().resolve("cache"))) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
