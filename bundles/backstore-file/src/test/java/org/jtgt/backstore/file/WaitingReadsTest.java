// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BackstoreException.Kind;
import org.jtgt.backstore.StoreIo;
import org.jtgt.backstore.StoreRequest;
import org.jtgt.backstore.testing.TestIo;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads of what is not in the page cache, begun on a thread that does not wait for them. */
class WaitingReadsTest {
  private static final int SIZE = 8 << 20;
  private static final int POSIX_FADV_DONTNEED = 4;

  @TempDir Path folder;
  private Path path = Path.of("");
  private byte[] content = {};
  private LinuxFile file;

  @BeforeEach
  void makeFile() throws IOException {
    assumeThat(Linux.here()).isTrue();
    assumeThat(Files.getFileStore(folder).type()).as("it tells what is cached").isEqualTo("ext4");
    content = new byte[SIZE];
    new Random(7).nextBytes(content);
    path = Files.write(folder.resolve("disk.img"), content);
    assumeThat(ringOfThisSystem()).as("an io_uring").isTrue();
    file = open(Uring::open);
    forget(path);
  }

  @AfterEach
  void close() throws InterruptedException {
    if (file != null) {
      file.close();
    }
    // Its descriptors go with it, which the next test counts.
    for (Thread thread : threads()) {
      thread.join(10_000);
    }
  }

  private static boolean ringOfThisSystem() {
    try (Uring ring = Uring.open(1)) {
      return !ring.full();
    } catch (IOException none) {
      return false;
    }
  }

  private LinuxFile open(ReadRing.Rings rings) throws IOException {
    return open(rings, ReadRing.IDLE);
  }

  private LinuxFile open(ReadRing.Rings rings, Duration idle) throws IOException {
    int fd = Linux.open(path.toString(), Linux.O_RDWR | Linux.O_CLOEXEC, 0);
    assertThat(fd).isPositive();
    FileFacts facts = new FileFacts("", 0, false, SIZE, 512, 4096, 4096);
    return new LinuxFile(path.toString(), fd, facts, rings, idle);
  }

  /** Takes the file out of the page cache: written back and not in use, it goes. */
  static void forget(Path path) throws IOException {
    int fd = Linux.open(path.toString(), Linux.O_RDWR | Linux.O_CLOEXEC, 0);
    assertThat(Linux.fsync(fd)).isZero();
    NativeCall fadvise = NativeCall.answeringInt("posix_fadvise");
    assertThat(fadvise.call(fd, 0, 0, POSIX_FADV_DONTNEED, 0)).isZero();
    Linux.close(fd);
  }

  private void expect(TestIo read) throws IOException {
    read.await();
    long at = read.offsetBytes();
    for (ByteBuffer buffer : read.buffers()) {
      assertThat(buffer.hasRemaining()).isFalse();
      int end = (int) at + buffer.capacity();
      assertThat(buffer.flip())
          .isEqualTo(ByteBuffer.wrap(Arrays.copyOfRange(content, (int) at, end)));
      at = end;
    }
  }

  private static TestIo read(long offset, int... lengths) {
    return TestIo.read(
        offset,
        Arrays.stream(lengths).mapToObj(ByteBuffer::allocateDirect).toArray(ByteBuffer[]::new));
  }

  private List<Thread> threads() {
    Thread[] all = new Thread[Thread.activeCount() * 2 + 16];
    int count = Thread.enumerate(all);
    return Arrays.stream(all, 0, count)
        .filter(thread -> thread.getName().equals("jtgt-reads " + path))
        .toList();
  }

  @Test
  void a_read_of_what_is_not_in_memory_is_begun_and_ends_on_another_thread() throws IOException {
    TestIo read = read(4096, 4096);
    assertThat(file.readCached(4096, read.buffers(), 1)).isFalse();
    assertThat(file.beginRead(read)).isTrue();
    expect(read);
  }

