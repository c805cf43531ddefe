// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.component;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.jtgt.scsi.device.UnitMemory;

/** The memory of one logical unit: a folder with a file for each key. */
final class FolderMemory implements UnitMemory {
  private final Path folder;

  FolderMemory(Path folder) {
    this.folder = folder;
  }

  private Path file(String key) {
    if (!key.matches("[a-z]{1,32}")) {
      throw new IllegalArgumentException("key " + key + ", allowed: 1 to 32 lower-case letters");
    }
    return folder.resolve(key);
  }

  @Override
  public synchronized Optional<byte[]> load(String key) {
    try {
      return Optional.of(Files.readAllBytes(file(key)));
    } catch (NoSuchFileException absent) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(file(key) + " cannot be read: " + e, e);
    }
  }

  @Override
  public synchronized void keep(String key, byte[] value) throws IOException {
    StableFile.write(file(key), value);
  }

  @Override
  public synchronized void forget(String key) throws IOException {
    if (Files.deleteIfExists(file(key))) {
      StableFile.sync(folder);
    }
  }

  /** Forgets all. */
  synchronized void delete() throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}
