// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.testing.StoreContractTest;
import org.jtgt.backstore.testing.StoreUnderTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** On the file system of temporary files, in memory where there is one, and read-only. */
class FileStoreContractTest {
  private static final Path MEMORY = Path.of("/dev/shm");

  private record OfFile(Path folder, Fixture fixture) implements StoreUnderTest {
    OfFile(Path folder) {
      this(folder, new Fixture(folder));
    }

    @Override
    public Backstore open() throws IOException {
      return fixture.open(folder.resolve("disk.img"), "4M");
    }

    @Override
    public void close(Backstore store) {
      ((FileStore) store).close();
    }

    @Override
    public void remove() throws IOException {
      try (var left = Files.walk(folder)) {
        for (Path path : left.sorted(java.util.Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }

  @Nested
  class OnDisk extends StoreContractTest {
    @TempDir Path folder;

    @Override
    protected StoreUnderTest store() throws IOException {
      return new OfFile(Files.createTempDirectory(folder, "store"));
    }
  }

  /** Where it is {@code INLINE}; elsewhere the same as on disk. */
  @Nested
  class InMemory extends StoreContractTest {
    @TempDir Path folder;

    @Override
    protected StoreUnderTest store() throws IOException {
      Path parent = Files.isWritable(MEMORY) ? MEMORY : folder;
      return new OfFile(Files.createTempDirectory(parent, "jtgt-contract"));
    }
  }

  @Nested
  class ReadOnly extends StoreContractTest {
    @TempDir Path folder;

    @Override
    protected StoreUnderTest store() throws IOException {
      Path file = Files.createTempFile(folder, "disk", ".img");
      byte[] content = new byte[1 << 20];
      new java.util.Random(1).nextBytes(content);
      Files.write(file, content);
      Fixture fixture = new Fixture(folder);
      return new StoreUnderTest() {
        @Override
        public Backstore open() throws IOException {
          return fixture.open("disk", Fixture.config(file, "", true, false));
        }

        @Override
        public void close(Backstore store) {
          ((FileStore) store).close();
        }

        @Override
        public Optional<byte[]> content() {
          return Optional.of(content);
        }
      };
    }
  }
}
