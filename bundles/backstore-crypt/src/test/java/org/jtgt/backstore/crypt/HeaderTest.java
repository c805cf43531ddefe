// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.crypt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jtgt.backstore.StoreIo;
import org.jtgt.backstore.StoreIo.Operation;
import org.jtgt.backstore.filter.FilterBackstore;
import org.jtgt.backstore.testing.ArrayStore;
import org.jtgt.backstore.testing.TestIo;
import org.junit.jupiter.api.Test;

/** The header on bases of all kinds, and when a crash cuts any of its writes at any byte. */
class HeaderTest {
  private static final int COPY = 1 << 16;
  private static final int BYTES = 112;
  private static final int BASE_BYTES = 2 << 20;
  private static final byte[] SECRET =
      "a secret of enough bytes".getBytes(StandardCharsets.US_ASCII);

  private static Header open(org.jtgt.backstore.Backstore base, boolean format) throws IOException {
    return Header.open(base, SECRET, format, CryptStoreTest.ROUNDS).header();
  }

  /** What a base holds when only so many bytes of a copy have been written. */
  private static ArrayStore cut(byte[] before, byte[] after, int offset, int bytes, int sizeBytes) {
    ArrayStore left = ArrayStore.inline(sizeBytes);
    System.arraycopy(before, 0, left.bytes(), 0, before.length);
    System.arraycopy(after, offset, left.bytes(), offset, bytes);
    return left;
  }

  /** So what a power cut takes of one write is nothing or all of it; the other copy was stable. */
  private static void expectOneSectorOfEachCopy(byte[] before, byte[] after) {
    for (int at = 0; at < after.length; at++) {
      if (before[at] != after[at]) {
        assertThat(at % COPY).isLessThan(512);
        assertThat(at).isLessThan(2 * COPY);
      }
    }
  }

  @Test
  void aFormatThatIsCutAnywhereIsWholeOrIsDoneAgain() throws Exception {
    ArrayStore base = ArrayStore.inline(BASE_BYTES);
    byte[] empty = base.bytes().clone();
    Header made = open(base, true);
    byte[] whole = base.bytes().clone();
    expectOneSectorOfEachCopy(empty, whole);
    byte[] halfway = empty.clone();
    System.arraycopy(whole, COPY, halfway, COPY, BYTES);
    for (int bytes = 0; bytes < BYTES; bytes += bytes < 8 || bytes > 100 ? 1 : 9) {
      ArrayStore first = cut(empty, whole, COPY, bytes, BASE_BYTES);
      if (bytes == 0 || bytes >= 8) {
        assertThat(open(first, true).sizeBytes()).as("%d bytes", bytes).isEqualTo(1 << 20);
        assertThat(open(first, false).uuid()).isNotEqualTo(made.uuid());
      } else {
        // Nobody can tell that from something else; a sector is not cut there.
        assertThatThrownBy(() -> open(first, true)).hasMessageContaining("is not empty");
      }
      ArrayStore second = cut(halfway, whole, 0, bytes, BASE_BYTES);
      assertThat(open(second, false).uuid()).as("%d bytes", bytes).isEqualTo(made.uuid());
    }
  }

  @Test
  void aGrowthThatIsCutAnywhereLeavesTheStoreReadable() throws Exception {
    ArrayStore base = ArrayStore.inline(BASE_BYTES);
    Header made = open(base, true);
    byte[] before = Arrays.copyOf(base.bytes(), 2 * BASE_BYTES);
    base.grow(2 * BASE_BYTES);
    assertThat(open(base, false).sizeBytes()).isEqualTo(3 << 20);
    byte[] after = base.bytes().clone();
    expectOneSectorOfEachCopy(before, after);
    byte[] halfway = before.clone();
    System.arraycopy(after, COPY, halfway, COPY, BYTES);
    for (int bytes = 0; bytes <= BYTES; bytes += 7) {
      for (ArrayStore left :
          new ArrayStore[] {
            cut(before, after, COPY, bytes, 2 * BASE_BYTES),
            cut(halfway, after, 0, bytes, 2 * BASE_BYTES)
          }) {
        Header found = open(left, false);
        assertThat(found.uuid()).isEqualTo(made.uuid());
        assertThat(found.sizeBytes()).isEqualTo(3 << 20);
      }
    }
  }

  /** As a disk that takes whole blocks only. */
  private static final class LargeBlocks extends FilterBackstore {
    private final int blockBytes;

    LargeBlocks(ArrayStore store, int blockBytes) {
      super(store);
      this.blockBytes = blockBytes;
    }

    @Override
    public void submit(StoreIo io) {
      if (io.operation() != Operation.FLUSH) {
        assertThat(io.offsetBytes() % blockBytes).isZero();
        assertThat(io.lengthBytes() % blockBytes).isZero();
      }
      super.submit(io);
    }

    @Override
    public int blockBytes() {
      return blockBytes;
    }
  }

  @Test
  void aBaseOfLargeBlocksIsAskedForWholeOnesOnly() throws Exception {
    for (int blockBytes : new int[] {8192, 65_536}) {
      LargeBlocks base = new LargeBlocks(ArrayStore.inline(BASE_BYTES), blockBytes);
      assertThat(open(base, true).unitBytes()).isEqualTo(blockBytes);
      var opened = Header.open(base, SECRET, false, CryptStoreTest.ROUNDS);
      CryptStore store = new CryptStore(base, opened, SECRET::clone);
      byte[] data = new byte[blockBytes];
      Arrays.fill(data, (byte) 3);
      TestIo.put(store, blockBytes, data);
      assertThat(TestIo.bytes(store, blockBytes, blockBytes)).isEqualTo(data);
      store.close();
    }
  }

  @Test
  void aBaseWithLargerBlocksThanItWasMadeOnIsRefused() throws Exception {
    ArrayStore base = ArrayStore.inline(BASE_BYTES);
    open(base, true);
    assertThatThrownBy(() -> open(new LargeBlocks(base, 4096), false))
        .hasMessage(
            "base: has blocks of 4096 bytes; the encrypted store was made on blocks of 512");
  }
}
