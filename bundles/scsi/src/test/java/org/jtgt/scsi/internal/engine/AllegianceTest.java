// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.scsi.ScsiStatus.ACA_ACTIVE;
import static org.jtgt.scsi.ScsiStatus.BUSY;
import static org.jtgt.scsi.ScsiStatus.GOOD;
import static org.jtgt.scsi.ScsiStatus.TASK_ABORTED;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jtgt.backstore.Cancellation;
import org.jtgt.backstore.StoreIo;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.TaskAttribute;
import org.jtgt.scsi.TaskManagementFunction;
import org.jtgt.scsi.TaskManagementResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What one command's failure, and one nexus's aborts, do to other commands: ACA (SAM-5 5.9), QERR
 * and TAS (SPC-4 7.5.8), early ends of store I/O.
 */
class AllegianceTest {
  /** READ(10) beyond the end, with NACA: fails at once. */
  private static final String FAILING = "28 00 FFFFFFFE 00 0001 04";

  private final Bench bench = new Bench();
  private final AsyncStore store = new AsyncStore(1000 * 512);
  private final Nexus a = bench.nexus;
  private final Nexus b = bench.connect("b");
  private final List<TaskManagementResponse> answers = new ArrayList<>();

  AllegianceTest() {
    bench.engine.addStore("store0", store);
    bench.clearAttentions(a);
    bench.clearAttentions(b);
  }

  @AfterEach
  void close() {
    bench.close();
  }

  private void fail(Nexus by) {
    assertThat(bench.run(by, FakeCommand.of(FAILING).expectsIn(512)).sense()).isEqualTo("5/21/00");
  }

  private FakeCommand start(Nexus by, FakeCommand command) {
    by.execute(command);
    return command;
  }

  private static FakeCommand write(int lba) {
    return Bench.write10Command(lba, Bench.pattern(1, lba));
  }

  private static FakeCommand tur() {
    return FakeCommand.of("00 00 00 00 00 00");
  }

  private static FakeCommand turWithNaca() {
    return FakeCommand.of("00 00 00 00 00 04");
  }

  private ScsiStatus status(Nexus by, FakeCommand command) {
    return bench.run(by, command).status();
  }

  private void manage(Nexus by, TaskManagementFunction function) {
    by.manage(function, 0, 0, answers::add);
  }

  /** MODE SELECT(6) of the Control page: QERR, TAS. */
  private void control(int byte3, int byte5) {
    byte[] list = new byte[4 + 12];
    list[4] = 0x0A;
    list[5] = 10;
    list[6] = 0x02;
    list[7] = (byte) (0x10 | byte3);
    list[9] = (byte) byte5;
    list[12] = (byte) 0xFF;
    list[13] = (byte) 0xFF;
    assertThat(status(a, FakeCommand.of("15 10 00 00 10 00").sends(list))).isEqualTo(GOOD);
    bench.clearAttentions(b);
  }

  // --- ACA ---

  @Test
  void withoutNacaACheckConditionLeavesNoCondition() {
    bench.run(a, FakeCommand.of("28 00 FFFFFFFE 00 0001 00").expectsIn(512));
    assertThat(status(a, tur())).isEqualTo(GOOD);
  }

  @Test
  void theFaultedNexusGetsAcaActiveAndOthersBusyOrAcaActive() {
    fail(a);
    assertThat(status(a, tur())).isEqualTo(ACA_ACTIVE);
    assertThat(status(b, tur())).isEqualTo(BUSY);
    assertThat(status(b, turWithNaca())).isEqualTo(ACA_ACTIVE);
    assertThat(status(b, tur().attribute(TaskAttribute.ACA))).isEqualTo(ACA_ACTIVE);
  }

  @Test
  void oneAcaCommandOfTheFaultedNexusRunsAtATime() {
    fail(a);
    FakeCommand first = start(a, Bench.read10Command(0, 1).attribute(TaskAttribute.ACA));
    assertThat(first.hasEnded()).isFalse();
    assertThat(status(a, tur().attribute(TaskAttribute.ACA))).isEqualTo(ACA_ACTIVE);
    store.completeAll();
    assertThat(first.status()).isEqualTo(GOOD);
    assertThat(status(a, tur().attribute(TaskAttribute.ACA))).isEqualTo(GOOD);
    assertThat(status(a, tur())).isEqualTo(ACA_ACTIVE);
  }

