// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BackstoreException.Kind;
import org.jtgt.backstore.DrainNotice;
import org.jtgt.backstore.filter.Dispatch;
import org.jtgt.backstore.testing.ArrayStore;
import org.jtgt.backstore.testing.StoreModel;
import org.jtgt.backstore.testing.TestIo;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FaultyStoreTest {
  private final ArrayStore below = ArrayStore.inline(1 << 20);
  private FaultyStore store = with();

  @AfterEach
  void close() {
    store.close();
  }

  private FaultyStore with(String... rules) {
    if (store != null) {
      store.close();
    }
    store =
        new FaultyStore(
            below,
            new Dispatch(below, "test"),
            Arrays.stream(rules).map(Rule::parse).toList(),
            new Random(1));
    return store;
  }

  private static BackstoreException failureOf(TestIo io, FaultyStore store) {
    try {
      io.run(store);
    } catch (BackstoreException failure) {
      return failure;
    } catch (java.io.IOException other) {
      throw new AssertionError(other);
    }
    throw new AssertionError("no failure");
  }

  private static TestIo write(long offset, int bytes) {
    byte[] data = new byte[bytes];
    Arrays.fill(data, (byte) 7);
    return TestIo.write(offset, false, TestIo.direct(data));
  }

  @Test
  void withoutARuleItIsTheStoreBelow() throws Exception {
    new StoreModel(with(), 3).run(300);
  }

  @Test
  void anErrorStrikesItsRangeAloneAndNamesTheFirstBadByte() throws Exception {
    with("read error=media at=4096-8192");
    TestIo.bytes(store, 0, 4096);
    TestIo.bytes(store, 8192, 4096);
    BackstoreException failure =
        failureOf(TestIo.read(2048, java.nio.ByteBuffer.allocateDirect(4096)), store);
    assertThat(failure.kind()).isEqualTo(Kind.MEDIA);
    assertThat(failure.offsetBytes()).hasValue(4096);
  }

  @ParameterizedTest
  @CsvSource({"gone,GONE", "transient,TRANSIENT", "full,FULL", "protected,WRITE_PROTECTED"})
  void anErrorHasItsKindAndWritesNothing(String word, Kind kind) {
    with("write error=" + word);
    assertThat(failureOf(write(0, 512), store).kind()).isEqualTo(kind);
    assertThat(below.bytes()).containsOnly(0);
  }

  @Test
  void countAfterAndEverySayWhichOnesAreStruck() throws Exception {
    with("write error=other after=2 every=3 count=2");
    StringBuilder struck = new StringBuilder();
    for (int i = 0; i < 14; i++) {
      try {
        write(0, 512).run(store);
        struck.append('.');
      } catch (BackstoreException failure) {
        struck.append('x');
      }
    }
    assertThat(struck).hasToString("....x..x......");
  }

  @Test
  void aTornWriteStoresItsFirstBlocksOnlyAndFails() {
    with("write torn=1200");
    assertThat(failureOf(write(512, 4096), store)).hasMessageContaining("torn after 1024");
    assertThat(Arrays.copyOfRange(below.bytes(), 512, 1536)).containsOnly(7);
    assertThat(Arrays.copyOfRange(below.bytes(), 1536, 8192)).containsOnly(0);
  }

  @Test
  void aLostWriteIsAnsweredAndNotDone() throws Exception {
    with("write lost count=1");
    write(0, 512).run(store);
    assertThat(below.bytes()).containsOnly(0);
    write(0, 512).run(store);
    assertThat(below.bytes()[0]).isEqualTo((byte) 7);
  }

  @Test
  void whatHangsIsDoneWhenTheStoreIsDrained() throws Exception {
    with("any hang");
    TestIo io = write(0, 512);
    store.submit(io);
    assertThat(io.isDone()).isFalse();
    try (DrainNotice.Notice notice = store.draining()) {
      io.await();
    }
    assertThat(below.bytes()[0]).isEqualTo((byte) 7);
  }

  @Test
  void whatIsDelayedIsDoneAtOnceWhenTheStoreIsDrained() throws Exception {
    with("any delay=1000s");
    TestIo io = write(0, 512);
    store.submit(io);
    assertThat(io.isDone()).isFalse();
    try (DrainNotice.Notice notice = store.draining()) {
      io.await();
    }
    assertThat(below.bytes()[0]).isEqualTo((byte) 7);
  }

  @Test
  void aDelayedErrorIsStillAnError() {
    with("write delay=1ms", "write error=full");
    assertThat(failureOf(write(0, 512), store).kind()).isEqualTo(Kind.FULL);
  }

  @Test
  void changedRulesFreeWhatHangs() throws Exception {
    with("any hang");
    TestIo io = write(0, 512);
    store.submit(io);
    store.change(List.of());
    io.await();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "read",
        "reed error=media",
        "read error=broken",
        "read torn=512",
        "read lost",
        "any delay=5",
        "write error=media at=5",
        "write error=media often",
        "write error=media every=0",
        "write error=media probability=2"
      })
  void aWrongRuleIsRefusedWithItsText(String rule) {
    assertThatThrownBy(() -> Rule.parse(rule))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("rules: '" + rule + "'");
  }
}
