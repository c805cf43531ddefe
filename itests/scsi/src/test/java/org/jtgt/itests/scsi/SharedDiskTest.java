// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.Connection;
import org.jtgt.itests.initiator.ScsiCommand;
import org.jtgt.itests.initiator.ScsiResult;
import org.jtgt.itests.initiator.ScsiTask;
import org.jtgt.itests.initiator.Sense;
import org.jtgt.itests.initiator.TaskFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What clusters rely on, under load. The system property {@code jtgt.test.long} set to true makes
 * 100,000 increments and 500 fencings.
 */
@ExtendWith(DaemonUnderTest.class)
class SharedDiskTest {
  private static final boolean LONG = Boolean.getBoolean("jtgt.test.long");
  private static final int INCREMENTS = LONG ? 100_000 : 2_000;
  private static final int FENCINGS = LONG ? 500 : 10;
  private static final int SESSIONS = 8;
  private static final int MISCOMPARE_DURING_VERIFY = 0x1d00;

  @AfterEach
  void leaveNoReservation(Daemon daemon) throws Exception {
    Host.clearReservations(daemon, Daemon.DISK);
  }

  @Test
  @Section("SBC-3 5.2, 4.25")
  void COMPARE_AND_WRITE_loses_no_increment_of_eight_sessions(Daemon daemon) throws Exception {
    try (Host host = Host.of(daemon, Daemon.DISK)) {
      host.disk().write(0, new byte[512], 512);
    }
    AtomicInteger left = new AtomicInteger(INCREMENTS);
    List<Callable<Void>> sessions = new ArrayList<>();
    for (int i = 0; i < SESSIONS; i++) {
      String target = i % 2 == 0 ? Daemon.FIRST : Daemon.SECOND;
      sessions.add(() -> {
        try (Host host = Host.of(daemon, Daemon.DISK, target, Host.freshName(), o -> o)) {
          while (left.getAndDecrement() > 0) {
            increment(host);
          }
        }
        return null;
      });
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(SESSIONS)) {
      for (Future<Void> session : threads.invokeAll(sessions)) {
        session.get();
      }
    }
    try (Host host = Host.of(daemon, Daemon.DISK)) {
      byte[] block = host.disk().read(0, 1, 512);
      assertThat(ByteBuffer.wrap(block).getLong(0)).isEqualTo(INCREMENTS);
      assertThat(ByteBuffer.wrap(block).getLong(504)).isEqualTo(INCREMENTS);
    }
  }

  /** One increment of the counter that block 0 has at its begin and at its end. */
  private static void increment(Host host) throws IOException {
    while (true) {
      byte[] old = host.disk().read(0, 1, 512);
      long count = ByteBuffer.wrap(old).getLong(0);
      assertThat(ByteBuffer.wrap(old).getLong(504)).as("a torn block").isEqualTo(count);
      ByteBuffer both = ByteBuffer.allocate(1024).put(old).put(old);
      both.putLong(512, count + 1).putLong(1016, count + 1);
      ScsiResult result = host.disk().out(Cdb.compareAndWrite(0, 1), both.array());
      if (result.isGood()) {
        return;
      }
      Host.requireCheck(result, Sense.MISCOMPARE, MISCOMPARE_DURING_VERIFY);
    }
  }

  @Test
  @Section("SBC-3 5.2, SPC-4 4.5.3")
  void a_miscompare_tells_the_offset_and_writes_nothing(Daemon daemon) throws Exception {
    try (Host host = Host.of(daemon, Daemon.DISK)) {
      byte[] was = host.disk().read(3, 1, 512);
      byte[] both = new byte[1024];
      System.arraycopy(was, 0, both, 0, 512);
      both[300] ^= 0x01;
      both[400] ^= 0x01;
      Arrays.fill(both, 512, 1024, (byte) 0x77);
      ScsiResult result = host.disk().out(Cdb.compareAndWrite(3, 1), both);
      Host.requireCheck(result, Sense.MISCOMPARE, MISCOMPARE_DURING_VERIFY);
      assertThat(result.sense().orElseThrow().information()).hasValue(300);
      assertThat(host.disk().read(3, 1, 512)).isEqualTo(was);
    }
  }

