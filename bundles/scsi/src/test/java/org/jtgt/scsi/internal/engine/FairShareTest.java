// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.scsi.ScsiStatus.GOOD;

import java.util.ArrayList;
import java.util.List;
import org.jtgt.scsi.TaskManagementFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** No nexus, transport or store stops the others. */
@Timeout(120)
class FairShareTest {
  private static FakeCommand silentWrite(int lba, int blocks) {
    return FakeCommand.of("8A 00 %016X %08X 00 00".formatted(lba, blocks))
        .sends(new byte[blocks * 512])
        .withDataLater();
  }

  @Test
  void anInitiatorThatSendsNoDataDoesNotStopTheOthersOfTheUnit() {
    try (Bench bench = new Bench()) {
      bench.engine.addStore("store0", new MemoryStore(16 << 20));
      Nexus other = bench.connect("b");
      bench.clearAttentions(bench.nexus);
      bench.clearAttentions(other);
      for (int i = 0; i < 16; i++) {
        bench.nexus.execute(silentWrite(0, 16384));
      }
      FakeCommand read = Bench.read10Command(0, 1);
      other.execute(read);
      assertThat(read.hasEnded()).isTrue();
    }
  }

  @Test
  void dataThatAnInitiatorDoesNotTakeCountsUntilItIsSentAndStopsItAlone() {
    try (Bench bench = new Bench()) {
      bench.engine.addStore("store0", new MemoryStore(16 << 20));
      Nexus other = bench.connect("b");
      bench.clearAttentions(bench.nexus);
      bench.clearAttentions(other);
      List<FakeCommand> reads = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        FakeCommand read = Bench.read10Command(i, 2048).sentLater();
        reads.add(read);
        bench.nexus.execute(read);
      }
      assertThat(reads.stream().filter(FakeCommand::hasEnded).count()).isEqualTo(4);
      assertThat(bench.engine.budget().usedBytes()).isEqualTo(4 << 20);
      for (int i = 0; i < 8; i++) {
        assertThat(bench.run(other, Bench.read10Command(0, 2048)).status()).isEqualTo(GOOD);
      }
      for (FakeCommand read : reads) {
        assertThat(read.status()).isEqualTo(GOOD);
        read.isSent();
      }
      assertThat(bench.engine.budget().usedBytes()).isZero();
      assertThat(bench.engine.budget().waitingCommands()).isZero();
    }
  }

  @Test
  void aReadThatWaitsForTheSendingOfOthersCanBeAborted() {
    try (Bench bench = new Bench()) {
      bench.engine.addStore("store0", new MemoryStore(16 << 20));
      bench.clearAttentions(bench.nexus);
      FakeCommand unsent = Bench.read10Command(0, 8192).sentLater();
      bench.nexus.execute(unsent);
      FakeCommand waiting = Bench.read10Command(0, 1).tag(7);
      bench.nexus.execute(waiting);
      assertThat(waiting.hasEnded()).isFalse();
      bench.nexus.manage(TaskManagementFunction.ABORT_TASK, 0, 7, answer -> {});
      assertThat(waiting.wasAborted()).isTrue();
      unsent.isSent();
      assertThat(bench.engine.budget().usedBytes()).isZero();
    }
  }

  /** ARCHITECTURE, life of a store: INQUIRY is answered at once. */
  @Test
  void inquiryIsAnsweredThoughTheStoreHangsUnderLoad() {
    try (Bench bench = new Bench()) {
      AsyncStore hanging = new AsyncStore(16 << 20);
      bench.engine.addStore("store0", hanging);
      bench.clearAttentions(bench.nexus);
      for (int i = 0; i < 128; i++) {
        bench.nexus.execute(Bench.read10Command(0, 2048));
      }
      FakeCommand inquiry = FakeCommand.of("12 00 00 00 60 00").expectsIn(96);
      bench.nexus.execute(inquiry);
      assertThat(inquiry.hasEnded()).isTrue();
    }
  }

  @Test
  void oneNexusDoesNotFillTheTaskSetOfAll() {
    try (Bench bench = new Bench()) {
      bench.engine.addStore("store0", new MemoryStore(1 << 20));
      Nexus other = bench.connect("b");
      bench.clearAttentions(bench.nexus);
      bench.clearAttentions(other);
      for (int i = 0; i < 5000; i++) {
        bench.nexus.execute(silentWrite(0, 1));
      }
      assertThat(bench.run(other, Bench.read10Command(0, 1)).status()).isEqualTo(GOOD);
    }
  }

  /** A command whose transport runs out of memory when it answers. */
  private static org.jtgt.scsi.ScsiCommand failing(FakeCommand command) {
    return (org.jtgt.scsi.ScsiCommand)
        java.lang.reflect.Proxy.newProxyInstance(
            FairShareTest.class.getClassLoader(),
            new Class<?>[] {org.jtgt.scsi.ScsiCommand.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("complete")) {
                throw new OutOfMemoryError("no direct memory for the response");
              }
              return method.invoke(command, arguments);
            });
  }

  @Test
  void anAnswerThatTheTransportCannotGiveStopsNobodyElse() {
    try (Bench bench = Bench.withMemory(100)) {
      FakeCommand first = Bench.write10Command(0, Bench.pattern(1, 1)).withDataLater();
      first.attribute(org.jtgt.scsi.TaskAttribute.ORDERED);
      bench.nexus.execute(failing(first));
      FakeCommand behind = Bench.read10Command(0, 1);
      bench.nexus.execute(behind);
      try {
        first.dataArrives();
      } catch (RuntimeException | OutOfMemoryError atTheEventLoop) {
        // Netty would close the connection.
      }
      assertThat(behind.hasEnded()).as("the command behind it has gone on").isTrue();
      assertThat(bench.engine.budget().usedBytes()).isZero();
      boolean[] reset = new boolean[1];
      bench.nexus.manage(TaskManagementFunction.LOGICAL_UNIT_RESET, 0, 0, a -> reset[0] = true);
      assertThat(reset[0]).as("a later reset answers").isTrue();
      boolean[] ended = new boolean[1];
      bench.nexus.close(() -> ended[0] = true);
      assertThat(ended[0]).as("the nexus ends").isTrue();
    }
  }
}
