// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.scsi.ScsiStatus.GOOD;

import java.util.ArrayList;
import java.util.List;
import org.jtgt.scsi.TaskAttribute;
import org.jtgt.scsi.TaskManagementFunction;
import org.jtgt.scsi.TaskManagementResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Task attributes (SAM-5 8.6) and task management (SAM-5 clause 7) with a store that takes time.
 */
class TaskSetTest {
  private final Bench bench = new Bench();
  private final AsyncStore store = new AsyncStore(1000 * 512);
  private final List<TaskManagementResponse> answers = new ArrayList<>();

  TaskSetTest() {
    bench.engine.addStore("store0", store);
    bench.clearAttentions(bench.nexus);
  }

  @AfterEach
  void close() {
    bench.close();
  }

  private FakeCommand start(FakeCommand command) {
    bench.nexus.execute(command);
    return command;
  }

  private FakeCommand write(int lba, TaskAttribute attribute) {
    return start(Bench.write10Command(lba, Bench.pattern(1, lba)).attribute(attribute).tag(lba));
  }

  private void manage(TaskManagementFunction function, long tag) {
    bench.nexus.manage(function, 0, tag, answers::add);
  }

  // --- attributes ---

  @Test
  void anOrderedCommandWaitsForAllBeforeItAndHoldsBackAllBehindIt() {
    FakeCommand first = write(1, TaskAttribute.SIMPLE);
    FakeCommand ordered = write(2, TaskAttribute.ORDERED);
    FakeCommand last = write(3, TaskAttribute.SIMPLE);
    assertThat(store.waiting()).isEqualTo(1);
    store.completeOne();
    assertThat(first.status()).isEqualTo(GOOD);
    assertThat(store.waiting()).isEqualTo(1);
    assertThat(last.hasEnded()).isFalse();
    store.completeOne();
    assertThat(ordered.status()).isEqualTo(GOOD);
    store.completeOne();
    assertThat(last.status()).isEqualTo(GOOD);
  }

  @Test
  void aHeadOfQueueCommandRunsAtOnceAndBeforeThoseThatWait() {
    write(1, TaskAttribute.SIMPLE);
    FakeCommand ordered = write(2, TaskAttribute.ORDERED);
    FakeCommand head = write(3, TaskAttribute.HEAD_OF_QUEUE);
    assertThat(store.waiting()).isEqualTo(2);
    store.completeOne();
    assertThat(ordered.hasEnded()).isFalse();
    assertThat(store.waiting()).isEqualTo(1);
    store.completeOne();
    assertThat(head.status()).isEqualTo(GOOD);
    store.completeOne();
    assertThat(ordered.status()).isEqualTo(GOOD);
  }

  @Test
  void simpleCommandsRunTogether() {
    write(1, TaskAttribute.SIMPLE);
    write(2, TaskAttribute.SIMPLE);
    write(3, TaskAttribute.SIMPLE);
    assertThat(store.waiting()).isEqualTo(3);
    store.completeAll();
  }

  @Test
  void anAcaCommandHasNothingToBelongTo() {
    assertThat(start(FakeCommand.of("00").attribute(TaskAttribute.ACA)).sense())
        .isEqualTo("5/49/00");
  }

  // --- abort ---

  @Test
  void abortTaskAnswersOnlyWhenTheStoreHasEnded() {
    FakeCommand write = write(7, TaskAttribute.SIMPLE);
    manage(TaskManagementFunction.ABORT_TASK, 7);
    assertThat(answers).isEmpty();
    assertThat(write.hasEnded()).isFalse();
    store.completeOne();
    assertThat(write.wasAborted()).isTrue();
    assertThat(answers).containsExactly(TaskManagementResponse.FUNCTION_COMPLETE);
    assertThat(bench.unit.tasks().size()).isZero();
  }

  @Test
  void anAbortedCommandThatHasNotBegunNeverWrites() {
    write(1, TaskAttribute.SIMPLE);
    FakeCommand dormant = write(2, TaskAttribute.ORDERED);
    FakeCommand behind = write(3, TaskAttribute.SIMPLE);
    manage(TaskManagementFunction.ABORT_TASK, 2);
    assertThat(dormant.wasAborted()).isTrue();
    assertThat(answers).containsExactly(TaskManagementResponse.FUNCTION_COMPLETE);
    store.completeAll();
    assertThat(behind.status()).isEqualTo(GOOD);
    assertThat(store.content(2, 1)).containsOnly(0);
  }

  @Test
  void aCommandThatWaitsForItsDataIsAbortedAtOnceAndLateDataIsIgnored() {
    FakeCommand write = start(Bench.write10Command(4, Bench.pattern(1, 4)).tag(4).withDataLater());
    assertThat(write.askedForData()).isTrue();
    manage(TaskManagementFunction.ABORT_TASK, 4);
    assertThat(write.wasAborted()).isTrue();
    write.dataArrives();
    assertThat(store.waiting()).isZero();
    assertThat(bench.engine.budget().usedBytes()).isZero();
  }

  @Test
  void abortTaskOfAnUnknownTagSaysSo() {
    manage(TaskManagementFunction.ABORT_TASK, 99);
    assertThat(answers).containsExactly(TaskManagementResponse.TASK_DOES_NOT_EXIST);
  }