  @Test
  @Section("SPC-4 5.12.11.4, 5.12.11.5, SAM-5 7.3")
  void PREEMPT_AND_ABORT_under_load_lets_no_fenced_write_through(Daemon daemon) throws Exception {
    try (Host fencer = Host.of(daemon, Daemon.DISK)) {
      fencer.register(0xf);
      fencer.reserve(Host.WRITE_EXCLUSIVE_RO, 0xf);
      for (int round = 0; round < FENCINGS; round++) {
        fence(daemon, fencer, round);
      }
    }
  }

  private static void fence(Daemon daemon, Host fencer, int round) throws Exception {
    long key = 0x1000L + round;
    Writer writer = new Writer(daemon, key);
    Thread thread = Thread.ofPlatform().start(writer);
    try {
      Daemon.await("the writer writes", () -> writer.written.get() > 64 || !thread.isAlive());
      fencer.reserveOut(Host.PREEMPT_AND_ABORT, Host.WRITE_EXCLUSIVE_RO, 0xf, key).requireGood();
      byte[] after = fencer.disk().read(Writer.LBA, Writer.DEPTH * Writer.BLOCKS, 512);
      writer.fenced = true;
      thread.join();
      assertThat(writer.failure.get()).isNull();
      byte[] later = fencer.disk().read(Writer.LBA, Writer.DEPTH * Writer.BLOCKS, 512);
      assertThat(later).as("what the medium holds once all answers came").isEqualTo(after);
    } finally {
      writer.fenced = true;
      thread.join();
    }
  }

  /** Writes as fast as it may until it is fenced, then tries once more. */
  private static final class Writer implements Runnable {
    static final int LBA = 8192;
    static final int DEPTH = 16;
    static final int BLOCKS = 16;

    final AtomicInteger written = new AtomicInteger();
    final AtomicReference<Throwable> failure = new AtomicReference<>();
    volatile boolean fenced;
    private final Daemon daemon;
    private final long key;

    Writer(Daemon daemon, long key) {
      this.daemon = daemon;
      this.key = key;
    }

    @Override
    public void run() {
      try (Host host = Host.of(daemon, Daemon.DISK)) {
        host.register(key);
        load(host);
        Connection connection = host.session().connection();
        // Ends what PREEMPT AND ABORT left without an answer for the initiator, too.
        assertThat(connection.taskManagement(TaskFunction.ABORT_TASK_SET, host.disk().lun()))
            .isEqualTo(TaskFunction.FUNCTION_COMPLETE);
        connection.ping(new byte[] {1});
        host.attentions();
        Host.requireConflict(host.disk().out(Cdb.write10(LBA, BLOCKS), new byte[BLOCKS * 512]));
      } catch (Throwable e) {
        failure.set(e);
      }
    }

    private void load(Host host) throws IOException {
      ScsiTask[] slots = new ScsiTask[DEPTH];
      boolean refused = false;
      while (!refused) {
        for (int slot = 0; slot < DEPTH && !refused; slot++) {
          ScsiTask task = slots[slot];
          if (task != null && task.result().isPresent()) {
            // UNIT ATTENTION or RESERVATION CONFLICT: fenced.
            refused = !task.result().get().isGood();
            slots[slot] = null;
          }
          if (slots[slot] == null && !refused) {
            byte[] data = new byte[BLOCKS * 512];
            Arrays.fill(data, (byte) written.incrementAndGet());
            slots[slot] =
                host.session()
                    .submit(
                        ScsiCommand.out(
                            host.disk().lun(), Cdb.write10(LBA + slot * BLOCKS, BLOCKS), data));
          }
        }
        try {
          host.session().connection().receive(Duration.ofMillis(200));
        } catch (SocketTimeoutException e) {
          if (fenced) {
            return;
          }
        }
      }
    }
  }
}
