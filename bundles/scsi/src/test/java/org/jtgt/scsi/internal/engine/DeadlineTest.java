// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.scsi.ScsiStatus.GOOD;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jtgt.backstore.Cancellation;
import org.jtgt.backstore.StoreIo;
import org.jtgt.scsi.TaskManagementFunction;
import org.jtgt.scsi.TaskManagementResponse;
import org.jtgt.state.StateRow;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Commands that wait longer than their deadline: the initiator gets a sense of its own, and what
 * the store still does for them changes nothing that comes later.
 */
class DeadlineTest {
  private static final Duration DEADLINE = Duration.ofSeconds(15);
  private static final String BEFORE_PROCESSING = "B/2E/01";
  private static final String DURING_PROCESSING = "B/2E/02";

  private final Bench bench = new Bench(settings(DEADLINE));
  private final AsyncStore store = new AsyncStore(1000 * 512);

  DeadlineTest() {
    bench.clearAttentions(bench.nexus);
  }

  private static LuSettings settings(Duration deadline) {
    return Bench.settings(Duration.ofMinutes(10), deadline);
  }

  @AfterEach
  void close() {
    store.completeAll();
    bench.close();
  }

  private void attach() {
    bench.engine.addStore("store0", store);
  }

  private FakeCommand start(FakeCommand command) {
    bench.nexus.execute(command);
    return command;
  }

  private static FakeCommand write(int lba, int seed) {
    return Bench.write10Command(lba, Bench.pattern(1, seed)).tag(seed);
  }

  private StateRow row() {
    return StateRows.of(bench.engine).getFirst().rows().getFirst();
  }

  private List<TaskManagementResponse> manage(TaskManagementFunction function, long tag) {
    List<TaskManagementResponse> answers = new ArrayList<>();
    bench.nexus.manage(function, 0, tag, answers::add);
    return answers;
  }

  // --- begun by the store ---

  @Test
  void aCommandThatItsStoreDoesNotAnswerTimesOutDuringProcessing() {
    attach();
    FakeCommand read = start(Bench.read10Command(0, 1));
    FakeCommand write = start(write(5, 7));
    bench.clock.advance(DEADLINE.minusMillis(1));
    assertThat(read.hasEnded()).isFalse();
    bench.clock.advance(Duration.ofSeconds(1));
    assertThat(read.sense()).isEqualTo(DURING_PROCESSING);
    assertThat(write.sense()).isEqualTo(DURING_PROCESSING);
    assertThat(read.wasGivenBack()).as("its buffers are the store's").isFalse();
    assertThat(write.wasGivenBack()).isFalse();
    assertThat(bench.unit.counters().errors()).isEqualTo(2);
    store.completeAll();
    assertThat(read.wasGivenBack()).isTrue();
    assertThat(write.wasGivenBack()).isTrue();
    assertThat(bench.unit.tasks().size()).isZero();
    assertThat(bench.engine.budget().usedBytes()).isZero();
    assertThat(bench.unit.counters().writeCommands()).isEqualTo(1);
  }

  @Test
  void aLateWriteNeverLandsOnWhatCameAfterItsAnswer() {
    attach();
    FakeCommand late = start(write(5, 7));
    bench.clock.advance(DEADLINE);
    assertThat(late.sense()).isEqualTo(DURING_PROCESSING);
    FakeCommand newer = start(write(5, 8));
    FakeCommand read = start(Bench.read10Command(5, 1));
    FakeCommand elsewhere = start(write(6, 9));
    assertThat(store.waiting()).as("the late write and the one elsewhere").isEqualTo(2);
    store.completeLast();
    assertThat(elsewhere.status()).isEqualTo(GOOD);
    assertThat(newer.hasEnded()).isFalse();
    store.completeAll();
    assertThat(newer.status()).isEqualTo(GOOD);
    assertThat(read.data()).isEqualTo(Bench.pattern(1, 8));
    assertThat(store.content(5, 1)).isEqualTo(Bench.pattern(1, 8));
  }

  @Test
  void whatWaitsBehindALateWriteTimesOutBeforeProcessingAndIsNeverDone() {
    attach();
    start(write(5, 7));
    bench.clock.advance(DEADLINE);
    FakeCommand second = start(write(5, 8));
    bench.clock.advance(DEADLINE);
    assertThat(second.sense()).isEqualTo(BEFORE_PROCESSING);
    assertThat(second.wasGivenBack()).isFalse();
    store.completeAll();
    assertThat(store.content(5, 1)).isEqualTo(Bench.pattern(1, 7));
  }

  @Test
  void aStoreThatCanIsAskedForAnEarlyEnd() {
    CancellingStore cancelling = new CancellingStore();
    bench.engine.addStore("store0", cancelling);
    FakeCommand write = start(write(5, 7));
    bench.clock.advance(DEADLINE);
    assertThat(write.sense()).isEqualTo(DURING_PROCESSING);
    assertThat(cancelling.cancelled).hasSize(1);
    cancelling.cancelled.getFirst().fail(new IOException("cancelled"));
    assertThat(write.wasGivenBack()).isTrue();
    cancelling.completeAll();
  }

