// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.Snapshots;
import org.jtgt.backstore.testing.ArrayStore;
import org.jtgt.backstore.testing.StoreContractTest;
import org.jtgt.backstore.testing.StoreUnderTest;
import org.jtgt.backstore.testing.TestIo;

/** A snapshot as a store, while the head goes on. */
class SnapshotImageContractTest extends StoreContractTest {
  private static final int BYTES = 1 << 20;

  @Override
  protected StoreUnderTest store() throws Exception {
    byte[] content = new byte[BYTES];
    new Random(5).nextBytes(content);
    Arrays.fill(content, BYTES / 2, BYTES * 3 / 4, (byte) 0);
    ArrayStore base = ArrayStore.inline(BYTES);
    TestIo.put(base, 0, Arrays.copyOf(content, BYTES / 4));
    OverlayStore head = OverlayStore.open(base, new Journal(), 1 << 16);
    TestIo.put(head, BYTES / 4, Arrays.copyOfRange(content, BYTES / 4, BYTES));
    Snapshots snapshots = head.adapt(Snapshots.class).orElseThrow();
    snapshots.create("a");
    TestIo.put(head, 0, new byte[BYTES]);
    return new Snapshot(snapshots, content);
  }

  private record Snapshot(Snapshots snapshots, byte[] bytes) implements StoreUnderTest {
    @Override
    public Backstore open() throws Exception {
      return snapshots.open("a");
    }

    @Override
    public void close(Backstore store) throws Exception {
      ((AutoCloseable) store).close();
    }

    @Override
    public Optional<byte[]> content() {
      return Optional.of(bytes.clone());
    }
  }
}
