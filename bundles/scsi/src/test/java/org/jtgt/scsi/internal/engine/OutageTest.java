// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.scsi.ScsiStatus.GOOD;

import java.time.Duration;
import org.jtgt.scsi.ScsiStatus;
import org.junit.jupiter.api.Test;

/** What the outage policy says of commands while the store is away or answers nothing. */
class OutageTest extends StoreLife {
  @Test
  void withOutageBusyACommandIsBusyUnlessTheStoreIsOnlyReplaced() {
    outage(Outage.BUSY);
    attach();
    bench.engine.removeStore("store0", store);
    FakeCommand first = start(Bench.read10Command(0, 1));
    assertThat(first.hasEnded()).isFalse();
    attach();
    assertThat(first.status()).isEqualTo(GOOD);
    bench.engine.removeStore("store0", store);
    FakeCommand second = start(Bench.read10Command(0, 1));
    bench.clock.advance(StoreAttachment.SWAP_TIME);
    assertThat(second.status()).isEqualTo(ScsiStatus.BUSY);
    assertThat(bench.read10(0, 1).status()).isEqualTo(ScsiStatus.BUSY);
  }

  @Test
  void withOutageFailACommandIsNotReadyAtOnce() {
    outage(Outage.FAIL);
    assertThat(bench.read10(0, 1).sense()).isEqualTo("2/04/01");
  }

  private AsyncStore blocked() {
    AsyncStore silent = new AsyncStore(1000 * 512);
    bench.engine.addStore("store0", silent);
    start(Bench.read10Command(0, 1));
    bench.clock.advance(StoreAttachment.BLOCK_TIME.plusSeconds(1));
    assertThat(bench.unit.attachment().state()).isEqualTo(StoreAttachment.State.BLOCKED);
    assertThat(bench.unit.choice().problem()).contains("store0 is blocked", "1 I/Os", "11 s");
    return silent;
  }

  @Test
  void aStoreThatAnswersNothingIsShownAsBlockedUntilItAnswers() {
    AsyncStore silent = blocked();
    FakeCommand second = start(Bench.read10Command(1, 1));
    assertThat(silent.waiting()).as("to hold is to wait for it").isEqualTo(2);
    silent.completeAll();
    assertThat(second.status()).isEqualTo(GOOD);
    bench.clock.advance(Duration.ofSeconds(1));
    assertThat(bench.unit.choice().problem()).isEmpty();
    assertThat(bench.unit.attachment().state()).isEqualTo(StoreAttachment.State.ATTACHED);
  }

  @Test
  void withOutageFailWhatComesToAStoreThatAnswersNothingIsNotReady() {
    outage(Outage.FAIL);
    AsyncStore silent = blocked();
    assertThat(start(Bench.read10Command(1, 1)).sense()).isEqualTo("2/04/01");
    assertThat(bench.runIn("12 00 00 00 60 00", 96).status()).isEqualTo(GOOD);
    silent.completeAll();
    bench.clock.advance(Duration.ofSeconds(1));
    FakeCommand third = start(Bench.read10Command(1, 1));
    silent.completeAll();
    assertThat(third.status()).isEqualTo(GOOD);
  }

  @Test
  void withOutageBusyWhatComesToAStoreThatAnswersNothingIsBusy() {
    outage(Outage.BUSY);
    AsyncStore silent = blocked();
    assertThat(start(Bench.read10Command(1, 1)).status()).isEqualTo(ScsiStatus.BUSY);
    silent.completeAll();
  }

  @Test
  void aStoreThatIsSlowButAnswersIsNotBlocked() {
    AsyncStore slow = new AsyncStore(1000 * 512);
    bench.engine.addStore("store0", slow);
    start(Bench.read10Command(0, 1));
    for (int i = 0; i < 5; i++) {
      start(Bench.read10Command(0, 1));
      bench.clock.advance(Duration.ofSeconds(6));
      slow.completeOne();
    }
    assertThat(bench.unit.attachment().state()).isEqualTo(StoreAttachment.State.ATTACHED);
    slow.completeAll();
  }
}
