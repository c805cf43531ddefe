// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jtgt.backstore.AllocationMap.Extent;
import org.jtgt.backstore.Backstore.Completion;
import org.jtgt.backstore.testing.StoreModel;
import org.jtgt.backstore.testing.TestIo;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileStoreIoTest {
  @TempDir Path folder;
  private Fixture fixture;

  @BeforeEach
  void start() {
    fixture = new Fixture(folder);
  }

  @AfterEach
  void end() {
    fixture.close();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void random_operations_answer_as_an_array_would(long seed) throws IOException {
    Path path = folder.resolve("disk.img");
    FileStore store = fixture.open(path, "4M");
    StoreModel model = new StoreModel(store, seed);
    model.run(500);
    assertThat(Files.size(path)).isEqualTo(4 << 20);
  }

  @Test
  void reads_at_once_what_is_in_the_page_cache() throws IOException {
    Path path = folder.resolve("disk.img");
    FileStore store = fixture.open(path, "4M");
    byte[] bytes = new byte[12288];
    Arrays.fill(bytes, (byte) 0x5a);
    TestIo.put(store, 8192, bytes);
    ByteBuffer first = ByteBuffer.allocateDirect(4096);
    ByteBuffer second = ByteBuffer.allocateDirect(8192);
    TestIo read = TestIo.read(8192, first, second);
    // Other file systems may not be able to tell.
    assumeThat(Files.getFileStore(path).type()).isEqualTo("ext4");
    assertThat(store.submitAtOnce(read)).isTrue();
    assertThat(read.isDone()).isTrue();
    read.await();
    assertThat(first.hasRemaining() || second.hasRemaining()).isFalse();
    assertThat(first.flip()).isEqualTo(ByteBuffer.wrap(bytes, 0, 4096));
    assertThat(second.flip()).isEqualTo(ByteBuffer.wrap(bytes, 0, 8192));
  }

  @Test
  void what_has_come_into_the_page_cache_is_read_at_once_again() throws IOException {
    Path path = folder.resolve("disk.img");
    FileStore store = fixture.open(path, "4M");
    assumeThat(Files.getFileStore(path).type()).isEqualTo("ext4");
    TestIo.put(store, 0, new byte[4 << 20]);
    TestIo.flush().run(store);
    WaitingReadsTest.forget(path);
    for (int i = 0; i < 500; i++) {
      TestIo cold = TestIo.read(i * 8192L, ByteBuffer.allocateDirect(4096));
      if (!store.submitAtOnce(cold)) {
        cold.submit(store);
      }
      cold.await();
    }
    // All of them are there now: found out after as many reads as go without a try.
    for (int i = 0; i <= CacheGuess.MOST; i++) {
      TestIo warm = TestIo.read(0, ByteBuffer.allocateDirect(4096));
      if (!store.submitAtOnce(warm)) {
        warm.submit(store);
      }
      warm.await();
    }
    TestIo last = TestIo.read(8192, ByteBuffer.allocateDirect(4096));
    assertThat(store.submitAtOnce(last)).isTrue();
    assertThat(last.isDone()).isTrue();
    last.await();
  }

  @Test
  void leaves_to_submit_what_may_wait() throws IOException {
    FileStore store = fixture.open(folder.resolve("disk.img"), "4M");
    ByteBuffer source = ByteBuffer.allocateDirect(4096);
    assertThat(store.submitAtOnce(TestIo.write(0, false, source))).isFalse();
    assertThat(store.submitAtOnce(TestIo.flush())).isFalse();
    assertThat(store.submitAtOnce(TestIo.read(0, ByteBuffer.allocate(512)))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(longs = {5, 6})
  void random_operations_answer_as_an_array_would_on_a_memory_file_system(long seed)
      throws IOException {
    Path shm = Path.of("/dev/shm");
    assumeThat(Files.isDirectory(shm)).as("a tmpfs at /dev/shm").isTrue();
    Path own = Files.createTempDirectory(shm, "jtgt-test");
    try {
      FileStore store = fixture.open(own.resolve("disk.img"), "4M");
      assertThat(store.completion()).isEqualTo(Completion.INLINE);
      new StoreModel(store, seed).run(500);
    } finally {
      fixture.close();
      Files.deleteIfExists(own.resolve("disk.img"));
      Files.deleteIfExists(own);
    }
  }

  @Test
  void a_file_store_may_block_and_says_so() throws IOException {
    assumeThat(Files.getFileStore(folder).type()).isNotIn("tmpfs", "ramfs");
    assertThat(fixture.open(folder.resolve("d"), "1M").completion()).isEqualTo(Completion.BLOCKING);
  }

  @Test
  void unmap_gives_whole_blocks_back_and_clears_the_parts_of_blocks() throws IOException {
    FileStore store = fixture.open(folder.resolve("disk.img"), "16M");
    int granularity = store.unmapGranularityBytes();
    assumeThat(granularity).as("hole punching in the test folder").isPositive();
    assertThat(store.allocatedBytes()).isLessThan(1 << 20);
    byte[] ones = new byte[16 << 20];
    Arrays.fill(ones, (byte) 1);
    TestIo.put(store, 0, ones);
    TestIo.flush().run(store);
    assertThat(store.allocatedBytes()).isGreaterThanOrEqualTo(16 << 20);

    int from = 512;
    int to = (16 << 20) - 512;
    TestIo.unmap(from, to - from, true).run(store);

    assertThat(store.allocatedBytes()).isLessThan(1 << 20);
    byte[] after = TestIo.bytes(store, 0, 16 << 20);
    assertThat(Arrays.copyOf(after, from)).containsOnly(1);
    assertThat(Arrays.copyOfRange(after, from, to)).containsOnly(0);
    assertThat(Arrays.copyOfRange(after, to, after.length)).containsOnly(1);
    assertThat(store.extentAt(0)).isEqualTo(new Extent(granularity, true));
    assertThat(store.extentAt(granularity))
        .isEqualTo(new Extent((16 << 20) - 2L * granularity, false));
  }

  @Test
  void zeros_that_may_not_unmap_keep_their_space() throws IOException {
    FileStore store = fixture.open(folder.resolve("disk.img"), "4M");
    TestIo.writeZeroes(0, 4 << 20, true, false).run(store);
    assertThat(store.allocatedBytes()).isGreaterThanOrEqualTo(4 << 20);
  }

  @Test
  void io_goes_on_in_a_thread_that_somebody_interrupts() throws IOException {
    FileStore store = fixture.open(folder.resolve("disk.img"), "1M");
    Thread.currentThread().interrupt();
    try {
      store.write(0, TestIo.direct(new byte[] {1, 2, 3, 4}).duplicate());
      store.flush();
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(TestIo.bytes(store, 0, 512)).startsWith(1, 2, 3, 4);
  }

  @Test
  void threads_that_share_a_store_each_read_what_they_wrote() throws Exception {
    FileStore store = fixture.open(folder.resolve("disk.img"), "16M");
    try (ExecutorService pool = Executors.newFixedThreadPool(4)) {
      List<Callable<Void>> workers = new ArrayList<>();
      for (int worker = 0; worker < 4; worker++) {
        int own = worker;
        workers.add(() -> {
          byte[] data = new byte[12_288];
          for (int round = 0; round < 500; round++) {
            Arrays.fill(data, (byte) (own * 31 + round));
            long at = own * (4L << 20) + round % 300 * 12_288L;
            TestIo.put(store, at, data);
            // Looking for holes moves a position that I/O must not depend on.
            store.extentAt(0);
            byte[] back = TestIo.bytes(store, at, data.length);
            if (!Arrays.equals(back, data)) {
              throw new AssertionError("worker " + own + ", round " + round);
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
}