  @Test
  void more_reads_than_the_ring_holds_all_end_with_their_own_bytes() throws IOException {
    Random random = new Random(11);
    List<TestIo> reads = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      int length = 512 * (1 + random.nextInt(16));
      long offset = 512L * random.nextInt((SIZE - 2 * length) / 512);
      reads.add(i % 3 == 0 ? read(offset, length, 512, length - 512) : read(offset, length));
    }
    for (TestIo read : reads) {
      assertThat(file.beginRead(read)).isTrue();
    }
    for (TestIo read : reads) {
      expect(read);
    }
    assertThat(threads()).hasSize(1);
  }

  @Test
  void reads_of_many_buffers_share_the_room_for_vectors() throws IOException {
    int[] lengths = new int[200];
    Arrays.fill(lengths, 512);
    List<TestIo> reads = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      reads.add(read(i * 200L * 512, lengths));
    }
    for (TestIo read : reads) {
      assertThat(file.beginRead(read)).isTrue();
    }
    for (TestIo read : reads) {
      expect(read);
    }
  }

  @Test
  void a_read_past_the_end_of_a_file_that_was_made_shorter_is_a_media_error() throws IOException {
    try (var channel = Files.newByteChannel(path, java.nio.file.StandardOpenOption.WRITE)) {
      channel.truncate(SIZE - 4096);
    }
    TestIo read = read(SIZE - 8192, 8192);
    assertThat(file.beginRead(read)).isTrue();
    assertThatThrownBy(read::await)
        .isInstanceOfSatisfying(
            BackstoreException.class, e -> assertThat(e.kind()).isEqualTo(Kind.MEDIA))
        .hasMessageContaining("ends before byte " + (SIZE - 4096));
    TestIo next = read(0, 4096);
    assertThat(file.beginRead(next)).isTrue();
    expect(next);
  }

  @Test
  void closing_waits_for_the_reads_and_leaves_no_thread_or_descriptor() throws Exception {
    long before = descriptors();
    LinuxFile other = open(Uring::open);
    List<TestIo> reads = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      TestIo read = read(i * 65_536L, 65_536);
      reads.add(read);
      assertThat(other.beginRead(read)).isTrue();
    }
    List<Thread> running = threads();
    other.close();
    for (TestIo read : reads) {
      expect(read);
    }
    for (Thread thread : running) {
      thread.join(10_000);
      assertThat(thread.isAlive()).isFalse();
    }
    assertThat(descriptors()).isEqualTo(before);
    assertThat(other.beginRead(read(0, 512))).isFalse();
  }

  private static long descriptors() throws IOException {
    try (var open = Files.list(Path.of("/proc/self/fd"))) {
      return open.count();
    }
  }

  @Test
  void where_there_is_no_ring_the_first_read_ends_all_the_same_and_no_other_is_begun()
      throws Exception {
    LinuxFile other =
        open(entries -> {
          throw new IOException("none in this container");
        });
    try {
      TestIo read = read(0, 4096);
      assertThat(other.beginRead(read)).isTrue();
      expect(read);
      for (Thread thread : threads()) {
        thread.join(10_000);
      }
      assertThat(other.beginRead(read(0, 4096))).isFalse();
    } finally {
      other.close();
    }
  }

  @Test
  void a_bug_ends_the_ring_and_no_read_is_left_with_it() throws IOException {
    List<TestIo> reads = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      TestIo read = i % 2 == 0 ? read(i * 8192L, 8192) : read(i * 8192L, 512, 7680);
      if (file.beginRead(read)) {
        reads.add(read);
      }
      if (i == 200) {
        assertThat(reads).hasSize(201);
        file.beginRead(broken());
      }
    }
    for (TestIo read : reads) {
      expect(read);
    }
  }

  /** A read of somebody who fails when asked where it begins. */
  private static StoreIo broken() {
    TestIo asked = read(0, 512);
    return (StoreIo)
        Proxy.newProxyInstance(
            StoreIo.class.getClassLoader(),
            new Class<?>[] {StoreIo.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "buffers" -> asked.buffers();
                  case "bufferCount" -> 1;
                  case "fail" -> null;
                  default -> throw new IllegalStateException("a bug");
                });
  }

  /** A read that can be waited for without going to sleep. */
  private static final class WatchedRead extends StoreRequest {
    private volatile boolean ended;

    WatchedRead() {
      super(Operation.READ, 0, false, ByteBuffer.allocateDirect(512));
    }

    @Override
    public void complete() {
      ended = true;
    }

    @Override
    public void fail(Throwable cause) {
      throw new AssertionError(cause);
    }
  }

  @Test
  void a_read_that_comes_when_the_thread_is_about_to_end_is_not_left_behind() throws IOException {
    LinuxFile other = open(Uring::open, Duration.ZERO);
    try {
      for (int i = 0; i < 100; i++) {
        WatchedRead read = new WatchedRead();
        assertThat(other.beginRead(read)).isTrue();
        long patience = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!read.ended && System.nanoTime() < patience) {
          Thread.onSpinWait();
        }
        assertThat(read.ended).as("end of read %d", i).isTrue();
      }
    } finally {
      other.close();
    }
  }

  /** A system that gives no thread, and meanwhile a second read comes. */
  private static final class NoThread implements ReadRing.Rings {
    private Runnable meanwhile = () -> {};
    private boolean none = true;

    @Override
    public Uring open(int entries) throws IOException {
      return Uring.open(entries);
    }

    @Override
    public void start(String name, Runnable body) {
      if (none) {
        meanwhile.run();
        throw new OutOfMemoryError("unable to create native thread");
      }
      ReadRing.Rings.super.start(name, body);
    }
  }

  @Test
  void reads_for_which_there_is_no_thread_are_not_taken_and_those_after_them_are()
      throws IOException {
    NoThread system = new NoThread();
    LinuxFile other = open(system);
    try {
      TestIo second = read(0, 512);
      system.meanwhile = () -> assertThat(other.beginRead(second)).isTrue();
      assertThat(other.beginRead(read(0, 512))).isFalse();
      assertThatThrownBy(second::await)
          .isInstanceOfSatisfying(
              BackstoreException.class, e -> assertThat(e.kind()).isEqualTo(Kind.TRANSIENT));
      system.none = false;
      TestIo third = read(4096, 512);
      assertThat(other.beginRead(third)).isTrue();
      expect(third);
    } finally {
      other.close();
    }
  }

  @Test
  void a_system_whose_ring_cannot_read_is_told() {
    assertThat(Uring.sufficient(0x1)).as("Linux 5.4").isFalse();
    assertThat(Uring.sufficient(0x7)).as("Linux 5.5").isFalse();
    assertThat(Uring.sufficient(0x1f)).as("Linux 5.6").isTrue();
  }

  @Test
  void heap_buffers_and_more_buffers_than_one_call_takes_are_left_to_others() {
    StoreIo heap = TestIo.read(0, ByteBuffer.allocate(512));
    assertThat(file.beginRead(heap)).isFalse();
    int[] lengths = new int[Scratch.MAX_VECTORS + 1];
    Arrays.fill(lengths, 512);
    assertThat(file.beginRead(read(0, lengths))).isFalse();
  }
}
