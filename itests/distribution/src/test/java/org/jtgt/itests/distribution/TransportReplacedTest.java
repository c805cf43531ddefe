// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.ConnectionClosedException;
import org.jtgt.itests.initiator.LogicalUnit;
import org.jtgt.itests.initiator.LoginOptions;
import org.jtgt.itests.initiator.Response;
import org.jtgt.itests.initiator.ScsiResult;
import org.jtgt.itests.initiator.Sense;
import org.jtgt.itests.initiator.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/**
 * The bundles {@code scsi} and {@code iscsi} are replaced while two initiators are logged in: one
 * logs out when it is asked to, the other one does not hear. Both come back with their ISIDs and
 * find their registrations and the reservation, none of which has APTPL.
 */
class TransportReplacedTest {
  private static final String TARGET = "iqn.2026-11.org.jtgt.itests:replaced";
  private static final String SCSI = "org.jtgt.scsi";
  private static final String ISCSI = "org.jtgt.iscsi";
  private static final int LOGOUT_SECONDS = 1;
  private static final int REGISTER = 0;
  private static final int RESERVE = 1;
  private static final int CLEAR = 3;
  private static final int READ_FULL_STATUS = 3;
  private static final int WRITE_EXCLUSIVE = 1;
  private static final int FULL_STATUS_BYTES = 1024;

  private final LoginOptions holder = options("holder");
  private final LoginOptions stranger = options("stranger");
  private Distribution jtgt;
  private Session a;
  private Session b;

  private static LoginOptions options(String name) {
    return LoginOptions.normal("iqn.2026-11.org.jtgt.itests:" + name, TARGET);
  }

  @BeforeEach
  void reserveOneOfTwoRegistered() throws Exception {
    jtgt = new Distribution();
    jtgt.dropDisk("disk0", "4M");
    jtgt.drop("org.jtgt.scsi.target-replaced.cfg", "name=" + TARGET, "luns=0:disk0");
    jtgt.drop("org.jtgt.iscsi.cfg", "logoutSeconds=" + LOGOUT_SECONDS);
    jtgt.dropPortal();
    jtgt.start();
    jtgt.login(TARGET).close();
    a = Session.login(jtgt.portal(), holder);
    b = Session.login(jtgt.portal(), stranger);
    a.logicalUnit(0).clearUnitAttentions();
    b.logicalUnit(0).clearUnitAttentions();
    reserveOut(a, REGISTER, 0, 0, 0xA);
    reserveOut(b, REGISTER, 0, 0, 0xB);
    reserveOut(a, RESERVE, WRITE_EXCLUSIVE, 0xA, 0);
    a.logicalUnit(0).write(0, "before".repeat(256).getBytes(), 512);
  }

  @AfterEach
  void end() throws Exception {
    a.drop();
    b.drop();
    jtgt.close();
  }

  private static void reserveOut(Session by, int action, int type, long key, long actionKey)
      throws IOException {
    byte[] list = Cdb.persistentReserveParameters(key, actionKey, 0);
    by.logicalUnit(0).out(Cdb.persistentReserveOut(action, 0, type), list).requireGood();
  }

  private static byte[] fullStatus(Session by) throws IOException {
    byte[] cdb = Cdb.persistentReserveIn(READ_FULL_STATUS, FULL_STATUS_BYTES);
    return by.logicalUnit(0).in(cdb, FULL_STATUS_BYTES).requireGood().data();
  }

  /** The jar that ships, as another version. */
  private void dropVersion(String symbolicName, String version) throws IOException {
    Path shipped = StoreJars.shipped(Distribution.HOME, symbolicName);
    Path jar = jtgt.work().resolve("deploy").resolve(symbolicName + ".jar");
    StoreJars.drop(shipped, jar, Map.of("Bundle-Version", version), Map.of());
  }

  private CompletableFuture<String> command(String... words) {
    return CompletableFuture.supplyAsync(() -> {
      try {
        return jtgt.jtgt(words).out();
      } catch (IOException | InterruptedException e) {
        throw new AssertionError(e);
      }
    });
  }

  /** The one is asked, logs out and comes back; the other is closed when the time is over. */
  private Duration sessionsEndInOrderAndComeBack() throws Exception {
    // Of the one that ignores it: the two are asked one after the other.
    final long notAsked = lastAnswerBeforeAnAsyncMessage(b);
    Response.Async asked = a.connection().awaitAsync(Duration.ofSeconds(60));
    assertThat(asked.event()).isEqualTo(Response.Async.LOGOUT_REQUESTED);
    assertThat(asked.parameter3()).isEqualTo(LOGOUT_SECONDS);
    final long begun = System.nanoTime();
    a.logout();
    assertThatThrownBy(() -> hearNothing(b)).isInstanceOf(ConnectionClosedException.class);
    assertThat(Duration.ofNanos(System.nanoTime() - notAsked))
        .as("the time that was announced to who ignores it")
        .isGreaterThanOrEqualTo(Duration.ofSeconds(LOGOUT_SECONDS));
    b.drop();
    a = comeBack(holder);
    final Duration outage = Duration.ofNanos(System.nanoTime() - begun);
    b = comeBack(stranger);
    return outage;
  }

