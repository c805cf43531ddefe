// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.Snapshots;
import org.jtgt.backstore.testing.ArrayStore;
import org.jtgt.backstore.testing.TestIo;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MapLogTest {
  private static final int CLUSTER = 4096;
  private static final int FRAME = 32;

  private final ArrayStore base = ArrayStore.inline(64 * CLUSTER);
  private final Journal journal = new Journal();

  /** Ten frames of one cluster each. */
  @BeforeEach
  void tenFrames() throws Exception {
    OverlayStore store = OverlayStore.open(base, journal, CLUSTER);
    for (int i = 0; i < 10; i++) {
      byte[] data = new byte[CLUSTER];
      Arrays.fill(data, (byte) (i + 1));
      TestIo.put(store, (long) i * CLUSTER, data);
      TestIo.flush().run(store);
    }
  }

  private void damage(long offset) throws IOException {
    Disk map = journal.open("map");
    ByteBuffer one = ByteBuffer.allocate(1);
    map.read(offset, one);
    map.write(offset, one.put(0, (byte) (one.get(0) ^ 1)));
  }

  @Test
  void aDamagedHeaderIsRefusedAtEachOfItsBytes() throws Exception {
    for (int at = 0; at < MapLog.HEADER_BYTES; at++) {
      damage(at);
      assertThatThrownBy(() -> OverlayStore.open(base, journal, CLUSTER))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("path: ");
      damage(at);
    }
    assertThat(TestIo.bytes(OverlayStore.open(base, journal, CLUSTER), 0, 512)).containsOnly(1);
  }

  @Test
  void aDamagedFrameThatOthersFollowIsRefusedAndNotTakenForTheEnd() throws Exception {
    for (int frame = 0; frame < 9; frame++) {
      long at = MapLog.HEADER_BYTES + frame * FRAME + 20L;
      damage(at);
      assertThatThrownBy(() -> OverlayStore.open(base, journal, CLUSTER))
          .hasMessageContaining(
              "damaged at byte %d".formatted(MapLog.HEADER_BYTES + frame * FRAME));
      damage(at);
    }
  }

  @Test
  void aDamagedLastFrameIsTheOneThatWasBeingWritten() throws Exception {
    damage(MapLog.HEADER_BYTES + 9 * FRAME + 20L);
    OverlayStore store = OverlayStore.open(base, journal, CLUSTER);
    assertThat(TestIo.bytes(store, 8L * CLUSTER, 512)).containsOnly(9);
    assertThat(TestIo.bytes(store, 9L * CLUSTER, 512)).containsOnly(0);
  }

  @Test
  void itIsReadInLargePiecesAlsoBehindItsLastFrame() throws Exception {
    Disk map = journal.existing("map").orElseThrow();
    MapLog.Header header = MapLog.header(map);
    long before = journal.reads();
    var events = new ArrayList<Event>();
    MapLog.open(map, header, events::add);
    assertThat(events).hasSize(10);
    assertThat(map.sizeBytes()).isGreaterThan(1 << 16);
    assertThat(journal.reads() - before).isLessThanOrEqualTo(4);
  }

  @Test
  void anotherVersionIsRefused() throws Exception {
    journal.open("map").write(8, ByteBuffer.allocate(4).putInt(0, 3));
    assertThatThrownBy(() -> OverlayStore.open(base, journal, CLUSTER))
        .hasMessage("path: its map has version 3; allowed: 2");
  }

  @Test
  void aMapThatIsMissingIsNotMadeAnewOverData() throws Exception {
    Journal data = new Journal();
    data.open("data").write(0, ByteBuffer.allocate(CLUSTER));
    assertThatThrownBy(() -> OverlayStore.open(base, data, CLUSTER))
        .hasMessageContaining("its map is missing");
  }

  @Test
  void whatIsHistoryOnlyIsLeftOutWhenItIsOpened() throws Exception {
    OverlayStore store = OverlayStore.open(base, journal, CLUSTER);
    Snapshots snapshots = store.adapt(Snapshots.class).orElseThrow();
    snapshots.create("kept");
    for (int i = 0; i < 200; i++) {
      TestIo.unmap(0, CLUSTER, false).run(store);
      TestIo.put(store, 0, Arrays.copyOf(new byte[] {(byte) i, 1}, 512));
      TestIo.flush().run(store);
    }
    snapshots.rollBack("kept");
    TestIo.put(store, CLUSTER, Arrays.copyOf(new byte[] {9}, 512));
    TestIo.flush().run(store);
    int steps = journal.count();
    long replaced = journal.replacements();
    byte[] head = TestIo.bytes(store, 0, 64 * CLUSTER);
    byte[] kept = TestIo.bytes(snapshots.open("kept"), 0, 64 * CLUSTER);
    for (int round = 0; round < 2; round++) {
      OverlayStore again = OverlayStore.open(base, journal, CLUSTER);
      Snapshots those = again.adapt(Snapshots.class).orElseThrow();
      assertThat(journal.replacements()).isEqualTo(replaced + 1);
      assertThat(TestIo.bytes(again, 0, 64 * CLUSTER)).isEqualTo(head);
      assertThat(TestIo.bytes(those.open("kept"), 0, 64 * CLUSTER)).isEqualTo(kept);
    }
    assertThat(journal.count()).isGreaterThan(steps);
    assertThat(journal.bytes("map").length).isLessThan(1024);
  }

  @Test
  void whereThereIsNoRoomForAShorterMapTheLongOneStays() throws Exception {
    OverlayStore store = OverlayStore.open(base, journal, CLUSTER);
    for (int i = 0; i < 100; i++) {
      TestIo.unmap(0, CLUSTER, false).run(store);
      TestIo.put(store, 0, Arrays.copyOf(new byte[] {(byte) i, 1}, 512));
      TestIo.flush().run(store);
    }
    byte[] head = TestIo.bytes(store, 0, 64 * CLUSTER);
    long replaced = journal.replacements();
    journal.usable(0);
    OverlayStore again = OverlayStore.open(base, journal, CLUSTER);
    assertThat(journal.replacements()).isEqualTo(replaced);
    assertThat(TestIo.bytes(again, 0, 64 * CLUSTER)).isEqualTo(head);
  }

  @Test
  void nothingIsAppendedToAMapInWhosePlaceAnotherMayBe() throws Exception {
    Disk map = journal.existing("map").orElseThrow();
    MapLog log = MapLog.open(map, MapLog.header(map), event -> {});
    journal.usable(0);
    assertThatThrownBy(() -> log.rewrite(journal, listener -> {}))
        .isInstanceOf(BackstoreException.class);
    assertThat(log.broken()).isFalse();
    journal.usable(Long.MAX_VALUE);
    journal.whenForced(
        "map",
        () -> {
          throw new IOException("its name is not stable");
        });
    assertThatThrownBy(() -> log.rewrite(journal, listener -> {}))
        .hasMessage("its name is not stable");
    assertThat(log.broken()).isTrue();
  }

  @Test
  void halfOfAMapIsNotLeftBeside(@TempDir Path folder) throws Exception {
    assertThatThrownBy(() ->
            new FileFolder(folder)
                .replace(
                    "map",
                    file -> {
                      file.write(0, ByteBuffer.allocate(CLUSTER));
                      throw new IOException("no more");
                    }))
        .hasMessage("no more");
    assertThat(folder).isEmptyDirectory();
  }
}