  @Test
  void aLateFlushThatFailsMakesTheNextOneFail() {
    attach();
    start(write(5, 7));
    store.completeAll();
    FakeCommand flush = start(FakeCommand.of("35 00 00000000 00 0000 00"));
    bench.clock.advance(DEADLINE);
    assertThat(flush.sense()).isEqualTo(DURING_PROCESSING);
    store.flushFailure = new IOException("power");
    store.completeAll();
    assertThat(bench.run("35 00 00000000 00 0000 00").sense()).isEqualTo("4/44/00");
  }

  @Test
  void eachIoOfACommandOfManyHasTheDeadlineForItself() {
    attach();
    byte[] both = new byte[1024];
    FakeCommand compare =
        start(FakeCommand.of("89 00 0000000000000000 00000001 00 00").sends(both));
    bench.clock.advance(DEADLINE.minusSeconds(5));
    store.completeOne();
    bench.clock.advance(DEADLINE.minusSeconds(5));
    assertThat(compare.hasEnded()).isFalse();
    bench.clock.advance(Duration.ofSeconds(5));
    assertThat(compare.sense()).isEqualTo(DURING_PROCESSING);
  }

  @Test
  void theTimeThatTheInitiatorTakesForItsDataDoesNotCount() {
    attach();
    FakeCommand write = start(write(5, 7).withDataLater());
    bench.clock.advance(DEADLINE.multipliedBy(2));
    assertThat(write.hasEnded()).isFalse();
    write.dataArrives();
    bench.clock.advance(DEADLINE.minusSeconds(1));
    assertThat(write.hasEnded()).isFalse();
    bench.clock.advance(Duration.ofSeconds(1));
    assertThat(write.sense()).isEqualTo(DURING_PROCESSING);
  }

  @Test
  void aTransportThatCannotAnswerEarlyWaitsForTheStore() {
    attach();
    FakeCommand write = start(write(5, 7).cannotBeAnsweredEarly());
    bench.clock.advance(DEADLINE.multipliedBy(2));
    assertThat(write.hasEnded()).isFalse();
    store.completeAll();
    assertThat(write.status()).isEqualTo(GOOD);
  }

  // --- not begun ---

  @Test
  void aCommandThatWaitsForAnAbsentStoreTimesOutBeforeProcessing() {
    FakeCommand read = start(Bench.read10Command(0, 1));
    bench.clock.advance(DEADLINE);
    assertThat(read.sense()).isEqualTo(BEFORE_PROCESSING);
    assertThat(bench.unit.attachment().heldCommands()).isZero();
    attach();
    assertThat(store.waiting()).isZero();
  }

  @Test
  void whatWaitsForAThreadOfAStoreThatBlocksIsTakenBack() throws Exception {
    BlockedStore blocked = new BlockedStore();
    bench.engine.addStore("store0", blocked);
    List<FakeCommand> writes = new ArrayList<>();
    for (int lba = 0; lba < 32; lba++) {
      writes.add(start(write(lba, lba + 1)));
    }
    assertThat(blocked.entered.await(30, TimeUnit.SECONDS)).isTrue();
    bench.clock.advance(DEADLINE);
    writes.forEach(write -> assertThat(write.sense()).startsWith("B/2E/0"));
    long begun = writes.stream().filter(it -> it.sense().equals(DURING_PROCESSING)).count();
    assertThat(begun).isPositive();
    assertThat(bench.unit.tasks().size()).isEqualTo((int) begun);
    blocked.release.countDown();
    while (bench.unit.tasks().size() > 0) {
      Thread.onSpinWait();
    }
    for (int lba = 0; lba < 32; lba++) {
      boolean done = writes.get(lba).sense().equals(DURING_PROCESSING);
      byte[] wanted = done ? Bench.pattern(1, lba + 1) : new byte[512];
      assertThat(blocked.content(lba, 1)).as("block %d", lba).isEqualTo(wanted);
    }
  }

  // --- task management ---

  @Test
  void theTagOfACommandThatHasItsAnswerIsFree() {
    attach();
    start(write(5, 7));
    bench.clock.advance(DEADLINE);
    assertThat(manage(TaskManagementFunction.QUERY_TASK, 7))
        .containsExactly(TaskManagementResponse.FUNCTION_COMPLETE);
    assertThat(manage(TaskManagementFunction.ABORT_TASK, 7))
        .containsExactly(TaskManagementResponse.TASK_DOES_NOT_EXIST);
    FakeCommand again = start(write(6, 7));
    assertThat(manage(TaskManagementFunction.QUERY_TASK, 7))
        .containsExactly(TaskManagementResponse.FUNCTION_SUCCEEDED);
    store.completeAll();
    assertThat(again.status()).isEqualTo(GOOD);
  }

