// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.TaskManagementFunction;
import org.jtgt.scsi.device.CommandTable;
import org.jtgt.scsi.device.DeviceServer;
import org.jtgt.scsi.device.UnitMemory;
import org.jtgt.scsi.internal.spc.PrimaryCommands;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What must not get lost with a command that gets no answer. */
@Timeout(120)
class UntoldAttentionTest {
  private static final long LUN1 = 1L << 48;

  /** A device server that lets a test do something while a command is being judged. */
  private static final class Hooked implements DeviceServer {
    private final CommandTable table = new CommandTable(PrimaryCommands.rows());
    @Nullable Runnable hook;

    @Override
    public int peripheralDeviceType() {
      return 0;
    }

    @Override
    public CommandTable commands() {
      Runnable now = hook;
      hook = null;
      if (now != null) {
        now.run();
      }
      return table;
    }
  }

  @Test
  void aUnitAttentionIsNotLostWithTheCommandThatIsAborted() {
    try (Bench bench = Bench.withMemory(10)) {
      Hooked server = new Hooked();
      bench.engine.createUnit(
          Bench.settings("disk1", "store1"), made -> server, UnitMemory.ofProcess());
      bench.target.change(Bench.targetSettings(Map.of(0, "disk0", 1, "disk1")));
      server.hook =
          () -> bench.nexus.manage(TaskManagementFunction.ABORT_TASK, LUN1, 5, answer -> {});
      FakeCommand ready = FakeCommand.of("00").lun(LUN1).tag(5);
      bench.nexus.execute(ready);
      assertThat(ready.wasAborted()).isTrue();
      byte[] sense = bench.run(FakeCommand.of("03 00 00 00 12 00").expectsIn(18).lun(LUN1)).data();
      assertThat(sense[12]).as("POWER ON was never told").isEqualTo((byte) 0x29);
    }
  }

  /** A worker of one unit that dies by a bug of the transport does not take the others' threads. */
  @Test
  void workersSurviveWhatATransportThrows() throws InterruptedException {
    try (Bench bench = new Bench()) {
      MemoryStore blocking =
          new MemoryStore(100 * 512) {
            @Override
            public Completion completion() {
              return Completion.BLOCKING;
            }
          };
      bench.engine.addStore("store0", blocking);
      bench.clearAttentions(bench.nexus);
      for (int i = 0; i < 8; i++) {
        CountDownLatch thrown = new CountDownLatch(1);
        org.jtgt.scsi.ScsiCommand failing = failing(Bench.read10Command(0, 1), thrown);
        bench.nexus.execute(failing);
        if (!thrown.await(30, java.util.concurrent.TimeUnit.SECONDS)) {
          throw new AssertionError("no worker took the read after " + i + " failures");
        }
        Thread.sleep(50);
      }
      FakeCommand read = Bench.read10Command(0, 1);
      bench.nexus.execute(read);
      assertThat(read.status()).as("the unit still has a worker").isEqualTo(ScsiStatus.GOOD);
    }
  }

  private static org.jtgt.scsi.ScsiCommand failing(FakeCommand command, CountDownLatch thrown) {
    return (org.jtgt.scsi.ScsiCommand)
        java.lang.reflect.Proxy.newProxyInstance(
            UntoldAttentionTest.class.getClassLoader(),
            new Class<?>[] {org.jtgt.scsi.ScsiCommand.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("complete")) {
                thrown.countDown();
                throw new OutOfMemoryError("no direct memory for the response");
              }
              return method.invoke(command, arguments);
            });
  }
}
