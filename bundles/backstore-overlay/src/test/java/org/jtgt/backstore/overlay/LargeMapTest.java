// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.UUID;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BackstoreException.Kind;
import org.jtgt.backstore.BlockingBackstore;
import org.jtgt.backstore.Snapshots;
import org.jtgt.backstore.testing.ArrayStore;
import org.jtgt.backstore.testing.StoreModel;
import org.jtgt.backstore.testing.TestIo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Maps that are larger than the memory they may take. */
class LargeMapTest {
  private static final int CLUSTER = 512;

  /** What a page of a map tells of. */
  private static final int PAGE = Page.ENTRIES * CLUSTER;

  private static final int BYTES = 9 * PAGE + 4096;
  private static final long MANY_BYTES = 1 << 20;

  private final Journal journal = new Journal();

  /** A base of any size that holds nothing, and does not say so. */
  private record Zeros(long sizeBytes) implements BlockingBackstore {
    @Override
    public String identity() {
      return "zeros";
    }

    @Override
    public void read(long offsetBytes, ByteBuffer target) {
      target.put(new byte[target.remaining()]);
    }

    @Override
    public void write(long offsetBytes, ByteBuffer source) throws IOException {
      throw new IOException("it is only read");
    }

    @Override
    public void flush() {}
  }

  private static Snapshots of(Backstore store) {
    return store.adapt(Snapshots.class).orElseThrow();
  }

  private static byte[] filled(int bytes, int with) {
    byte[] data = new byte[bytes];
    Arrays.fill(data, (byte) with);
    return data;
  }

  private static byte[] content(Backstore store) throws IOException {
    return TestIo.bytes(store, 0, (int) store.sizeBytes());
  }

  private static void expectFull(org.assertj.core.api.ThrowableAssert.ThrowingCallable action) {
    assertThatThrownBy(action)
        .isInstanceOfSatisfying(
            BackstoreException.class, e -> assertThat(e.kind()).isEqualTo(Kind.FULL));
  }

  @Test
  void anOverlayWithMemoryForTwoPagesIsAsAnyOther() throws Exception {
    ArrayStore base = ArrayStore.inline(BYTES);
    PageMemory memory = new PageMemory(2, MANY_BYTES);
    OverlayStore store = OverlayStore.open(base, journal, CLUSTER, memory);
    StoreModel model = new StoreModel(store, 3);
    var expected = new ArrayList<byte[]>();
    for (int i = 0; i < 12; i++) {
      model.run(12);
      assertThat(memory.pages()).isLessThanOrEqualTo(2);
      if (i % 3 == 2) {
        of(store).delete("s" + (i - 2));
        expected.set(i - 2, new byte[0]);
      }
      of(store).create("s" + i);
      expected.add(content(store));
    }
    byte[] head = content(store);
    for (int memories : new int[] {2, 1000}) {
      PageMemory other = new PageMemory(memories, MANY_BYTES);
      OverlayStore again = OverlayStore.open(base, journal, CLUSTER, other);
      assertThat(other.pages()).isLessThanOrEqualTo(memories);
      assertThat(content(again)).isEqualTo(head);
      for (int i = 0; i < expected.size(); i++) {
        if (expected.get(i).length > 0) {
          assertThat(content(of(again).open("s" + i))).isEqualTo(expected.get(i));
        }
      }
      again.close();
      assertThat(other.pages()).isZero();
      assertThat(other.holds(MANY_BYTES)).isTrue();
    }
  }

  @Test
  void whatAMapHasNoRoomForIsRefusedAsFullAndTheRestStays() throws Exception {
    ArrayStore base = ArrayStore.inline(BYTES);
    TestIo.put(base, 0, filled(BYTES, 3));
    journal.scratchUsable(3L * Page.BYTES);
    OverlayStore store = OverlayStore.open(base, journal, CLUSTER, new PageMemory(2, MANY_BYTES));
    for (int page = 0; page < 4; page++) {
      TestIo.put(store, (long) page * PAGE, filled(CLUSTER, 1));
    }
    long taken = store.allocatedBytes();
    expectFull(() -> TestIo.put(store, 5L * PAGE, filled(CLUSTER, 2)));
    expectFull(() -> TestIo.unmap(6L * PAGE, CLUSTER, false).run(store));
    assertThat(store.allocatedBytes()).isEqualTo(taken);
    TestIo.put(store, PAGE + CLUSTER, filled(CLUSTER, 1));
    TestIo.flush().run(store);
    for (OverlayStore each :
        new OverlayStore[] {store, OverlayStore.open(base, journal, CLUSTER)}) {
      for (int page = 0; page < 4; page++) {
        assertThat(TestIo.bytes(each, (long) page * PAGE, CLUSTER)).containsOnly(1);
      }
      assertThat(TestIo.bytes(each, 5L * PAGE, CLUSTER)).containsOnly(3);
      assertThat(TestIo.bytes(each, 6L * PAGE, CLUSTER)).containsOnly(3);
    }
  }