  @Test
  void aResetAnswersWhenTheLateWriteCanHaveNoEffectAnyMore() {
    attach();
    FakeCommand late = start(write(5, 7));
    bench.clock.advance(DEADLINE);
    List<TaskManagementResponse> answers = new ArrayList<>();
    bench.nexus.manage(TaskManagementFunction.LOGICAL_UNIT_RESET, 0, 0, answers::add);
    assertThat(answers).isEmpty();
    store.completeAll();
    assertThat(answers).containsExactly(TaskManagementResponse.FUNCTION_COMPLETE);
    assertThat(late.wasGivenBack()).isTrue();
  }

  @Test
  void anAbortTakesBackWhatNoThreadHasBegun() throws Exception {
    BlockedStore blocked = new BlockedStore();
    bench.engine.addStore("store0", blocked);
    for (int lba = 0; lba < 32; lba++) {
      start(write(lba, lba + 1));
    }
    assertThat(blocked.entered.await(30, TimeUnit.SECONDS)).isTrue();
    bench.nexus.manage(TaskManagementFunction.ABORT_TASK_SET, 0, 0, answer -> {});
    assertThat(bench.unit.tasks().size()).isLessThan(32);
    blocked.release.countDown();
  }

  @Test
  void withNacaATimeoutIsAnAutoContingentAllegiance() {
    attach();
    start(FakeCommand.of("2A 00 00000005 00 0001 04").sends(Bench.pattern(1, 7)));
    bench.clock.advance(DEADLINE);
    assertThat(start(FakeCommand.of("00")).status()).isEqualTo(org.jtgt.scsi.ScsiStatus.ACA_ACTIVE);
  }

  // --- the operator ---

  @Test
  void theUnitIsShownAsBlockedUntilTheStoreHasGivenAllBack() {
    attach();
    start(write(5, 7));
    assertThat(row().values()).containsEntry("state", "ready");
    bench.clock.advance(DEADLINE);
    bench.clock.advance(Duration.ofSeconds(5));
    assertThat(row().values()).containsEntry("state", "blocked");
    assertThat(row().values().get("reason"))
        .asString()
        .startsWith("store store0 is blocked: ")
        .contains("1 commands were answered without it", "WRITE of 512 bytes at offset 2560")
        .contains("for 20 s");
    store.completeAll();
    bench.clock.advance(Deadline.LOOK);
    assertThat(row().values()).containsEntry("state", "ready").doesNotContainKey("reason");
  }

  @Test
  void withoutADeadlineACommandWaitsForItsStore() {
    bench.engine.changeUnit(bench.unit, settings(Duration.ZERO));
    attach();
    FakeCommand write = start(write(5, 7));
    for (int hours = 0; hours < 3; hours++) {
      bench.clock.advance(Duration.ofHours(1));
    }
    assertThat(write.hasEnded()).isFalse();
    store.completeAll();
    assertThat(write.status()).isEqualTo(GOOD);
  }

  @Test
  void aDeadlineThatIsSetLaterCountsFromThenOn() {
    bench.engine.changeUnit(bench.unit, settings(Duration.ZERO));
    attach();
    FakeCommand write = start(write(5, 7));
    bench.clock.advance(Duration.ofHours(1));
    bench.engine.changeUnit(bench.unit, settings(DEADLINE));
    bench.clock.advance(Deadline.LOOK);
    bench.clock.advance(DEADLINE.minusSeconds(1));
    assertThat(write.hasEnded()).isFalse();
    bench.clock.advance(Duration.ofSeconds(1));
    assertThat(write.sense()).isEqualTo(DURING_PROCESSING);
  }

  /** Keeps what it is asked to cancel. */
  private static final class CancellingStore extends AsyncStore implements Cancellation {
    private final List<StoreIo> cancelled = new ArrayList<>();

    CancellingStore() {
      super(1000 * 512);
    }

    @Override
    public void cancel(StoreIo io) {
      cancelled.add(io);
    }

    @Override
    void completeAll() {}
  }

  /** A store whose writes block until they are let go. */
  private static final class BlockedStore extends MemoryStore {
    /** Its own thread and half of the stock: none is on its way to the store when all are there. */
    private static final int THREADS = 1 + 4 / 2;

    private final CountDownLatch entered = new CountDownLatch(THREADS);
    private final CountDownLatch release = new CountDownLatch(1);

    BlockedStore() {
      super(1000 * 512);
    }

    @Override
    public Completion completion() {
      return Completion.BLOCKING;
    }

    @Override
    public void write(long offsetBytes, ByteBuffer source) throws IOException {
      entered.countDown();
      try {
        release.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      super.write(offsetBytes, source);
    }
  }
}
