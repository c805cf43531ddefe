// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.testing.ArrayStore;
import org.jtgt.backstore.testing.StoreModel;
import org.jtgt.backstore.testing.TestIo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OverlayStoreTest {
  private static final int CLUSTER = OverlayStore.CLUSTER_BYTES;
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
    try (var store = (OverlayStore) OverlayComponent.open(base, folder)) {
      new StoreModel(store, 21).run(400);
    }
    assertThat(base.bytes()).containsOnly(0);
  }

  @Test
  void whatWasNotWrittenIsTheBases() throws Exception {
    Arrays.fill(base.bytes(), (byte) 3);
    try (var store = (OverlayStore) OverlayComponent.open(base, folder)) {
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
    try (var store = (OverlayStore) OverlayComponent.open(base, folder)) {
      identity = store.identity();
      TestIo.put(store, 100 * 512, filled(200_192, 5));
    }
    try (var store = (OverlayStore) OverlayComponent.open(base, folder)) {
      assertThat(store.identity()).isEqualTo(identity);
      assertThat(TestIo.bytes(store, 100 * 512, 200_192)).containsOnly(5);
      assertThat(TestIo.bytes(store, 99 * 512, 512)).containsOnly(0);
    }
  }

  @Test
  void twoOverlaysOfOneBaseDoNotSeeEachOther() throws Exception {
    try (var a = (OverlayStore) OverlayComponent.open(base, folder.resolve("a"));
        var b = (OverlayStore) OverlayComponent.open(base, folder.resolve("b"))) {
      TestIo.put(a, 0, filled(512, 1));
      assertThat(TestIo.bytes(b, 0, 512)).containsOnly(0);
    }
  }

  @Test
  void theOverlayOfAnotherBaseIsRefused() throws Exception {
    ((OverlayStore) OverlayComponent.open(base, folder)).close();
    Backstore smaller = ArrayStore.inline(CLUSTER);
    assertThatThrownBy(() -> OverlayComponent.open(smaller, folder))
        .hasMessageContaining("this overlay belongs to array with " + BYTES);
  }

  @Test
  void afterACrashAtEveryWriteItHoldsWhatWasFlushedOrWhatWasWrittenSince() throws Exception {
    Random random = new Random(77);
    random.nextBytes(base.bytes());
    Journal journal = new Journal();
    OverlayStore store = new OverlayStore(base, journal.disk("map"), journal.disk("data"));
    byte[] model = base.bytes().clone();
    // After each write to a file: what was flushed, and every version of the blocks since.
    List<byte[]> versions = new java.util.ArrayList<>(List.of(model.clone()));
    List<List<byte[]>> allowedAfter = new java.util.ArrayList<>();
    for (int step = 0; step < 60; step++) {
      int at = random.nextInt(BYTES / 512) * 512;
      int bytes = Math.min(BYTES - at, (1 + random.nextInt(200)) * 512);
      byte[] next = model.clone();
      switch (random.nextInt(4)) {
        case 0 -> {
          // Whole clusters, whose places are free then.
          at = at / CLUSTER * CLUSTER;
          bytes = Math.min(BYTES - at, CLUSTER);
          Arrays.fill(next, at, at + bytes, (byte) 0);
          versions.add(next.clone());
          TestIo.unmap(at, bytes, false).run(store);
        }
        case 1 -> TestIo.flush().run(store);
        default -> {
          byte[] data = new byte[bytes];
          random.nextBytes(data);
          System.arraycopy(data, 0, next, at, bytes);
          versions.add(next.clone());
          TestIo.put(store, at, data);
        }
      }
      boolean flush = Arrays.equals(next, model);
      model = next;
      while (allowedAfter.size() < journal.count()) {
        allowedAfter.add(List.copyOf(versions));
      }
      if (flush) {
        versions = new java.util.ArrayList<>(List.of(model.clone()));
      }
    }
    // Each write whole, and each cut in its middle.
    for (int writes = 1; writes <= journal.count(); writes++) {
      for (boolean torn : new boolean[] {false, true}) {
        check(journal, writes, torn, allowedAfter.get(writes - 1));
      }
    }
  }

  private void check(Journal journal, int writes, boolean torn, List<byte[]> allowed)
      throws IOException {
    Journal after = journal.prefix(writes, torn);
    if (after.bytes("map").length < MapLog.HEADER_BYTES) {
      return;
    }
    OverlayStore store;
    try {
      store = new OverlayStore(base, after.disk("map"), after.disk("data"));
    } catch (IOException damaged) {
      throw new AssertionError("after %d writes, torn %s".formatted(writes, torn), damaged);
    }
    byte[] found = TestIo.bytes(store, 0, BYTES);
    for (int block = 0; block < BYTES; block += 512) {
      int at = block;
      boolean known =
          allowed.stream().anyMatch(v -> Arrays.equals(v, at, at + 512, found, at, at + 512));
      if (!known) {
        throw new AssertionError(
            "after %d writes, torn %s: byte %d is neither old nor new"
                .formatted(writes, torn, block));
      }
    }
  }
}
