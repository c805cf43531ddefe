// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BackstoreException.Kind;
import org.jtgt.backstore.CopyOnWrite;
import org.jtgt.backstore.testing.ArrayStore;
import org.jtgt.backstore.testing.TestIo;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is written while a flush makes {@code data} or {@code map} stable, in amounts that take the
 * map to the end of what is kept in store.
 */
class WritesDuringFlushTest {
  private static final int CLUSTER = 512;
  private static final int CLUSTERS = 16_384;

  private final ArrayStore base = ArrayStore.inline(CLUSTERS * CLUSTER);
  private final Journal journal = new Journal();
  private OverlayStore store;

  @BeforeEach
  void overABaseThatHoldsSomething() throws Exception {
    byte[] threes = new byte[CLUSTERS * CLUSTER];
    Arrays.fill(threes, (byte) 3);
    TestIo.put(base, 0, threes);
    store = OverlayStore.open(base, journal, CLUSTER);
  }

  /** Each cluster is a pair in the map, and needs no data. */
  private void unmap(int from, int clusters) throws IOException {
    TestIo.unmap((long) from * CLUSTER, (long) clusters * CLUSTER, false).run(store);
  }

  private void flush() throws IOException {
    TestIo.flush().run(store);
  }

  private void expectZeros(int clusters) throws IOException {
    OverlayStore again = OverlayStore.open(base, journal, CLUSTER);
    int bytes = clusters * CLUSTER;
    assertThat(TestIo.bytes(again, 0, bytes)).containsOnly(0);
    assertThat(TestIo.bytes(again, bytes, CLUSTER)).containsOnly(3);
  }

  @ParameterizedTest
  @ValueSource(ints = {2100, 4030, 5000})
  void theyLeaveWhatTheFlushAppendsAlone(int clusters) throws Exception {
    unmap(0, clusters);
    journal.whenForced("data", () -> unmap(clusters, clusters));
    flush();
    journal.whenForced("map", () -> unmap(2 * clusters, clusters));
    flush();
    flush();
    expectZeros(3 * clusters);
  }

  @ParameterizedTest
  @ValueSource(ints = {2100, 4030, 5000})
  void theyFindRoomInTheMapBeforeTheFileSystemIsFull(int clusters) throws Exception {
    unmap(0, clusters);
    journal.whenForced("data", () -> unmap(clusters, clusters));
    flush();
    journal.usable(0);
    flush();
    expectZeros(2 * clusters);
  }

  @Test
  void aCommitWithoutRoomInTheMapIsRefusedAndNoFlushIs() throws Exception {
    int clusters = 5000;
    unmap(0, clusters);
    flush();
    journal.usable(0);
    assertThatThrownBy(() -> store.adapt(CopyOnWrite.class).orElseThrow().commit(true))
        .isInstanceOfSatisfying(
            BackstoreException.class, e -> assertThat(e.kind()).isEqualTo(Kind.FULL));
    flush();
    expectZeros(clusters);
  }
}
