// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.scsi.ScsiStatus.GOOD;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BackstoreException.Kind;
import org.jtgt.scsi.ScsiStatus;
import org.junit.jupiter.api.Test;

/**
 * What the initiator is told of a failure of the store, once, and of writes that were lost with it.
 */
class StoreFailureTest extends StoreLife {
  private String senseOf(IOException failure, FakeCommand command) {
    store.failure = failure;
    String sense = bench.run(command).sense();
    store.failure = null;
    return sense;
  }

  @Test
  void eachKindOfFailureHasItsSense() {
    attach();
    byte[] data = Bench.pattern(1, 1);
    IOException full = BackstoreException.of(Kind.FULL, "full");
    assertThat(senseOf(full, Bench.write10Command(0, data))).isEqualTo("7/27/07");
    IOException protect = BackstoreException.of(Kind.WRITE_PROTECTED, "protected");
    assertThat(senseOf(protect, Bench.write10Command(0, data))).isEqualTo("7/27/00");
    IOException gone = BackstoreException.of(Kind.GONE, "gone");
    assertThat(senseOf(gone, Bench.read10Command(0, 1))).isEqualTo("2/04/01");
    assertThat(senseOf(new IOException("?"), Bench.read10Command(0, 1))).isEqualTo("4/44/00");
    store.failure = BackstoreException.of(Kind.TRANSIENT, "busy");
    assertThat(bench.read10(0, 1).status()).isEqualTo(ScsiStatus.BUSY);
  }

  @Test
  void aMediumErrorNamesTheFirstBadBlock() {
    attach();
    store.failure = BackstoreException.media("bad", 7 * 512 + 100, new IOException());
    FakeCommand read = bench.read10(5, 4);
    assertThat(read.sense()).isEqualTo("3/11/00");
    assertThat(read.senseData()[0]).isEqualTo((byte) 0xF0);
    assertThat(ByteBuffer.wrap(read.senseData()).getInt(3)).isEqualTo(7);
    assertThat(bench.write10(5, Bench.pattern(4, 1)).sense()).isEqualTo("3/0C/00");
  }

  @Test
  void afterAFailedFlushNothingIsPromisedUntilTheStoreComesAnew() {
    attach();
    store.flushFailure = new IOException("lost");
    assertThat(bench.run("35 00 00000000 00 0000 00").sense()).isEqualTo("4/44/00");
    store.flushFailure = null;
    assertThat(bench.run("35 00 00000000 00 0000 00").sense()).isEqualTo("4/44/00");
    FakeCommand fua = FakeCommand.of("2A 08 00000000 00 0001 00").sends(Bench.pattern(1, 1));
    assertThat(bench.run(fua).sense()).isEqualTo("4/44/00");
    bench.engine.removeStore("store0", store);
    attach();
    assertThat(bench.run("35 00 00000000 00 0000 00").status()).isEqualTo(GOOD);
  }

  @Test
  void eachInitiatorIsToldOnceThatTheStoreBeforeHasNotMadeItsWritesStable() {
    attach();
    Nexus other = bench.connect("b");
    bench.clearAttentions(other);
    bench.write10(0, Bench.pattern(1, 1));
    replaceWithoutFlush();
    String flush = "35 00 00000000 00 0000 00";
    assertThat(bench.read10(0, 1).status()).isEqualTo(GOOD);
    assertThat(bench.run(flush).sense()).isEqualTo("3/0C/00");
    assertThat(bench.run(flush).status()).isEqualTo(GOOD);
    String fua = "2A 08 00000000 00 0001 00";
    assertThat(bench.run(other, FakeCommand.of(fua).sends(Bench.pattern(1, 2))).sense())
        .isEqualTo("3/0C/00");
    assertThat(bench.run(other, FakeCommand.of(fua).sends(Bench.pattern(1, 2))).status())
        .isEqualTo(GOOD);
  }

  @Test
  void whatIsStableIsNotLostWithTheLastFlush() {
    attach();
    bench.write10(0, Bench.pattern(1, 1));
    String flush = "35 00 00000000 00 0000 00";
    assertThat(bench.run(flush).status()).isEqualTo(GOOD);
    replaceWithoutFlush();
    assertThat(bench.run(flush).status()).isEqualTo(GOOD);
  }

  @Test
  void whoWasToldOfALossByTheStoreItselfIsNotToldAgainOfTheNextOne() {
    attach();
    bench.write10(0, Bench.pattern(1, 1));
    String flush = "35 00 00000000 00 0000 00";
    store.flushFailure = new IOException("lost");
    assertThat(bench.run(flush).sense()).isEqualTo("4/44/00");
    replaceWithoutFlush();
    assertThat(bench.run(flush).status()).isEqualTo(GOOD);
  }

  private void replaceWithoutFlush() {
    store.flushFailure = new IOException("lost");
    bench.engine.removeStore("store0", store);
    store.flushFailure = null;
    attach();
  }
}
