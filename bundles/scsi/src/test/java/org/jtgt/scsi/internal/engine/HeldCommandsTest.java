// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.scsi.ScsiStatus.GOOD;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.TaskManagementFunction;
import org.jtgt.scsi.TaskManagementResponse;
import org.junit.jupiter.api.Test;

/** What comes while there is no store waits for one, for a time. */
class HeldCommandsTest extends StoreLife {
  @Test
  void aCommandWaitsForTheStoreAndGoesOnWhenItComes() {
    FakeCommand read = start(Bench.read10Command(0, 1));
    assertThat(read.hasEnded()).isFalse();
    assertThat(bench.unit.attachment().heldCommands()).isEqualTo(1);
    attach();
    assertThat(read.status()).isEqualTo(GOOD);
  }

  @Test
  void whatWaitedTooLongIsNotReady() {
    FakeCommand first = start(Bench.read10Command(0, 1));
    bench.clock.advance(Duration.ofSeconds(12));
    FakeCommand second = start(FakeCommand.of("00"));
    bench.clock.advance(Duration.ofSeconds(8));
    assertThat(first.sense()).isEqualTo("2/04/01");
    assertThat(second.hasEnded()).isFalse();
    bench.clock.advance(Duration.ofSeconds(12));
    assertThat(second.sense()).isEqualTo("2/04/01");
  }

  @Test
  void aShorterHoldTimeCountsForWhatComesThen() {
    bench.engine.changeUnit(bench.unit, holding(Duration.ofHours(1)));
    FakeCommand patient = start(Bench.read10Command(0, 1));
    bench.engine.changeUnit(bench.unit, holding(Duration.ofSeconds(5)));
    FakeCommand second = start(Bench.read10Command(0, 1));
    bench.clock.advance(Duration.ofSeconds(4));
    assertThat(second.hasEnded()).isFalse();
    bench.clock.advance(Duration.ofSeconds(1));
    assertThat(second.sense()).isEqualTo("2/04/01");
    assertThat(patient.hasEnded()).isFalse();
    FakeCommand third = start(Bench.read10Command(0, 1));
    bench.clock.advance(Duration.ofSeconds(5));
    assertThat(third.sense()).isEqualTo("2/04/01");
    bench.clock.advance(Duration.ofHours(1));
    assertThat(patient.sense()).isEqualTo("2/04/01");
  }

  private static LuSettings holding(Duration time) {
    LuSettings of = Bench.settings();
    return new LuSettings(of.name(), "", of.store(), 512, false, true, true, time, of.identity());
  }

  @Test
  void inquiryReportLunsAndRequestSenseDoNotWait() {
    assertThat(bench.runIn("12 00 00 00 60 00", 96).status()).isEqualTo(GOOD);
    assertThat(bench.runIn("12 01 B0 00 60 00", 96).status()).isEqualTo(GOOD);
    assertThat(bench.runIn("A0 00 00 00 00 00 00 00 01 00 00 00", 256).status()).isEqualTo(GOOD);
    assertThat(bench.runIn("03 00 00 00 12 00", 18).status()).isEqualTo(GOOD);
  }

  @Test
  void oneNexusMayNotHoldSoManyThatItsWindowIsUsedUp() {
    List<FakeCommand> held = new ArrayList<>();
    for (int i = 0; i < StoreAttachment.HELD_PER_NEXUS; i++) {
      held.add(start(Bench.read10Command(i, 1)));
    }
    assertThat(start(Bench.read10Command(0, 1)).status()).isEqualTo(ScsiStatus.TASK_SET_FULL);
    attach();
    held.forEach(read -> assertThat(read.status()).isEqualTo(GOOD));
  }

  @Test
  void aHeldCommandCanBeAborted() {
    FakeCommand read = start(Bench.read10Command(0, 1).tag(5));
    List<TaskManagementResponse> answers = new ArrayList<>();
    bench.nexus.manage(TaskManagementFunction.ABORT_TASK, 0, 5, answers::add);
    assertThat(read.wasAborted()).isTrue();
    assertThat(answers).containsExactly(TaskManagementResponse.FUNCTION_COMPLETE);
    assertThat(bench.unit.attachment().heldCommands()).isZero();
    bench.clock.advance(Duration.ofSeconds(60));
    attach();
  }

  @Test
  void aRemovedUnitEndsWhatWaited() {
    FakeCommand read = start(Bench.read10Command(0, 1));
    bench.engine.removeUnit(bench.unit);
    assertThat(read.sense()).isEqualTo("5/25/00");
    assertThat(bench.run("00").sense()).isEqualTo("5/25/00");
    assertThat(bench.runIn("12 00 00 00 60 00", 96).data()[0]).isEqualTo((byte) 0x7F);
    assertThat(bench.runIn("03 00 00 00 12 00", 18).data()[12]).isEqualTo((byte) 0x25);
  }
}
