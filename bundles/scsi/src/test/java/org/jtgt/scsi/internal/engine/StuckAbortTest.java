// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.scsi.ScsiStatus.GOOD;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jtgt.scsi.ScsiTarget.NexusListener;
import org.jtgt.scsi.TaskManagementFunction;
import org.jtgt.scsi.TaskManagementResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Aborts of commands that their store does not give back: no function answers too early (SAM-5
 * 7.1), no initiator waits for ever, no late write lands on newer data.
 */
class StuckAbortTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final Bench bench = new Bench();
  private final AsyncStore store = new AsyncStore(1000 * 512);
  private final List<TaskManagementResponse> answers = new ArrayList<>();
  private final List<String> stuck = new ArrayList<>();
  private final Nexus nexus = connect();

  StuckAbortTest() {
    bench.engine.addStore("store0", store);
    bench.clearAttentions(bench.nexus);
    bench.clearAttentions(nexus);
  }

  private Nexus connect() {
    return bench.target.connect(
        Bench.initiatorPort("iqn.2026-11.org.jtgt.test:stuck"),
        Bench.TARGET_PORT,
        new NexusListener() {
          @Override
          public void targetRemoved() {
            throw new AssertionError("nobody removed it");
          }

          @Override
          public void commandsStuck(String reason) {
            stuck.add(reason);
          }
        });
  }

  @AfterEach
  void close() {
    store.completeAll();
    bench.close();
  }

  private static FakeCommand write(int lba, int seed) {
    return Bench.write10Command(lba, Bench.pattern(1, seed)).tag(seed);
  }

  private FakeCommand start(Nexus by, FakeCommand command) {
    by.execute(command);
    return command;
  }

  @ParameterizedTest
  @EnumSource(
      value = TaskManagementFunction.class,
      names = {
        "ABORT_TASK",
        "ABORT_TASK_SET",
        "CLEAR_TASK_SET",
        "LOGICAL_UNIT_RESET",
        "TARGET_RESET",
        "I_T_NEXUS_RESET"
      })
  void theNexusThatWaitsIsGivenUpAndNothingIsAnswered(TaskManagementFunction function) {
    FakeCommand write = start(nexus, write(5, 7));
    nexus.manage(function, 0, 7, answers::add);
    bench.clock.advance(LIMIT.minusMillis(1));
    assertThat(stuck).isEmpty();
    bench.clock.advance(Duration.ofMillis(1));
    assertThat(stuck).hasSize(1);
    assertThat(stuck.getFirst()).contains("10 s");
    assertThat(answers).isEmpty();
    assertThat(write.hasEnded()).isFalse();
  }

  @Test
  void anAbortThatEndsInTimeGivesNobodyUp() {
    start(nexus, write(5, 7));
    nexus.manage(TaskManagementFunction.ABORT_TASK, 0, 7, answers::add);
    bench.clock.advance(LIMIT.dividedBy(2));
    store.completeOne();
    bench.clock.advance(LIMIT.multipliedBy(2));
    assertThat(answers).containsExactly(TaskManagementResponse.FUNCTION_COMPLETE);
    assertThat(stuck).isEmpty();
  }

  @Test
  void theLimitIsTheConfiguredOne() {
    bench.engine.abortLimit(Duration.ofSeconds(3));
    start(nexus, write(5, 7));
    nexus.manage(TaskManagementFunction.ABORT_TASK, 0, 7, answers::add);
    bench.clock.advance(Duration.ofSeconds(3));
    assertThat(stuck).hasSize(1);
  }

  @Test
  void aNexusThatWasGivenUpEndsAtOnceAndTheLateWriteNeverLandsOnNewerData() {
    FakeCommand late = start(nexus, write(5, 7));
    nexus.manage(TaskManagementFunction.ABORT_TASK, 0, 7, answers::add);
    bench.clock.advance(LIMIT);
    int[] ended = new int[1];
    nexus.close(() -> ended[0]++);
    assertThat(ended[0]).isEqualTo(1);

    // The initiator comes back: other blocks are there at once, those of the late write are not.
    Nexus again = connect();
    bench.clearAttentions(again);
    FakeCommand elsewhere = start(again, write(6, 8));
    FakeCommand newer = start(again, write(5, 9));
    FakeCommand read = start(bench.nexus, Bench.read10Command(5, 1));
    assertThat(store.waiting()).as("the late write and the one elsewhere").isEqualTo(2);
    FakeCommand given = start(again, write(5, 10));
    List<TaskManagementResponse> others = new ArrayList<>();
    again.manage(TaskManagementFunction.ABORT_TASK, 0, 10, others::add);
    assertThat(others).containsExactly(TaskManagementResponse.FUNCTION_COMPLETE);
    assertThat(given.wasAborted()).isTrue();

    store.completeAll();
    assertThat(late.wasAborted()).isTrue();
    assertThat(elsewhere.status()).isEqualTo(GOOD);
    assertThat(newer.status()).isEqualTo(GOOD);
    assertThat(read.data()).isEqualTo(Bench.pattern(1, 9));
    assertThat(store.content(5, 1)).isEqualTo(Bench.pattern(1, 9));
    assertThat(ended[0]).isEqualTo(1);
    assertThat(bench.unit.tasks().size()).isZero();
    assertThat(bench.engine.budget().usedBytes()).isZero();
  }

  @Test
  void aNexusThatIsClosedEndsWithoutTheCommandsThatDoNot() {
    start(nexus, write(5, 7));
    int[] ended = new int[1];
    nexus.close(() -> ended[0]++);
    bench.clock.advance(LIMIT.minusMillis(1));
    assertThat(ended[0]).isZero();
    bench.clock.advance(Duration.ofMillis(1));
    assertThat(ended[0]).isEqualTo(1);
    store.completeAll();
    assertThat(ended[0]).isEqualTo(1);
    assertThat(stuck).isEmpty();
  }

  @Test
  void aNexusThatEndedInTimeIsNotEndedTwice() {
    start(nexus, write(5, 7));
    int[] ended = new int[1];
    nexus.close(() -> ended[0]++);
    store.completeAll();
    bench.clock.advance(LIMIT.multipliedBy(2));
    assertThat(ended[0]).isEqualTo(1);
  }

  @Test
  void preemptAndAbortDoesNotAnswerWhileTheFencedWriteMayStillLand() {
    reserveOut(nexus, 6, 0, 0, 0xA);
    reserveOut(bench.nexus, 6, 0, 0, 0xB);
    reserveOut(nexus, 1, 5, 0xA, 0);
    FakeCommand fenced = start(bench.nexus, write(5, 7));
    int before = bench.clock.alarms();
    FakeCommand preempt = start(nexus, reserveOut(5, 5, 0xA, 0xB));
    while (bench.clock.alarms() == before) {
      Thread.onSpinWait();
    }
    bench.clock.advance(LIMIT);
    assertThat(preempt.hasEnded()).isFalse();
    assertThat(stuck).hasSize(1);
    boolean[] ended = new boolean[1];
    nexus.close(() -> ended[0] = true);
    assertThat(ended[0]).isTrue();
    store.completeAll();
    fenced.await();
    preempt.await();
    assertThat(bench.unit.tasks().size()).isZero();
  }

  private void reserveOut(Nexus by, int action, int type, long key, long actionKey) {
    FakeCommand command = start(by, reserveOut(action, type, key, actionKey));
    assertThat(command.status()).isEqualTo(GOOD);
  }

  private static FakeCommand reserveOut(int action, int type, long key, long actionKey) {
    byte[] list = java.nio.ByteBuffer.allocate(24).putLong(key).putLong(actionKey).array();
    return FakeCommand.of("5F %02X %02X 00 00 00000018 00".formatted(action, type)).sends(list);
  }
}