  @Test
  void clearAcaOfTheFaultedNexusEndsItAndThatOfAnotherDoesNot() {
    fail(a);
    manage(b, TaskManagementFunction.CLEAR_ACA);
    assertThat(status(a, tur())).isEqualTo(ACA_ACTIVE);
    manage(a, TaskManagementFunction.CLEAR_ACA);
    assertThat(status(a, tur())).isEqualTo(GOOD);
    assertThat(status(b, tur())).isEqualTo(GOOD);
    assertThat(answers).containsOnly(TaskManagementResponse.FUNCTION_COMPLETE);
  }

  @Test
  void anAcaCommandsCheckConditionEndsItOrBeginsANewOne() {
    fail(a);
    bench.run(a, FakeCommand.of(FAILING).expectsIn(512).attribute(TaskAttribute.ACA));
    assertThat(status(a, tur())).isEqualTo(ACA_ACTIVE);
    bench.run(
        a, FakeCommand.of("28 00 FFFFFFFE 00 0001 00").expectsIn(512).attribute(TaskAttribute.ACA));
    assertThat(status(a, tur())).isEqualTo(GOOD);
  }

  @Test
  void whatWaitedBeginsOnlyAfterTheConditionIsCleared() {
    FakeCommand running = start(a, write(1));
    FakeCommand ordered = start(a, write(2).attribute(TaskAttribute.ORDERED));
    FakeCommand failing =
        start(a, FakeCommand.of(FAILING).expectsIn(512).attribute(TaskAttribute.HEAD_OF_QUEUE));
    assertThat(failing.sense()).isEqualTo("5/21/00");
    store.completeOne();
    assertThat(running.status()).isEqualTo(GOOD);
    assertThat(store.waiting()).isZero();
    assertThat(ordered.hasEnded()).isFalse();
    manage(a, TaskManagementFunction.CLEAR_ACA);
    store.completeAll();
    assertThat(ordered.status()).isEqualTo(GOOD);
  }

  @Test
  void aResetAndTheLossOfTheFaultedNexusEndIt() {
    fail(a);
    manage(b, TaskManagementFunction.LOGICAL_UNIT_RESET);
    bench.clearAttentions(a);
    bench.clearAttentions(b);
    assertThat(status(a, tur())).isEqualTo(GOOD);
    fail(a);
    a.close(() -> {});
    assertThat(status(b, tur())).isEqualTo(GOOD);
  }

  @Test
  void normalAcaIsReported() {
    byte[] inquiry = bench.run(a, FakeCommand.of("12 00 00 00 60 00").expectsIn(96)).data();
    assertThat(inquiry[3] & 0x20).isEqualTo(0x20);
  }

  // --- TAS ---

  @Test
  void withoutTasAnothersAbortIsToldByAUnitAttention() {
    FakeCommand write = start(b, write(1));
    manage(a, TaskManagementFunction.CLEAR_TASK_SET);
    store.completeAll();
    assertThat(write.wasAborted()).isTrue();
    assertThat(bench.run(b, tur()).sense()).isEqualTo("6/2F/00");
  }

  @Test
  void withTasAnothersAbortIsToldByTheStatusAlone() {
    control(0, 0x40);
    FakeCommand others = start(b, write(1));
    FakeCommand own = start(a, write(2));
    manage(a, TaskManagementFunction.CLEAR_TASK_SET);
    assertThat(answers).isEmpty();
    store.completeAll();
    assertThat(others.status()).isEqualTo(TASK_ABORTED);
    assertThat(own.wasAborted()).isTrue();
    assertThat(answers).hasSize(1);
    assertThat(status(b, tur())).isEqualTo(GOOD);
  }

  // --- QERR ---

  @Test
  void qerrZeroLeavesOtherCommandsAlone() {
    FakeCommand write = start(b, write(1));
    bench.run(a, FakeCommand.of("28 00 FFFFFFFE 00 0001 00").expectsIn(512));
    store.completeAll();
    assertThat(write.status()).isEqualTo(GOOD);
  }

