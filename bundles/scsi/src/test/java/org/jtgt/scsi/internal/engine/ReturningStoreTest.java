// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.scsi.ScsiStatus.GOOD;

import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * A store that comes after another one: the same, a larger one, another medium, a newer version.
 */
class ReturningStoreTest extends StoreLife {
  @Test
  void theSameStoreAgainCostsTimeOnly() {
    attach();
    bench.write10(0, Bench.pattern(1, 1));
    bench.engine.removeStore("store0", store);
    FakeCommand read = start(Bench.read10Command(0, 1));
    attach();
    assertThat(read.data()).isEqualTo(Bench.pattern(1, 1));
    assertThat(bench.run("00").status()).isEqualTo(GOOD);
  }

  @Test
  void aStoreOfAnotherSizeRaisesCapacityDataHasChanged() {
    attach();
    bench.engine.removeStore("store0", store);
    MemoryStore larger = new MemoryStore(2000 * 512);
    bench.engine.addStore("store0", larger);
    assertThat(bench.run("00").sense()).isEqualTo("6/2A/09");
    assertThat(ByteBuffer.wrap(bench.runIn("25", 8).data()).getInt()).isEqualTo(1999);
  }

  @Test
  void aStoreOfAnotherIdentityIsNotReadyUntilTheConfigurationIsWrittenAgain() {
    attach();
    bench.engine.removeStore("store0", store);
    MemoryStore other = new MemoryStore(1000 * 512);
    other.identity = "memory-2";
    FakeCommand waiting = start(Bench.read10Command(0, 1));
    bench.engine.addStore("store0", other);
    assertThat(waiting.sense()).isEqualTo("2/04/03");
    assertThat(bench.run("00").sense()).isEqualTo("2/04/03");
    assertThat(bench.unit.choice().problem()).contains("memory-2", "memory-1");
    bench.engine.changeUnit(bench.unit, Bench.settings());
    assertThat(bench.run("00").sense()).isEqualTo("6/28/00");
    assertThat(bench.run("00").status()).isEqualTo(GOOD);
  }

  @Test
  void whatWaitsForOneMediumNeverGoesToAnother() {
    attach();
    MemoryStore other = new MemoryStore(1000 * 512);
    other.identity = "memory-2";
    bench.engine.addStore("store1", other);
    bench.engine.removeStore("store0", store);
    FakeCommand write = start(Bench.write10Command(3, Bench.pattern(1, 1)));
    assertThat(write.hasEnded()).isFalse();
    bench.engine.changeUnit(bench.unit, withStore("store1"));
    assertThat(write.sense()).isEqualTo("2/04/01");
    assertThat(other.content(3, 1)).containsOnly(0);
    assertThat(bench.run("00").sense()).as("another medium of the same size").isEqualTo("6/28/00");
    assertThat(bench.run("00").status()).isEqualTo(GOOD);
  }

  private void attach(MemoryStore of, String version) {
    bench.engine.addStore("store0", new StoreOffer(of, version));
  }

  @Test
  void anUpgradeThatComesBackWithAnotherSizeIsHeldUntilTheVersionBeforeIsBack() {
    attach(store, "1");
    bench.write10(0, Bench.pattern(1, 1));
    bench.engine.removeStore("store0", store);
    FakeCommand waiting = start(Bench.read10Command(0, 1));
    MemoryStore smaller = new MemoryStore(500 * 512);
    attach(smaller, "2");
    assertThat(waiting.hasEnded()).isFalse();
    assertThat(bench.unit.choice().needsAcceptance()).isTrue();
    assertThat(bench.unit.choice().problem()).contains("500 blocks", "instead of 1000");
    bench.engine.removeStore("store0", smaller);
    attach(store, "3");
    assertThat(waiting.data()).isEqualTo(Bench.pattern(1, 1));
    assertThat(bench.run("00").status()).as("no unit attention").isEqualTo(GOOD);
  }

  @Test
  void anUpgradeOfAnotherIdentityIsRefusedWhenTheHoldTimeIsOver() {
    attach(store, "1");
    bench.engine.removeStore("store0", store);
    FakeCommand waiting = start(Bench.read10Command(0, 1));
    MemoryStore other = new MemoryStore(1000 * 512);
    other.identity = "memory-2";
    attach(other, "2");
    assertThat(waiting.hasEnded()).isFalse();
    bench.clock.advance(Duration.ofSeconds(20));
    assertThat(waiting.sense()).isEqualTo("2/04/03");
    assertThat(bench.run("00").sense()).isEqualTo("2/04/03");
    bench.engine.changeUnit(bench.unit, Bench.settings());
    assertThat(bench.run("00").sense()).isEqualTo("6/28/00");
    assertThat(bench.run("00").status()).isEqualTo(GOOD);
  }

  @Test
  void theNewStoreTakesOverWhenItCameBeforeTheOldOneWent() {
    attach();
    MemoryStore successor = new MemoryStore(1000 * 512);
    bench.engine.addStore("store0", successor);
    bench.write10(0, Bench.pattern(1, 1));
    assertThat(store.content(0, 1)).isEqualTo(Bench.pattern(1, 1));
    bench.engine.removeStore("store0", store);
    bench.write10(0, Bench.pattern(1, 2));
    assertThat(successor.content(0, 1)).isEqualTo(Bench.pattern(1, 2));
  }
}