  /**
   * A moment before the target sent an Asynchronous Message, however late this thread is: on a
   * connection it comes after the answers of pings that were sent before.
   */
  private static long lastAnswerBeforeAnAsyncMessage(Session session) throws Exception {
    long last = System.nanoTime();
    while (true) {
      long sent = System.nanoTime();
      session.connection().ping(new byte[] {1});
      if (!session.connection().asyncs().isEmpty()) {
        return last;
      }
      last = sent;
      Thread.sleep(5);
    }
  }

  private static void hearNothing(Session session) throws IOException {
    while (true) {
      try {
        session.connection().receive(Duration.ofSeconds(60));
      } catch (SocketTimeoutException e) {
        throw new AssertionError("the session was not closed", e);
      }
    }
  }

  /** A new nexus: one unit attention tells it, and that is all. */
  private Session comeBack(LoginOptions options) {
    return jtgt.eventually(() -> {
      Session session = Session.login(jtgt.portal(), options);
      try {
        Sense sense = session.logicalUnit(0).testUnitReady().sense().orElseThrow();
        assertThat(sense.key()).isEqualTo(Sense.UNIT_ATTENTION);
        assertThat(sense.asc()).isEqualTo(0x29);
        session.logicalUnit(0).testUnitReady().requireGood();
        return session;
      } catch (IOException | AssertionError failure) {
        session.drop();
        throw failure;
      }
    });
  }

  private void expectDataAndReservation(byte[] before) throws IOException {
    assertThat(fullStatus(a)).isEqualTo(before);
    LogicalUnit disk = b.logicalUnit(0);
    assertThat(disk.read(0, 3, 512)).isEqualTo("before".repeat(256).getBytes());
    assertThat(disk.out(Cdb.write10(0, 1), new byte[512]).status())
        .isEqualTo(ScsiResult.RESERVATION_CONFLICT);
    a.logicalUnit(0).write(8, new byte[512], 512);
  }

  @Test
  void aReplacedEngineKnowsItsReservations(TestReporter reporter) throws Exception {
    byte[] before = fullStatus(a);
    dropVersion(SCSI, "0.2.0");
    Duration outage = sessionsEndInOrderAndComeBack();
    reporter.publishEntry("scsi replaced, from the logout to the next I/O", outage.toString());
    expectDataAndReservation(before);
    jtgt.eventually(() -> assertThat(jtgt.log()).contains(SCSI + " 0.2.0: updated by"));

    // The jar is taken away: what ships comes back the same way.
    Files.delete(jtgt.work().resolve("deploy").resolve(SCSI + ".jar"));
    sessionsEndInOrderAndComeBack();
    expectDataAndReservation(before);
    assertThat(jtgt.stop()).isZero();
    jtgt.start();
    a = comeBack(holder);
    assertThat(fullStatus(a))
        .as("without APTPL nothing outlives the container")
        .isEqualTo(new byte[8]);
  }

  @Test
  void aReplacedTransportLeavesTheEngineAlone(TestReporter reporter) throws Exception {
    byte[] before = fullStatus(a);
    Path jar = jtgt.work().resolve("iscsi.jar");
    StoreJars.drop(
        StoreJars.shipped(Distribution.HOME, ISCSI),
        jar,
        Map.of("Bundle-Version", "0.2.0"),
        Map.of());
    CompletableFuture<String> command = command("update", jar.toString());
    Duration outage = sessionsEndInOrderAndComeBack();
    reporter.publishEntry("iscsi replaced, from the logout to the next I/O", outage.toString());
    expectDataAndReservation(before);
    assertThat(command.join()).contains(ISCSI + " 0.2.0: updated");
  }

  @Test
  void aReservationThatEndsWithItsSessionForbidsItUnlessItIsForced() throws Exception {
    reserveOut(a, CLEAR, 0, 0xA, 0);
    b.logicalUnit(0).clearUnitAttentions();
    a.logicalUnit(0).none(Cdb.reserve6()).requireGood();
    dropVersion(SCSI, "0.2.0");
    jtgt.eventually(() ->
        assertThat(jtgt.log().lines().filter(line -> line.contains("RESERVE")))
            .singleElement()
            .asString()
            .contains(SCSI + ".jar: refused", "disk0", "holder", "--force"));
    a.logicalUnit(0).write(0, new byte[512], 512);
    assertThat(b.logicalUnit(0).testUnitReady().status())
        .isEqualTo(ScsiResult.RESERVATION_CONFLICT);
    Path jar = jtgt.work().resolve("deploy").resolve(SCSI + ".jar");
    assertThat(jtgt.jtgt("update", jar.toString()).out()).contains("RESERVE", "--force");

    CompletableFuture<String> command = command("update", "--force", jar.toString());
    sessionsEndInOrderAndComeBack();
    b.logicalUnit(0).write(0, new byte[512], 512);
    assertThat(command.join()).contains(SCSI + " 0.2.0: updated");
  }
}