  @Test
  void abortTaskSetLeavesTheOtherNexusAloneAndClearTaskSetDoesNot() {
    Nexus other = bench.connect("b");
    bench.clearAttentions(other);
    FakeCommand own = write(1, TaskAttribute.SIMPLE);
    FakeCommand others = Bench.write10Command(2, Bench.pattern(1, 2));
    other.execute(others);
    manage(TaskManagementFunction.ABORT_TASK_SET, 0);
    store.completeAll();
    assertThat(own.wasAborted()).isTrue();
    assertThat(others.status()).isEqualTo(GOOD);

    FakeCommand cleared = Bench.write10Command(3, Bench.pattern(1, 3));
    other.execute(cleared);
    manage(TaskManagementFunction.CLEAR_TASK_SET, 0);
    store.completeAll();
    assertThat(cleared.wasAborted()).isTrue();
    assertThat(answers).hasSize(2);
    assertThat(bench.run(other, FakeCommand.of("00")).sense()).isEqualTo("6/2F/00");
    assertThat(bench.run("00").status()).isEqualTo(GOOD);
  }

  @Test
  void logicalUnitResetAbortsAllAndEveryNexusLearnsOfIt() {
    Nexus other = bench.connect("b");
    bench.clearAttentions(other);
    FakeCommand write = write(1, TaskAttribute.SIMPLE);
    manage(TaskManagementFunction.LOGICAL_UNIT_RESET, 0);
    assertThat(answers).isEmpty();
    store.completeAll();
    assertThat(write.wasAborted()).isTrue();
    assertThat(answers).containsExactly(TaskManagementResponse.FUNCTION_COMPLETE);
    assertThat(bench.run("00").sense()).isEqualTo("6/29/03");
    assertThat(bench.run(other, FakeCommand.of("00")).sense()).isEqualTo("6/29/03");
  }

  @Test
  void queriesFindWhatIsThere() {
    manage(TaskManagementFunction.QUERY_TASK_SET, 0);
    write(5, TaskAttribute.SIMPLE);
    manage(TaskManagementFunction.QUERY_TASK_SET, 0);
    manage(TaskManagementFunction.QUERY_TASK, 5);
    manage(TaskManagementFunction.QUERY_TASK, 6);
    store.completeAll();
    assertThat(answers)
        .containsExactly(
            TaskManagementResponse.FUNCTION_COMPLETE,
            TaskManagementResponse.FUNCTION_SUCCEEDED,
            TaskManagementResponse.FUNCTION_SUCCEEDED,
            TaskManagementResponse.FUNCTION_COMPLETE);
  }

  @Test
  void aFunctionForAnUnmappedLunSaysSo() {
    bench.nexus.manage(TaskManagementFunction.LOGICAL_UNIT_RESET, 9L << 48, 0, answers::add);
    assertThat(answers).containsExactly(TaskManagementResponse.INCORRECT_LOGICAL_UNIT_NUMBER);
  }

  @Test
  void aClosedNexusEndsWhenItsLastStoreCallHas() {
    FakeCommand write = write(1, TaskAttribute.SIMPLE);
    boolean[] ended = new boolean[1];
    bench.nexus.close(() -> ended[0] = true);
    assertThat(ended[0]).isFalse();
    FakeCommand late = start(FakeCommand.of("00"));
    assertThat(late.wasAborted()).isTrue();
    store.completeAll();
    assertThat(write.wasAborted()).isTrue();
    assertThat(ended[0]).isTrue();
    assertThat(bench.unit.tasks().size()).isZero();
  }

  // --- ranges ---

  @Test
  void compareAndWriteHoldsItsRangeAloneUntilItHasWritten() {
    byte[] both = new byte[1024];
    both[512] = 1;
    FakeCommand lock = start(FakeCommand.of("89 00 0000000000000005 000000 01 00 00").sends(both));
    FakeCommand second =
        start(FakeCommand.of("89 00 0000000000000005 000000 01 00 00").sends(both));
    FakeCommand overlapping = start(Bench.read10Command(4, 3));
    FakeCommand elsewhere = start(Bench.read10Command(6, 1));
    assertThat(store.waiting()).isEqualTo(2);
    store.completeAll();
    assertThat(lock.status()).isEqualTo(GOOD);
    assertThat(second.sense()).isEqualTo("E/1D/00");
    assertThat(overlapping.data()[512]).isEqualTo((byte) 1);
    assertThat(elsewhere.status()).isEqualTo(GOOD);
  }

  @Test
  void aCommandThatWaitsForARangeCanBeAborted() {
    byte[] both = new byte[1024];
    start(FakeCommand.of("89 00 0000000000000005 000000 01 00 00").sends(both));
    FakeCommand waiting = write(5, TaskAttribute.SIMPLE);
    FakeCommand behind = start(Bench.read10Command(5, 1));
    manage(TaskManagementFunction.ABORT_TASK, 5);
    assertThat(waiting.wasAborted()).isTrue();
    store.completeAll();
    assertThat(behind.status()).isEqualTo(GOOD);
    assertThat(store.content(5, 1)).containsOnly(0);
  }
}
