// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.nil;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.util.Arrays;
import org.jtgt.backstore.AllocationMap.Extent;
import org.jtgt.backstore.Backstore.Completion;
import org.jtgt.backstore.testing.TestIo;
import org.junit.jupiter.api.Test;

class NullStoreTest {
  @Test
  void writes_are_forgotten_and_everything_reads_as_zeros() throws IOException {
    NullStore store = new NullStore("1G");
    byte[] data = new byte[200_704];
    Arrays.fill(data, (byte) 7);
    TestIo.put(store, 4096, data);
    assertThat(TestIo.bytes(store, 4096, data.length)).containsOnly(0);
  }

  @Test
  void a_read_overwrites_all_of_a_used_buffer_and_nothing_around_it() throws IOException {
    byte[] used = new byte[200_704];
    Arrays.fill(used, (byte) 7);
    var buffer = TestIo.direct(used).position(512).limit(used.length - 512);
    TestIo.read(0, buffer).run(new NullStore("1G"));
    buffer.clear().get(used);
    assertThat(Arrays.copyOfRange(used, 512, used.length - 512)).containsOnly(0);
    assertThat(Arrays.copyOf(used, 512)).containsOnly(7);
    assertThat(Arrays.copyOfRange(used, used.length - 512, used.length)).containsOnly(7);
  }

  @Test
  void it_completes_inline_and_holds_no_space() {
    NullStore store = new NullStore("8P");
    assertThat(store.completion()).isEqualTo(Completion.INLINE);
    assertThat(store.sizeBytes()).isEqualTo(1L << 53);
    assertThat(store.extentAt(512)).isEqualTo(new Extent((1L << 53) - 512, false));
  }

  @Test
  void a_wrong_size_is_refused_with_its_key() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new NullStore("100"))
        .withMessage("size: '100' is not a positive multiple of 512 bytes");
  }
}
