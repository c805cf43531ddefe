// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import java.io.IOException;
import java.lang.annotation.Annotation;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** One random 4k call of the file store: its share of an I/O, most of it the system's. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class FileStoreBenchmark {
  private static final int BLOCK = 4096;
  private static final int BLOCKS = 16384;

  /** Where the file lies: a memory file system and one of a disk. */
  @Param({"/dev/shm", "/var/tmp"})
  public String folder;

  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BLOCK);
  private final SplittableRandom random = new SplittableRandom(1);
  private Path work;
  private FileStore store;

  /** Writes a file of 64 MiB. */
  @Setup(Level.Trial)
  public void open() throws IOException {
    work = Files.createTempDirectory(Path.of(folder), "jtgt-jmh-");
    store =
        new FileStore(
            new Surroundings("disk", Path.of(""), Files.createDirectory(work.resolve("state"))),
            config(work.resolve("disk.img").toString()),
            new FileUsers());
    for (int i = 0; i < BLOCKS; i++) {
      store.write((long) i * BLOCK, buffer.clear());
    }
  }

  /** Removes it. */
  @TearDown(Level.Trial)
  public void close() throws IOException {
    store.close();
    try (Stream<Path> files = Files.walk(work)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** Reads a block. */
  @Benchmark
  public void read() throws IOException {
    store.read(random.nextInt(BLOCKS) * (long) BLOCK, buffer.clear());
  }

  /** Writes a block. */
  @Benchmark
  public void write() throws IOException {
    store.write(random.nextInt(BLOCKS) * (long) BLOCK, buffer.clear());
  }

  private static FileStoreConfig config(String path) {
    return new FileStoreConfig() {
      @Override
      public String path() {
        return path;
      }

      @Override
      public String size() {
        return BLOCKS * (long) BLOCK + "";
      }

      @Override
      public boolean readOnly() {
        return false;
      }

      @Override
      public boolean shared() {
        return false;
      }

      @Override
      public Class<? extends Annotation> annotationType() {
        return FileStoreConfig.class;
      }
    };
  }
}
