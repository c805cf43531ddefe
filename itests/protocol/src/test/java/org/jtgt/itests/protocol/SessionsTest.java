// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.LogicalUnit;
import org.jtgt.itests.initiator.LoginException;
import org.jtgt.itests.initiator.LoginOptions;
import org.jtgt.itests.initiator.ScsiCommand;
import org.jtgt.itests.initiator.ScsiTask;
import org.jtgt.itests.initiator.Session;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Many sessions beside and after each other. */
@ExtendWith(TargetUnderTest.class)
class SessionsTest {
  private static final int SESSIONS = 16;
  private static final int REGION_BLOCKS = 4096;

  @Test
  @Section("4.4.2")
  void one_initiator_may_have_several_sessions_with_different_ISIDs(TestedTarget target)
      throws Exception {
    LoginOptions options = target.options();
    try (Session one = Session.login(target.portal(), options);
        Session two = Session.login(target.portal(), options.withIsid(LoginOptions.randomIsid()))) {
      assertThat(one.tsih()).isNotEqualTo(two.tsih());
      byte[] data = new byte[4096];
      new Random(7).nextBytes(data);
      target.disk(one).write(0, data, 512);
      assertThat(target.disk(two).read(0, 8, 512)).isEqualTo(data);
    }
  }

  @Test
  @Section("4.4.3")
  void live_sessions_have_different_TSIHs(TestedTarget target) throws Exception {
    List<Session> sessions = new ArrayList<>();
    try {
      Set<Integer> tsihs = new HashSet<>();
      for (int i = 0; i < 32; i++) {
        sessions.add(target.login());
        tsihs.add(sessions.getLast().tsih());
      }
      assertThat(tsihs).hasSize(32);
    } finally {
      for (Session session : sessions) {
        session.close();
      }
    }
  }

  @Test
  @Section("6.3.1, 13.2")
  void a_second_connection_is_refused_when_one_was_agreed(TestedTarget target) throws Exception {
    try (Session session = target.login(o -> o.with("MaxConnections", 1))) {
      assertThatThrownBy(() -> session.addConnection(target.portal(), 2))
          .isInstanceOfSatisfying(
              LoginException.class, e -> assertThat(e.status() >> 8).isEqualTo(2));
      target.disk(session).testUnitReady().requireGood();
    }
  }

  @Test
  @Section("4.2.2")
  void sixteen_sessions_in_parallel_read_what_they_wrote(TestedTarget target) throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(SESSIONS)) {
      List<Future<?>> runs = new ArrayList<>();
      for (int i = 0; i < SESSIONS; i++) {
        int index = i;
        runs.add(
            threads.submit(() -> {
              verify(target, index);
              return null;
            }));
      }
      for (Future<?> run : runs) {
        run.get();
      }
    }
  }

  @Test
  @Section("6.3, 11.14")
  void five_hundred_logins_and_logouts_leave_room_for_more(TestedTarget target) throws Exception {
    LoginOptions options = target.options();
    for (int i = 0; i < 500; i++) {
      LoginOptions next = i % 2 == 0 ? options : target.options();
      try (Session session = Session.login(target.portal(), next)) {
        session.connection().ping(new byte[] {(byte) i});
        session.logout();
      }
    }
    target.mustServeOthers();
  }

  @Test
  @Section("6.3.5, 7.11")
  void a_hundred_dropped_connections_disturb_no_one(TestedTarget target) throws Exception {
    try (Session other = target.login()) {
      LogicalUnit disk = target.disk(other);
      for (int i = 0; i < 100; i++) {
        try (Session session = target.login()) {
          session.submit(ScsiCommand.in(disk.lun(), Cdb.read10(0, 128), 65536));
          if (i % 2 == 0) {
            session.connection().channel().reset();
          }
          session.drop();
        }
      }
      disk.testUnitReady().requireGood();
    }
  }

  /** Writes and reads a region of its own on both disks, several commands under way. */
  private static void verify(TestedTarget target, int index) throws Exception {
    Random random = new Random(index);
    boolean digests = index % 4 == 3;
    try (Session session =
        target.login(o ->
            o.with("InitialR2T", index % 2 == 0 ? "Yes" : "No")
                .with("ImmediateData", index % 3 == 0 ? "No" : "Yes")
                .with("HeaderDigest", digests ? "CRC32C,None" : "None")
                .with("DataDigest", digests ? "CRC32C,None" : "None"))) {
      LogicalUnit[] disks = {target.disk(session), target.otherDisk(session)};
      long base = (long) index * REGION_BLOCKS;
      byte[][] shadow = new byte[2][REGION_BLOCKS * 512];
      for (LogicalUnit disk : disks) {
        for (int at = 0; at < REGION_BLOCKS; at += 512) {
          disk.write(base + at, new byte[512 * 512], 512);
        }
      }
      for (int round = 0; round < 30; round++) {
        List<ScsiTask> tasks = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          int unit = random.nextInt(2);
          // Eighths of the region: writes under way together do not overlap.
          int slot = REGION_BLOCKS / 8;
          int blocks = 1 + random.nextInt(i == 0 ? slot : 64);
          int at = i * slot + random.nextInt(slot - blocks + 1);
          byte[] data = new byte[blocks * 512];
          random.nextBytes(data);
          System.arraycopy(data, 0, shadow[unit], at * 512, data.length);
          tasks.add(
              session.submit(
                  ScsiCommand.out(disks[unit].lun(), Cdb.write16(base + at, blocks), data)));
        }
        for (ScsiTask task : tasks) {
          session.connection().await(task).requireGood();
        }
        int at = random.nextInt(REGION_BLOCKS - 256);
        int unit = round % 2;
        assertThat(
                Arrays.equals(
                    disks[unit].read(base + at, 256, 512),
                    Arrays.copyOfRange(shadow[unit], at * 512, (at + 256) * 512)))
            .as("session %d, unit %d, block %d", index, unit, base + at)
            .isTrue();
      }
      for (int unit = 0; unit < 2; unit++) {
        for (int at = 0; at < REGION_BLOCKS; at += 512) {
          assertThat(
                  Arrays.equals(
                      disks[unit].read(base + at, 512, 512),
                      Arrays.copyOfRange(shadow[unit], at * 512, (at + 512) * 512)))
              .as("session %d, unit %d, block %d", index, unit, base + at)
              .isTrue();
        }
      }
      session.logout();
    }
  }
}
