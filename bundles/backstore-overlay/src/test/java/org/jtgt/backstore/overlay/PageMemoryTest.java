// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.CopyOnWrite;
import org.jtgt.backstore.Snapshots;
import org.jtgt.backstore.testing.ArrayStore;
import org.jtgt.backstore.testing.StoreModel;
import org.jtgt.backstore.testing.TestIo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Overlays that share the memory for their maps, with pages that cannot leave it or come back. */
class PageMemoryTest {
  private static final int CLUSTER = 512;
  private static final int PAGE = Page.ENTRIES * CLUSTER;
  private static final int PAGES = 9;
  private static final long MANY_BYTES = 1 << 20;

  private static final Journal.Action GONE =
      () -> {
        throw new IOException("the disk is gone");
      };

  /** A folder whose file of pages does something before it is read or written. */
  private static final class Slow implements Folder {
    private final Journal journal = new Journal();
    private volatile Journal.Action before = () -> {};

    @Override
    public Disk open(String name) {
      return journal.open(name);
    }

    @Override
    public Optional<Disk> existing(String name) {
      return journal.existing(name);
    }

    @Override
    public Disk replace(String name, Content content) throws IOException {
      return journal.replace(name, content);
    }

    @Override
    public long usableBytes() {
      return journal.usableBytes();
    }

    @Override
    public Disk scratch() {
      Disk pages = journal.scratch();
      return new Disk() {
        @Override
        public int read(long offsetBytes, ByteBuffer target) throws IOException {
          before.run();
          return pages.read(offsetBytes, target);
        }

        @Override
        public void write(long offsetBytes, ByteBuffer source) throws IOException {
          before.run();
          pages.write(offsetBytes, source);
        }

        @Override
        public void force() throws IOException {
          pages.force();
        }

        @Override
        public long sizeBytes() throws IOException {
          return pages.sizeBytes();
        }

        @Override
        public void truncate(long bytes) throws IOException {
          pages.truncate(bytes);
        }

        @Override
        public void close() throws IOException {
          pages.close();
        }
      };
    }
  }

  private static OverlayStore overlay(Folder folder, PageMemory memory) throws IOException {
    return OverlayStore.open(ArrayStore.inline(PAGES * PAGE), folder, CLUSTER, memory);
  }

  private static Snapshots of(Backstore store) {
    return store.adapt(Snapshots.class).orElseThrow();
  }

  private static byte[] filled(int with) {
    byte[] data = new byte[CLUSTER];
    Arrays.fill(data, (byte) with);
    return data;
  }

  /** Writes to one cluster of each page of the map. */
  private static void put(Backstore store, int with) throws IOException {
    for (int page = 0; page < PAGES; page++) {
      TestIo.put(store, (long) page * PAGE, filled(with));
    }
  }

  private static void expect(Backstore store, int with) throws IOException {
    for (int page = 0; page < PAGES; page++) {
      assertThat(TestIo.bytes(store, (long) page * PAGE, CLUSTER)).containsOnly((byte) with);
    }
  }

  @Test
  @Timeout(30)
  void anOverlayWhoseDiskHangsHoldsUpNoOther() throws Exception {
    PageMemory memory = new PageMemory(4, MANY_BYTES);
    Slow hanging = new Slow();
    OverlayStore hung = overlay(hanging, memory);
    put(hung, 1);
    var released = new CountDownLatch(1);
    hanging.before =
        () -> {
          try {
            released.await();
          } catch (InterruptedException end) {
            throw new IOException(end);
          }
        };
    try (OverlayStore other = overlay(new Journal(), memory)) {
      put(other, 2);
      expect(other, 2);
      of(other).create("s");
      put(other, 3);
      of(other).rollBack("s");
      expect(other, 2);
      assertThat(memory.pages()).isLessThanOrEqualTo(5);
    } finally {
      released.countDown();
    }
    expect(hung, 1);
    hung.close();
    assertThat(memory.pages()).isZero();
  }

  @Test
  void anOverlayWhosePagesCannotLeaveTakesNoMoreThanItHas() throws Exception {
    PageMemory memory = new PageMemory(4, MANY_BYTES);
    Slow broken = new Slow();
    OverlayStore failing = overlay(broken, memory);
    put(failing, 1);
    broken.before = GONE;
    OverlayStore other = overlay(new Journal(), memory);
    put(other, 2);
    other.close();
    other = overlay(new Journal(), memory);
    for (int with = 2; with < 6; with++) {
      put(other, with);
      expect(other, with);
    }
    assertThat(memory.pages()).isLessThanOrEqualTo(5);
    broken.before = () -> {};
    expect(failing, 1);
    expect(other, 5);
  }

  @Test
  void whatHasHappenedIsSaidThoughItCannotBeToldWhatThatHasFreed() throws Exception {
    PageMemory memory = new PageMemory(2, MANY_BYTES);
    Slow folder = new Slow();
    OverlayStore store = overlay(folder, memory);
    put(store, 1);
    of(store).create("s");
    of(store).create("t");
    put(store, 2);
    long taken = store.allocatedBytes();
    folder.before = GONE;
    of(store).delete("t");
    of(store).rollBack("s");
    folder.before = () -> {};
    expect(store, 1);
    assertThat(of(store).list()).extracting(Snapshots.Snapshot::name).containsExactly("s");
    put(store, 3);
    assertThat(store.allocatedBytes()).isEqualTo(taken + PAGES * CLUSTER);
    of(store).rollBack("s");
    assertThat(store.allocatedBytes()).isEqualTo(taken - PAGES * CLUSTER);
    put(store, 4);
    folder.before = GONE;
    store.adapt(CopyOnWrite.class).orElseThrow().discard();
    folder.before = () -> {};
    expect(store, 0);
    put(store, 5);
    expect(store, 5);
    expect(of(store).open("s"), 1);
  }

  @Test
  void aFlushIsDoneThoughItCannotBeToldWhatItHasFreed() throws Exception {
    Slow folder = new Slow();
    OverlayStore store = overlay(folder, new PageMemory(2, MANY_BYTES));
    put(store, 1);
    TestIo.flush().run(store);
    for (int page = 0; page < PAGES; page++) {
      TestIo.unmap((long) page * PAGE, CLUSTER, false).run(store);
    }
    expect(store, 0);
    assertThat(store.allocatedBytes()).isEqualTo(PAGES * CLUSTER);
    folder.before = GONE;
    TestIo.flush().run(store);
    folder.before = () -> {};
    put(store, 2);
    of(store).create("s");
    assertThat(store.allocatedBytes()).isEqualTo(PAGES * CLUSTER);
    expect(store, 2);
  }

  @Test
  void overlaysThatChangeAtOnceInAFewPagesKeepApart(@TempDir Path folder) throws Exception {
    PageMemory memory = new PageMemory(5, MANY_BYTES);
    int overlays = 3;
    List<Callable<Void>> work = new ArrayList<>();
    for (int i = 0; i < overlays; i++) {
      OverlayStore store = overlay(new FileFolder(folder.resolve("o" + i)), memory);
      int seed = i;
      work.add(() -> {
        StoreModel model = new StoreModel(store, seed);
        for (int round = 0; round < 6; round++) {
          model.run(12);
          of(store).create("s" + round);
          if (round > 1) {
            of(store).delete("s" + (round - 2));
          }
        }
        store.close();
        return null;
      });
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(overlays)) {
      for (Future<Void> each : threads.invokeAll(work, 60, TimeUnit.SECONDS)) {
        each.get();
      }
    }
    assertThat(memory.pages()).isZero();
    assertThat(memory.holds(MANY_BYTES)).isTrue();
  }
}
