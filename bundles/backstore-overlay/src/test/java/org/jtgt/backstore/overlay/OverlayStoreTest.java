// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jtgt.backstore.AllocationMap;
import org.jtgt.backstore.AllocationMap.Extent;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BackstoreException.Kind;
import org.jtgt.backstore.Snapshots;
import org.jtgt.backstore.filter.FilterBackstore;
import org.jtgt.backstore.testing.ArrayStore;
import org.jtgt.backstore.testing.StoreModel;
import org.jtgt.backstore.testing.TestIo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OverlayStoreTest {
  private static final int CLUSTER = 1 << 16;
  private static final int BYTES = 8 * CLUSTER + 4096;

  @TempDir Path folder;
  private final ArrayStore base = ArrayStore.inline(BYTES);

  private static byte[] filled(int bytes, int with) {
    byte[] data = new byte[bytes];
    Arrays.fill(data, (byte) with);
    return data;
  }

  @Test
  void itHoldsWhatWasWrittenAsAnyStoreAndLeavesTheBaseAlone() throws Exception {
    try (var store = OverlayComponent.open(base, folder, CLUSTER)) {
      new StoreModel(store, 21).run(400);
    }
    assertThat(base.bytes()).containsOnly(0);
  }

  @Test
  void whatWasNotWrittenIsTheBases() throws Exception {
    TestIo.put(base, 0, filled(BYTES, 3));
    try (var store = OverlayComponent.open(base, folder, CLUSTER)) {
      TestIo.put(store, CLUSTER + 512, filled(512, 9));
      assertThat(TestIo.bytes(store, CLUSTER, 512)).containsOnly(3);
      assertThat(TestIo.bytes(store, CLUSTER + 512, 512)).containsOnly(9);
      assertThat(TestIo.bytes(store, CLUSTER + 1024, 512)).containsOnly(3);
      TestIo.unmap(0, CLUSTER, false).run(store);
      assertThat(TestIo.bytes(store, 0, CLUSTER)).containsOnly(0);
    }
    assertThat(base.bytes()).containsOnly(3);
  }

  @Test
  void itIsAsItWasWhenItIsOpenedAgain() throws Exception {
    String identity;
    try (var store = OverlayComponent.open(base, folder, CLUSTER)) {
      identity = store.identity();
      TestIo.put(store, 100 * 512, filled(200_192, 5));
    }
    try (var store = OverlayComponent.open(base, folder, CLUSTER)) {
      assertThat(store.identity()).isEqualTo(identity);
      assertThat(TestIo.bytes(store, 100 * 512, 200_192)).containsOnly(5);
      assertThat(TestIo.bytes(store, 99 * 512, 512)).containsOnly(0);
    }
  }

  @Test
  void twoOverlaysOfOneBaseDoNotSeeEachOther() throws Exception {
    try (var a = OverlayComponent.open(base, folder.resolve("a"), CLUSTER);
        var b = OverlayComponent.open(base, folder.resolve("b"), CLUSTER)) {
      TestIo.put(a, 0, filled(512, 1));
      assertThat(TestIo.bytes(b, 0, 512)).containsOnly(0);
    }
  }

  @Test
  void theOverlayOfAnotherBaseIsRefused() throws Exception {
    OverlayComponent.open(base, folder, CLUSTER).close();
    Backstore smaller = ArrayStore.inline(CLUSTER);
    assertThatThrownBy(() -> OverlayComponent.open(smaller, folder, CLUSTER))
        .hasMessageContaining("this overlay belongs to array with " + BYTES);
  }

  @Test
  void aWriteToWhatItHasCostsNothingInTheMap() throws Exception {
    Journal journal = new Journal();
    OverlayStore store = OverlayStore.open(base, journal, CLUSTER);
    TestIo.put(store, 0, filled(512, 1));
    TestIo.flush().run(store);
    long map = journal.writes("map");
    long data = journal.writes("data");
    TestIo.put(store, 4096, filled(4096, 2));
    TestIo.flush().run(store);
    assertThat(journal.writes("map")).isEqualTo(map);
    assertThat(journal.writes("data")).isEqualTo(data + 1);
    TestIo.bytes(store, 0, BYTES);
    assertThat(journal.writes("data")).isEqualTo(data + 1);
  }

  @Test
  void whatTheBaseDoesNotHoldIsNotHeldAndUnmappingItTakesNoSpace() throws Exception {
    MemoryMap holes = new MemoryMap(base);
    Journal journal = new Journal();
    OverlayStore store = OverlayStore.open(holes, journal, CLUSTER);
    assertThat(store.extentAt(0)).isEqualTo(new Extent(CLUSTER, true));
    assertThat(store.extentAt(CLUSTER).mapped()).isFalse();
    TestIo.unmap(2L * CLUSTER, 4096, false).run(store);
    TestIo.unmap(3L * CLUSTER, CLUSTER, false).run(store);
    assertThat(store.allocatedBytes()).isZero();
    TestIo.put(store, 3L * CLUSTER, filled(512, 1));
    assertThat(store.extentAt(3L * CLUSTER)).isEqualTo(new Extent(CLUSTER, true));
    TestIo.put(store, CLUSTER, filled(512, 1));
    assertThat(store.extentAt(0)).isEqualTo(new Extent(2L * CLUSTER, true));
    TestIo.unmap(CLUSTER, CLUSTER, false).run(store);
    assertThat(store.extentAt(CLUSTER)).isEqualTo(new Extent(2L * CLUSTER, false));
    TestIo.unmap(3L * CLUSTER, CLUSTER, false).run(store);
    assertThat(store.extentAt(3L * CLUSTER).mapped()).isFalse();
    TestIo.unmap(0, CLUSTER, false).run(store);
    assertThat(store.extentAt(0).mapped()).isFalse();
    assertThat(TestIo.bytes(store, 0, CLUSTER)).containsOnly(0);
  }

  /** A base whose first cluster alone holds space. */
  private static final class MemoryMap extends FilterBackstore implements AllocationMap {
    MemoryMap(Backstore store) {
      super(store);
    }

    @Override
    public Extent extentAt(long offsetBytes) {
      return offsetBytes < CLUSTER
          ? new Extent(CLUSTER - offsetBytes, true)
          : new Extent(BYTES - offsetBytes, false);
    }
  }

  @Test
  void whatExceedsTheLimitIsRefusedAsFullAndChangesNothing() throws Exception {
    TestIo.put(base, 0, filled(BYTES, 3));
    try (var store = OverlayComponent.open(base, folder, CLUSTER)) {
      store.limit(2L * CLUSTER);
      TestIo.put(store, 0, filled(2 * CLUSTER, 1));
      assertThatThrownBy(() -> TestIo.put(store, 2L * CLUSTER, filled(512, 1)))
          .isInstanceOfSatisfying(
              BackstoreException.class, e -> assertThat(e.kind()).isEqualTo(Kind.FULL));
      assertThat(store.freeBytes()).isZero();
      assertThat(TestIo.bytes(store, 2L * CLUSTER, CLUSTER)).containsOnly(3);
      TestIo.put(store, 512, filled(512, 2));
      TestIo.unmap(0, CLUSTER, false).run(store);
      TestIo.flush().run(store);
      TestIo.put(store, 2L * CLUSTER, filled(512, 1));
      assertThat(TestIo.bytes(store, CLUSTER, CLUSTER)).containsOnly(1);
    }
  }

  @Test
  void aFullFileSystemRefusesWritesButNoFlushAndLosesNothing() throws Exception {
    Journal journal = new Journal();
    OverlayStore store = OverlayStore.open(base, journal, CLUSTER);
    TestIo.put(store, 0, filled(CLUSTER, 1));
    journal.usable(CLUSTER);
    TestIo.put(store, CLUSTER, filled(CLUSTER, 2));
    for (int at = 2; at < 4; at++) {
      long offset = at * (long) CLUSTER;
      assertThatThrownBy(() -> TestIo.put(store, offset, filled(CLUSTER, 3)))
          .isInstanceOfSatisfying(
              BackstoreException.class, e -> assertThat(e.kind()).isEqualTo(Kind.FULL));
    }
    TestIo.flush().run(store);
    OverlayStore again = OverlayStore.open(base, journal, CLUSTER);
    assertThat(TestIo.bytes(again, 0, CLUSTER)).containsOnly(1);
    assertThat(TestIo.bytes(again, CLUSTER, CLUSTER)).containsOnly(2);
    assertThat(TestIo.bytes(again, 2L * CLUSTER, CLUSTER)).containsOnly(0);
  }

  @Test
  void itGrowsInPlaceAndTellsItAndIsAsLargeWhenItIsOpenedAgain() throws Exception {
    TestIo.put(base, 0, filled(BYTES, 3));
    long larger = BYTES + 3L * CLUSTER;
    try (var store = OverlayComponent.open(base, folder, CLUSTER)) {
      var told = new ArrayList<Long>();
      store.onSizeChange(told::add);
      store.resize(larger);
      assertThat(told).containsExactly(larger);
      assertThat(TestIo.bytes(store, BYTES - 512, 512)).containsOnly(3);
      assertThat(TestIo.bytes(store, BYTES, 3 * CLUSTER)).containsOnly(0);
      TestIo.put(store, BYTES + CLUSTER, filled(512, 7));
      assertThatThrownBy(() -> store.resize(BYTES)).hasMessageContaining("does not shrink");
    }
    try (var store = OverlayComponent.open(base, folder, CLUSTER)) {
      assertThat(store.sizeBytes()).isEqualTo(larger);
      assertThat(TestIo.bytes(store, BYTES + CLUSTER, 512)).containsOnly(7);
      assertThat(TestIo.bytes(store, BYTES, CLUSTER)).containsOnly(0);
    }
  }

  @Test
  void behindTheOldEndThereAreZerosAlsoWhereAPlaceHeldSomethingBefore() throws Exception {
    int end = 8 * CLUSTER;
    try (var store = OverlayComponent.open(base, folder, CLUSTER)) {
      TestIo.put(store, 0, filled(CLUSTER, 9));
      TestIo.flush().run(store);
      TestIo.unmap(0, CLUSTER, false).run(store);
      TestIo.flush().run(store);
      TestIo.put(store, end, filled(512, 5));
      assertThat(store.allocatedBytes()).isEqualTo(CLUSTER);
      store.resize(10L * CLUSTER);
      assertThat(TestIo.bytes(store, end, 512)).containsOnly(5);
      assertThat(TestIo.bytes(store, end + 512, 2 * CLUSTER - 512)).containsOnly(0);
    }
  }

  /** What an earlier version stored: of the cluster at the end as much as the overlay had. */
  @Test
  void behindTheOldEndOfAnOverlayOfAnEarlierVersionThereAreZeros() throws Exception {
    Journal journal = new Journal();
    OverlayStore store = OverlayStore.open(base, journal, CLUSTER);
    TestIo.put(store, 8L * CLUSTER, filled(4096, 5));
    store.adapt(Snapshots.class).orElseThrow().create("a");
    TestIo.put(store, 8L * CLUSTER, filled(4096, 6));
    TestIo.flush().run(store);
    Disk data = journal.open("data");
    data.write(4096, ByteBuffer.wrap(filled(512, 9)));
    data.truncate(CLUSTER + 4096);
    store = OverlayStore.open(base, journal, CLUSTER);
    store.resize(9L * CLUSTER);
    assertThat(TestIo.bytes(store, 8L * CLUSTER, 4096)).containsOnly(6);
    assertThat(TestIo.bytes(store, 8L * CLUSTER + 4096, CLUSTER - 4096)).containsOnly(0);
    store.adapt(Snapshots.class).orElseThrow().rollBack("a");
    assertThat(TestIo.bytes(store, 8L * CLUSTER, 4096)).containsOnly(5);
    assertThat(TestIo.bytes(store, 8L * CLUSTER + 4096, CLUSTER - 4096)).containsOnly(0);
  }

  @Test
  void othersCannotReadWhatItHolds() throws Exception {
    Path own = folder.resolve("own");
    OverlayComponent.open(base, own, CLUSTER).close();
    for (Path path : List.of(own, own.resolve("map"), own.resolve("data"))) {
      assertThat(Files.getPosixFilePermissions(path))
          .doesNotContain(PosixFilePermission.GROUP_READ, PosixFilePermission.OTHERS_READ);
    }
    assertThatThrownBy(() -> OverlayComponent.open(base, folder.resolve("a/b"), CLUSTER))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void aSecondOneOnTheSameFolderIsRefused() throws Exception {
    try (var store = OverlayComponent.open(base, folder, CLUSTER)) {
      assertThat(store.isOpen()).isTrue();
      assertThatThrownBy(() -> OverlayComponent.open(base, folder, CLUSTER))
          .hasMessageContaining("is in use by another overlay");
    }
  }

  @Test
  void aFolderWhoseNamesCannotBeMadeStableIsNotLeftLocked() throws Exception {
    FileFolder files = new FileFolder(folder);
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> files.open("data")).isInstanceOf(ClosedByInterruptException.class);
    assertThat(Thread.interrupted()).isTrue();
    OverlayComponent.open(base, folder, CLUSTER).close();
  }
}
