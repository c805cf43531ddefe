// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BackstoreException.Kind;
import org.jtgt.backstore.CopyOnWrite;
import org.jtgt.backstore.Snapshots;
import org.jtgt.backstore.testing.ArrayStore;
import org.jtgt.backstore.testing.StoreModel;
import org.jtgt.backstore.testing.TestIo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OverlaySnapshotsTest {
  private static final int CLUSTER = 1 << 16;
  private static final int BYTES = 8 * CLUSTER + 4096;

  @TempDir Path folder;
  private final ArrayStore base = ArrayStore.inline(BYTES);

  private static byte[] filled(int bytes, int with) {
    byte[] data = new byte[bytes];
    Arrays.fill(data, (byte) with);
    return data;
  }

  private OverlayStore open() throws IOException {
    return OverlayComponent.open(base, folder, CLUSTER);
  }

  private static Snapshots of(Backstore store) {
    return store.adapt(Snapshots.class).orElseThrow();
  }

  private static byte[] content(Backstore store) throws IOException {
    return TestIo.bytes(store, 0, (int) store.sizeBytes());
  }

  @Test
  void aSnapshotHoldsWhatWasThereAndTheHeadGoesOn() throws Exception {
    TestIo.put(base, 0, filled(BYTES, 3));
    try (var store = open()) {
      TestIo.put(store, 0, filled(4096, 1));
      of(store).create("monday");
      byte[] monday = content(store);
      TestIo.put(store, 0, filled(512, 2));
      TestIo.put(store, 3L * CLUSTER, filled(512, 2));
      TestIo.unmap(CLUSTER, CLUSTER, false).run(store);
      byte[] now = content(store);
      Backstore snapshot = of(store).open("monday");
      assertThat(content(snapshot)).isEqualTo(monday);
      assertThat(now).isNotEqualTo(monday);
      assertThat(snapshot.readOnly()).isTrue();
      assertThatThrownBy(() -> TestIo.put(snapshot, 0, filled(512, 9)))
          .isInstanceOfSatisfying(
              BackstoreException.class, e -> assertThat(e.kind()).isEqualTo(Kind.WRITE_PROTECTED));
    }
    try (var store = open()) {
      assertThat(of(store).list()).extracting(Snapshots.Snapshot::name).containsExactly("monday");
      assertThat(TestIo.bytes(of(store).open("monday"), 0, 4096)).containsOnly(1);
      assertThat(TestIo.bytes(of(store).open("monday"), CLUSTER, CLUSTER)).containsOnly(3);
      assertThat(TestIo.bytes(store, CLUSTER, CLUSTER)).containsOnly(0);
    }
    assertThat(base.bytes()).containsOnly(3);
  }

  @Test
  void anyStoreIsRightWhileSnapshotsComeAndGo() throws Exception {
    try (var store = open()) {
      StoreModel model = new StoreModel(store, 5);
      var expected = new ArrayList<byte[]>();
      for (int i = 0; i < 40; i++) {
        model.run(12);
        if (i % 3 == 2) {
          of(store).delete("s" + (i - 2));
          expected.set(i - 2, new byte[0]);
        }
        of(store).create("s" + i);
        expected.add(content(store));
      }
      for (int i = 0; i < 40; i++) {
        if (expected.get(i).length > 0) {
          assertThat(content(of(store).open("s" + i))).isEqualTo(expected.get(i));
        }
      }
    }
  }

  @Test
  void rollingBackBringsItBackAndLeavesTheSnapshot() throws Exception {
    try (var store = open()) {
      TestIo.put(store, 0, filled(BYTES, 1));
      of(store).create("a");
      TestIo.put(store, 0, filled(BYTES, 2));
      of(store).create("b");
      TestIo.put(store, 0, filled(CLUSTER, 3));
      of(store).rollBack("a");
      assertThat(content(store)).containsOnly(1);
      TestIo.put(store, 0, filled(CLUSTER, 4));
      assertThat(content(of(store).open("a"))).containsOnly(1);
      assertThat(content(of(store).open("b"))).containsOnly(2);
    }
    try (var store = open()) {
      // Opened again, it still knows that the first cluster alone is its own.
      TestIo.put(store, CLUSTER, filled(CLUSTER, 5));
      assertThat(content(of(store).open("a"))).containsOnly(1);
      assertThat(content(of(store).open("b"))).containsOnly(2);
      assertThatThrownBy(() -> of(store).rollBack("c")).hasMessage("there is no snapshot c");
    }
  }

  @Test
  void deletingTheLastSnapshotGivesItsSpaceBack() throws Exception {
    try (var store = open()) {
      TestIo.put(store, 0, filled(4 * CLUSTER, 1));
      of(store).create("a");
      TestIo.put(store, 0, filled(4 * CLUSTER, 2));
      assertThat(store.allocatedBytes()).isEqualTo(8L * CLUSTER);
      of(store).delete("a");
      assertThat(store.allocatedBytes()).isEqualTo(4L * CLUSTER);
      TestIo.put(store, 0, filled(4 * CLUSTER, 3));
      assertThat(store.allocatedBytes()).isEqualTo(4L * CLUSTER);
      assertThat(TestIo.bytes(store, 0, 4 * CLUSTER)).containsOnly(3);
    }
  }

  @Test
  void aSnapshotInUseIsNotDeletedAndANameNotGivenTwice() throws Exception {
    try (var store = open()) {
      of(store).create("a");
      Backstore snapshot = of(store).open("a");
      assertThatThrownBy(() -> of(store).delete("a")).hasMessage("snapshot a is in use");
      assertThatThrownBy(() -> of(store).create("a")).hasMessage("snapshot a exists already");
      ((AutoCloseable) snapshot).close();
      of(store).delete("a");
      assertThatThrownBy(() -> of(store).open("a")).hasMessage("there is no snapshot a");
    }
  }

  @Test
  void aWritableCloneIsAnOverlayOnASnapshot() throws Exception {
    try (var store = open()) {
      TestIo.put(store, 0, filled(CLUSTER, 1));
      of(store).create("golden");
      TestIo.put(store, 0, filled(CLUSTER, 2));
      Path place = folder.resolve("clone");
      try (var clone = OverlayComponent.open(of(store).open("golden"), place, CLUSTER)) {
        assertThat(TestIo.bytes(clone, 0, CLUSTER)).containsOnly(1);
        TestIo.put(clone, 512, filled(512, 7));
        of(clone).create("of the clone");
        TestIo.put(clone, 512, filled(512, 8));
        assertThat(TestIo.bytes(of(clone).open("of the clone"), 512, 512)).containsOnly(7);
      }
      assertThat(TestIo.bytes(store, 0, CLUSTER)).containsOnly(2);
      // Another snapshot of the same name is another base.
      OverlayStore other = OverlayComponent.open(base, folder.resolve("other"), CLUSTER);
      of(other).create("golden");
      assertThatThrownBy(() -> OverlayComponent.open(of(other).open("golden"), place, CLUSTER))
          .hasMessageContaining("this overlay belongs to overlay-");
      other.close();
    }
  }

  @Test
  void aSnapshotUnderIoHoldsAPrefixOfWhatEachWriterWrote() throws Exception {
    try (var store = open()) {
      var stop = new AtomicBoolean();
      var writers = new ArrayList<CompletableFuture<Void>>();
      for (int writer = 0; writer < 4; writer++) {
        long first = writer * 2L * CLUSTER;
        writers.add(
            CompletableFuture.runAsync(
                () -> count(store, first, stop), Thread.ofPlatform().daemon()::start));
      }
      var seen = new ArrayList<List<Long>>();
      for (int i = 0; i < 20; i++) {
        List<Long> before = counters(store);
        of(store).create("s" + i);
        List<Long> after = counters(store);
        List<Long> held = counters(of(store).open("s" + i));
        for (int writer = 0; writer < 4; writer++) {
          // A writer's second counter is written when the first has been acknowledged.
          assertThat(held.get(2 * writer) - held.get(2 * writer + 1)).isBetween(0L, 1L);
          assertThat(held.get(2 * writer)).isGreaterThanOrEqualTo(before.get(2 * writer));
          assertThat(held.get(2 * writer)).isLessThanOrEqualTo(after.get(2 * writer));
        }
        seen.add(held);
        while (counters(store).equals(held)) {
          assertThat(writers).noneMatch(CompletableFuture::isDone);
        }
      }
      stop.set(true);
      writers.forEach(CompletableFuture::join);
      assertThat(seen.getLast()).isNotEqualTo(seen.getFirst());
      for (int i = 0; i < 20; i++) {
        assertThat(counters(of(store).open("s" + i))).isEqualTo(seen.get(i));
      }
    }
  }

  private static void count(Backstore store, long at, AtomicBoolean stop) {
    try {
      for (long number = 1; !stop.get(); number++) {
        byte[] block = ByteBuffer.allocate(512).putLong(number).array();
        TestIo.put(store, at, block);
        TestIo.put(store, at + CLUSTER, block);
      }
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }

  private static List<Long> counters(Backstore store) throws IOException {
    var counters = new ArrayList<Long>();
    for (int cluster = 0; cluster < 8; cluster++) {
      byte[] block = TestIo.bytes(store, (long) cluster * CLUSTER, 512);
      counters.add(ByteBuffer.wrap(block).getLong());
    }
    return counters;
  }

  @Test
  void committingMovesAllIntoTheBaseAndThenWritesThroughToIt() throws Exception {
    try (var store = open()) {
      TestIo.put(store, 0, filled(CLUSTER, 1));
      of(store).create("a");
      CopyOnWrite differences = store.adapt(CopyOnWrite.class).orElseThrow();
      assertThatThrownBy(() -> differences.commit(true)).hasMessageContaining("snapshots (a) need");
      assertThat(base.bytes()).containsOnly(0);
      of(store).delete("a");
      differences.commit(true);
      assertThat(store.allocatedBytes()).isZero();
      assertThat(TestIo.bytes(store, 0, CLUSTER)).containsOnly(1);
      TestIo.put(store, CLUSTER, filled(512, 2));
      TestIo.unmap(0, 512, false).run(store);
      assertThat(base.bytes()).isEqualTo(content(store));
      assertThat(Arrays.copyOf(base.bytes(), 512)).containsOnly(0);
      assertThat(base.bytes()[CLUSTER]).isEqualTo((byte) 2);
    }
  }

  @Test
  void discardingShowsTheBaseAgainAndLeavesTheSnapshots() throws Exception {
    TestIo.put(base, 0, filled(BYTES, 3));
    try (var store = open()) {
      TestIo.put(store, 0, filled(CLUSTER, 1));
      of(store).create("a");
      TestIo.put(store, CLUSTER, filled(CLUSTER, 2));
      store.adapt(CopyOnWrite.class).orElseThrow().discard();
      assertThat(content(store)).containsOnly(3);
      assertThat(TestIo.bytes(of(store).open("a"), 0, CLUSTER)).containsOnly(1);
    }
    try (var store = open()) {
      assertThat(content(store)).containsOnly(3);
    }
  }
}
