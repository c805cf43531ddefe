// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.crypt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.Snapshots;
import org.jtgt.backstore.StoreIo;
import org.jtgt.backstore.filter.FilterBackstore;
import org.jtgt.backstore.testing.ArrayStore;
import org.jtgt.backstore.testing.TestIo;
import org.junit.jupiter.api.Test;

/** An encrypted store on a base that keeps snapshots: they are its own, decrypted. */
class CryptSnapshotsTest {
  private static final int BYTES = 2 << 20;
  private static final byte[] SECRET =
      "a secret of enough bytes".getBytes(StandardCharsets.US_ASCII);

  private final KeepingStore base = new KeepingStore(ArrayStore.inline(BYTES));

  private Backstore open() throws IOException {
    return CryptComponent.open(base, SECRET::clone, true, CryptStoreTest.ROUNDS);
  }

  private static Snapshots of(Backstore store) {
    return store.adapt(Snapshots.class).orElseThrow();
  }

  private static byte[] filled(int with) {
    byte[] data = new byte[4096];
    Arrays.fill(data, (byte) with);
    return data;
  }

  @Test
  void aSnapshotShowsWhatWasThereAndIsOnlyRead() throws Exception {
    Backstore store = open();
    TestIo.put(store, 0, filled(1));
    of(store).create("monday");
    TestIo.put(store, 0, filled(2));
    Backstore monday = of(store).open("monday");
    assertThat(TestIo.bytes(monday, 0, 4096)).isEqualTo(filled(1));
    assertThat(TestIo.bytes(monday, 8192, 4096)).containsOnly(0);
    assertThat(monday.sizeBytes()).isEqualTo(store.sizeBytes());
    assertThat(monday.readOnly()).isTrue();
    assertThat(monday.identity()).startsWith(store.identity() + "@");
    assertThat(monday.adapt(Snapshots.class)).isEmpty();
    assertThat(TestIo.bytes(store, 0, 4096)).isEqualTo(filled(2));
    assertThatThrownBy(() -> of(store).delete("monday")).hasMessageContaining("in use");
    ((AutoCloseable) monday).close();
    of(store).delete("monday");
    assertThat(of(store).list()).isEmpty();
    assertThat(TestIo.bytes(store, 0, 4096)).isEqualTo(filled(2));
  }

  @Test
  void rollingBackLeavesTheSizeAlsoForWhoOpensItLater() throws Exception {
    Backstore store = open();
    TestIo.put(store, 0, filled(1));
    of(store).create("monday");
    TestIo.put(store, 0, filled(2));
    base.grow(2 * BYTES);
    assertThat(store.sizeBytes()).isEqualTo(3 << 20);
    TestIo.put(store, 2 << 20, filled(3));
    of(store).rollBack("monday");
    for (Backstore each : new Backstore[] {store, open()}) {
      assertThat(each.sizeBytes()).isEqualTo(3 << 20);
      assertThat(TestIo.bytes(each, 0, 4096)).isEqualTo(filled(1));
      assertThat(TestIo.bytes(each, 2 << 20, 4096)).containsOnly(0);
    }
    assertThat(of(store).open("monday").sizeBytes()).isEqualTo(1 << 20);
  }

  @Test
  void rollingBackIsDoneThoughTheHeaderCannotBeWrittenThen() throws Exception {
    Backstore store = open();
    TestIo.put(store, 0, filled(1));
    of(store).create("monday");
    TestIo.put(store, 0, filled(2));
    base.grow(2 * BYTES);
    base.failsAfterRollBack = true;
    of(store).rollBack("monday");
    base.failing = false;
    for (Backstore each : new Backstore[] {store, open()}) {
      assertThat(each.sizeBytes()).isEqualTo(3 << 20);
      assertThat(TestIo.bytes(each, 0, 4096)).isEqualTo(filled(1));
    }
  }

  @Test
  void whatIsNoSnapshotOfThisStoreIsNeitherShownNorRolledBackTo() throws Exception {
    base.create("plain");
    Backstore store = open();
    TestIo.put(store, 0, filled(1));
    assertThatThrownBy(() -> of(store).open("plain"))
        .hasMessage("snapshot plain was not taken of this encrypted store");
    assertThatThrownBy(() -> of(store).rollBack("plain"))
        .hasMessage("snapshot plain was not taken of this encrypted store");
    assertThat(TestIo.bytes(store, 0, 4096)).isEqualTo(filled(1));
    of(store).delete("plain");
  }

  @Test
  void aSnapshotThatCannotBeShownIsNotInUse() throws Exception {
    base.create("plain");
    Backstore store = open();
    assertThatThrownBy(() -> of(store).open("plain")).isInstanceOf(IOException.class);
    of(store).create("monday");
    Backstore monday = of(store).open("monday");
    ((AutoCloseable) store).close();
    assertThat(TestIo.bytes(monday, 0, 4096)).containsOnly(0);
    ((AutoCloseable) monday).close();
    assertThatThrownBy(() -> TestIo.bytes(monday, 0, 4096)).hasMessageContaining("closed");
    base.delete("monday");
    base.delete("plain");
  }

  @Test
  void aBaseThatKeepsNoneHasNone() throws Exception {
    ArrayStore plain = ArrayStore.inline(BYTES);
    Backstore store = CryptComponent.open(plain, SECRET::clone, true, CryptStoreTest.ROUNDS);
    assertThat(store.adapt(Snapshots.class)).isEmpty();
  }

  /** A base in an array, whose snapshots are copies of it. */
  private static final class KeepingStore extends FilterBackstore implements Snapshots {
    private final ArrayStore store;
    private final Map<String, byte[]> kept = new LinkedHashMap<>();
    private int open;
    private boolean failsAfterRollBack;
    private boolean failing;

    KeepingStore(ArrayStore store) {
      super(store);
      this.store = store;
    }

    @Override
    public void submit(StoreIo io) {
      if (failing && io.operation() == StoreIo.Operation.WRITE) {
        io.fail(new IOException("the disk takes nothing"));
      } else {
        super.submit(io);
      }
    }

    /** Behind what is rolled back to later there are zeros. */
    void grow(int bytes) {
      store.grow(bytes);
    }

    @Override
    public void create(String name) {
      kept.put(name, store.bytes().clone());
    }

    @Override
    public List<Snapshot> list() {
      return kept.keySet().stream().map(name -> new Snapshot(name, Instant.EPOCH)).toList();
    }

    @Override
    public void delete(String name) throws IOException {
      if (open > 0) {
        throw new IOException("snapshot " + name + " is in use");
      }
      kept.remove(name);
    }

    @Override
    public void rollBack(String name) {
      byte[] then = Arrays.copyOf(kept.get(name), store.bytes().length);
      System.arraycopy(then, 0, store.bytes(), 0, then.length);
      failing = failsAfterRollBack;
    }

    @Override
    public Backstore open(String name) {
      byte[] then = Objects.requireNonNull(kept.get(name), name);
      ArrayStore image = ArrayStore.inline(then.length);
      System.arraycopy(then, 0, image.bytes(), 0, then.length);
      open++;
      return new Image(image);
    }

    /** What a snapshot holds. */
    private final class Image extends FilterBackstore implements AutoCloseable {
      Image(Backstore image) {
        super(image);
      }

      @Override
      public boolean readOnly() {
        return true;
      }

      @Override
      public void close() {
        open--;
      }
    }
  }
}
