// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.lang.annotation.Annotation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jtgt.backstore.AllocationMap.Extent;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.testing.StoreModel;
import org.jtgt.backstore.testing.TestIo;
import org.jtgt.state.StateRow;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryStoreTest {
  private static final long LIMIT = 1L << 40;
  private static final int CHUNK = Chunks.CHUNK_BYTES;
  private final List<MemoryStore> stores = new ArrayList<>();

  private MemoryStore store(String size) {
    MemoryStore store = new MemoryStore("org.jtgt.backstore.memory~disk", size, LIMIT);
    stores.add(store);
    return store;
  }

  @AfterEach
  void closeAll() {
    stores.forEach(MemoryStore::close);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void random_operations_answer_as_an_array_would(long seed) throws IOException {
    new StoreModel(store("4M"), seed).run(600);
  }

  @Test
  void a_store_beyond_2_gib_keeps_its_first_and_last_bytes_apart() throws IOException {
    MemoryStore store = store("500G");
    byte[] first = filled(4096, 1);
    byte[] last = filled(4096, 2);
    TestIo.put(store, 0, first);
    TestIo.put(store, store.sizeBytes() - 4096, last);
    assertThat(TestIo.bytes(store, 0, 4096)).isEqualTo(first);
    assertThat(TestIo.bytes(store, store.sizeBytes() - 4096, 4096)).isEqualTo(last);
    assertThat(store.allocatedBytes()).isEqualTo(2L * CHUNK);
  }

  @Test
  void memory_is_taken_on_the_first_write_and_given_back_by_unmap() throws IOException {
    MemoryStore store = store("64M");
    assertThat(store.allocatedBytes()).isZero();
    assertThat(TestIo.bytes(store, 0, 1 << 20)).containsOnly(0);
    assertThat(store.allocatedBytes()).isZero();
    TestIo.put(store, 0, filled(64 << 20, 3));
    assertThat(store.allocatedBytes()).isEqualTo(64 << 20);
    assertThat(store.freeBytes()).isZero();
    TestIo.unmap(CHUNK / 2, (64 << 20) - CHUNK, false).run(store);
    assertThat(store.allocatedBytes()).isEqualTo(2L * CHUNK);
    assertThat(TestIo.bytes(store, CHUNK / 2, CHUNK)).containsOnly(0);
    assertThat(TestIo.bytes(store, 0, CHUNK / 2)).containsOnly(3);
    assertThat(store.extentAt(0)).isEqualTo(new Extent(CHUNK, true));
    assertThat(store.extentAt(CHUNK)).isEqualTo(new Extent((64 << 20) - 2 * CHUNK, false));
  }

  @Test
  void reused_memory_shows_nothing_of_its_former_place() throws IOException {
    MemoryStore store = store("1M");
    TestIo.put(store, 0, filled(CHUNK, 9));
    TestIo.unmap(0, CHUNK, false).run(store);
    TestIo.put(store, 5L * CHUNK, filled(512, 1));
    assertThat(TestIo.bytes(store, 5L * CHUNK + 512, CHUNK - 512)).containsOnly(0);
  }

  @Test
  void zeros_that_may_not_unmap_hold_their_space() throws IOException {
    MemoryStore store = store("1M");
    TestIo.writeZeroes(0, 2 * CHUNK, false, false).run(store);
    assertThat(store.allocatedBytes()).isEqualTo(2L * CHUNK);
  }

  @Test
  void a_closed_store_answers_gone() {
    MemoryStore store = store("1M");
    store.close();
    assertThatExceptionOfType(BackstoreException.class)
        .isThrownBy(() -> TestIo.put(store, 0, new byte[512]))
        .satisfies(gone -> assertThat(gone.kind()).isEqualTo(BackstoreException.Kind.GONE));
  }

  @Test
  void an_absurd_size_is_refused_with_the_machines_memory() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new MemoryStore("org.jtgt.backstore.memory~disk", "1P", LIMIT))
        .withMessage("size: '1P' is more than the 1099511627776 bytes of memory of this machine");
    assertThat(MachineMemory.bytes()).isGreaterThan(1L << 28);
  }

  @Test
  void it_grows_in_use_tells_so_and_does_not_shrink() throws IOException {
    MemoryStore store = store("1M");
    List<Long> told = new ArrayList<>();
    var registration = store.onSizeChange(told::add);
    store.resize("2M");
    TestIo.put(store, (2 << 20) - 512, filled(512, 4));
    assertThat(told).containsExactly(2L << 20);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> store.resize("1M"))
        .withMessage("size: '1M' is less than the present 2M; a store in use does not shrink");
    registration.close();
    store.resize("3M");
    assertThat(told).hasSize(1);
    assertThat(store.sizeBytes()).isEqualTo(3L << 20);
  }

  @Test
  void it_shows_a_configuration_that_it_refuses_until_that_is_put_right() {
    MemoryStore store = store("2M");
    assertThat(store.rows()).isEmpty();
    store.modified(config("1M"));
    assertThat(store.rows())
        .containsExactly(
            new StateRow(
                "disk",
                "org.jtgt.backstore.memory~disk",
                Map.of(
                    "state",
                    "failed",
                    "reason",
                    "size: '1M' is less than the present 2M; a store in use does not shrink")));
    store.modified(config("2M"));
    assertThat(store.rows()).isEmpty();
  }

  private static MemoryStoreConfig config(String size) {
    return new MemoryStoreConfig() {
      @Override
      public String size() {
        return size;
      }

      @Override
      public Class<? extends Annotation> annotationType() {
        return MemoryStoreConfig.class;
      }
    };
  }

  @Test
  void concurrent_writers_and_unmaps_of_neighbours_never_mix_their_bytes() throws Exception {
    MemoryStore store = store("8M");
    try (ExecutorService pool = Executors.newFixedThreadPool(4)) {
      List<Callable<Void>> workers = new ArrayList<>();
      for (int worker = 0; worker < 4; worker++) {
        int own = worker;
        workers.add(() -> {
          // Own stripes of 24 KiB, so that neighbours share chunks.
          for (int round = 0; round < 200; round++) {
            for (long at = own * 24_576L; at + 24_576 <= 8 << 20; at += 4 * 24_576L) {
              byte[] data = filled(24_576, own * 50 + round % 50);
              TestIo.put(store, at, data);
              if (!Arrays.equals(TestIo.bytes(store, at, 24_576), data)) {
                throw new AssertionError("worker " + own + " lost bytes at " + at);
              }
              if (round % 3 == own % 3) {
                TestIo.unmap(at, 24_576, false).run(store);
              }
            }
          }
          return null;
        });
      }
      for (Future<Void> done : pool.invokeAll(workers)) {
        done.get();
      }
    }
  }

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }
}