  @Test
  void qerrOneAbortsAllCommandsOfTheTaskSet() {
    control(0x02, 0);
    FakeCommand own = start(a, write(1));
    FakeCommand others = start(b, write(2));
    bench.run(a, FakeCommand.of("28 00 FFFFFFFE 00 0001 00").expectsIn(512));
    store.completeAll();
    assertThat(own.wasAborted()).isTrue();
    assertThat(others.wasAborted()).isTrue();
    assertThat(bench.run(b, tur()).sense()).isEqualTo("6/2F/00");
    assertThat(status(a, tur())).isEqualTo(GOOD);
  }

  @Test
  void qerrThreeAbortsThoseOfTheFaultedNexus() {
    control(0x06, 0);
    FakeCommand own = start(a, write(1));
    FakeCommand others = start(b, write(2));
    bench.run(a, FakeCommand.of("28 00 FFFFFFFE 00 0001 00").expectsIn(512));
    store.completeAll();
    assertThat(own.wasAborted()).isTrue();
    assertThat(others.status()).isEqualTo(GOOD);
  }

  @Test
  void theReservedQerrValueIsRefused() {
    byte[] list = new byte[4 + 12];
    list[4] = 0x0A;
    list[5] = 10;
    list[6] = 0x02;
    list[7] = 0x14;
    list[12] = (byte) 0xFF;
    list[13] = (byte) 0xFF;
    assertThat(bench.run(a, FakeCommand.of("15 10 00 00 10 00").sends(list)).sense())
        .isEqualTo("5/26/00");
  }

  // --- store I/O of aborted commands ---

  @Test
  void aWriteThatTheStoreStillRunsHoldsBackLaterOnesToItsBlocks() {
    FakeCommand old = start(a, write(1).tag(1));
    a.manage(TaskManagementFunction.ABORT_TASK, 0, 1, answers::add);
    FakeCommand newer = start(b, write(1));
    FakeCommand elsewhere = start(b, write(2));
    assertThat(store.waiting()).isEqualTo(2);
    store.completeAll();
    assertThat(old.wasAborted()).isTrue();
    assertThat(newer.status()).isEqualTo(GOOD);
    assertThat(elsewhere.status()).isEqualTo(GOOD);
  }

  /** A store that ends an I/O early when it is asked to. */
  private static final class Cancelling extends MemoryStore implements Cancellation {
    final Deque<StoreIo> waiting = new ArrayDeque<>();
    boolean answersAtOnce = true;

    Cancelling() {
      super(1000 * 512);
    }

    @Override
    public Completion completion() {
      return Completion.ASYNCHRONOUS;
    }

    @Override
    public void submit(StoreIo io) {
      waiting.add(io);
    }

    @Override
    public void cancel(StoreIo io) {
      if (answersAtOnce && waiting.remove(io)) {
        io.fail(new java.io.IOException("cancelled"));
      }
    }
  }

  @Test
  void anAbortAsksTheStoreForAnEarlyEnd() {
    try (Bench other = new Bench()) {
      Cancelling cancelling = new Cancelling();
      other.engine.addStore("store0", cancelling);
      other.clearAttentions(other.nexus);
      FakeCommand write = start(other.nexus, write(1).tag(1));
      FakeCommand second = start(other.nexus, write(2).tag(2));
      other.nexus.manage(TaskManagementFunction.ABORT_TASK, 0, 1, answers::add);
      assertThat(write.wasAborted()).isTrue();
      assertThat(answers).containsExactly(TaskManagementResponse.FUNCTION_COMPLETE);
      assertThat(cancelling.waiting).hasSize(1);
      cancelling.waiting.remove().complete();
      assertThat(second.status()).isEqualTo(GOOD);
      // A store may also let the I/O run to its end.
      cancelling.answersAtOnce = false;
      FakeCommand third = start(other.nexus, write(3).tag(3));
      other.nexus.manage(TaskManagementFunction.ABORT_TASK, 0, 3, answers::add);
      assertThat(third.hasEnded()).isFalse();
      cancelling.waiting.remove().complete();
      assertThat(third.wasAborted()).isTrue();
      assertThat(answers).hasSize(2);
    }
  }
}