  @Test
  void aPageThatIsNotReadAsItWasStoredIsToldAndNotServed() throws Exception {
    ArrayStore base = ArrayStore.inline(BYTES);
    OverlayStore store = OverlayStore.open(base, journal, CLUSTER, new PageMemory(2, MANY_BYTES));
    for (int page = 0; page < 4; page++) {
      TestIo.put(store, (long) page * PAGE, filled(CLUSTER, 1));
    }
    Disk pages = journal.scratch();
    pages.write(0, ByteBuffer.allocate((int) pages.sizeBytes()));
    assertThatThrownBy(
            () -> {
              for (int page = 0; page < 4; page++) {
                TestIo.bytes(store, (long) page * PAGE, CLUSTER);
              }
            })
        .hasMessageContaining("not in its file as it was stored");
  }

  @Test
  void snapshotsTakeNoMoreThanTheirPartOfTheMemory() throws Exception {
    ArrayStore base = ArrayStore.inline(BYTES);
    OverlayStore store = OverlayStore.open(base, journal, CLUSTER, new PageMemory(100, 4000));
    int taken = 0;
    while (taken < 1000) {
      try {
        TestIo.put(store, 0, filled(CLUSTER, taken));
        of(store).create("s" + taken);
        taken++;
      } catch (BackstoreException full) {
        assertThat(full.kind()).isEqualTo(Kind.FULL);
        break;
      }
    }
    assertThat(taken).isBetween(5, 60);
    assertThat(of(store).list()).hasSize(taken);
    for (int i = 0; i < 3; i++) {
      of(store).delete("s" + i);
    }
    of(store).create("again");
    OverlayStore again = OverlayStore.open(base, journal, CLUSTER);
    assertThat(of(again).list()).hasSize(taken - 2);
    for (int i = 3; i < taken; i++) {
      assertThat(TestIo.bytes(of(again).open("s" + i), 0, CLUSTER)).containsOnly((byte) i);
    }
  }

  /** A base of 64 GiB, all of it written, in clusters of 64 KiB: more than a thousand pages. */
  @Test
  void aMapOfAMillionClustersIsOpenedReadAndChangedInAFewPages(@TempDir Path folder)
      throws Exception {
    int cluster = 1 << 16;
    int clusters = 1 << 20;
    Zeros base = new Zeros((long) clusters * cluster);
    FileFolder files = new FileFolder(folder.resolve("overlay"));
    try (MapLog log =
        MapLog.create(
            files,
            new MapLog.Header(cluster, base.sizeBytes(), UUID.randomUUID(), base.identity()))) {
      Event.Pairs pairs = new Event.Pairs();
      for (int i = 0; i < clusters; i++) {
        pairs.add(i, i == clusters - 5 ? 0 : ClusterMap.ZEROS);
      }
      log.append(Event.Places.of(pairs));
    }
    try (Disk data = files.open("data")) {
      data.write(0, ByteBuffer.wrap(filled(cluster, 7)));
    }
    PageMemory memory = new PageMemory(16, MANY_BYTES);
    try (OverlayStore store = OverlayStore.open(base, files, cluster, memory)) {
      assertThat(memory.pages()).isLessThanOrEqualTo(16);
      assertThat(TestIo.bytes(store, (clusters - 5L) * cluster, cluster)).containsOnly(7);
      of(store).create("a");
      for (int i = 0; i < 100; i++) {
        TestIo.put(store, (long) i * Page.ENTRIES * cluster, filled(512, i));
      }
      assertThat(TestIo.bytes(store, 99L * Page.ENTRIES * cluster, 512)).containsOnly(99);
      assertThat(memory.pages()).isLessThanOrEqualTo(16);
    }
    assertThat(folder.resolve("overlay").toFile().list()).containsOnly("map", "data");
  }

  @Test
  void whatLiesElsewhereIsFlushedBeforeItFillsTheMemory() throws Exception {
    int clusters = 300_000;
    Zeros base = new Zeros((long) clusters * CLUSTER);
    OverlayStore store = OverlayStore.open(base, journal, CLUSTER);
    TestIo.unmap(0, base.sizeBytes(), false).run(store);
    assertThat(journal.forces("map")).isBetween(2L, 8L);
    assertThat(store.extentAt(0).mapped()).isFalse();
  }

  @Test
  void clustersThatAreTooSmallForTheSizeAreRefusedAndLargerOnesChosen() throws Exception {
    Zeros base = new Zeros(1L << 40);
    assertThatThrownBy(() -> OverlayStore.open(base, journal, CLUSTER))
        .hasMessage(
            "clusterSize: 512 bytes are too few for 1099511627776; allowed: at most 1073741824"
                + " clusters");
    assertThat(journal.existing("map")).isEmpty();
    assertThat(Opening.clusterBytes(1L << 40)).isEqualTo(1 << 16);
    assertThat(Opening.clusterBytes(1L << 44)).isEqualTo(1 << 16);
    assertThat(Opening.clusterBytes((1L << 44) + 512)).isEqualTo(1 << 17);
    assertThat(Opening.clusterBytes(1L << 50)).isEqualTo(1 << 20);
  }
}
