// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BackstoreException.Kind;

/** A folder of the file system; made when it is missing. */
final class FileFolder implements Folder {
  private static final Set<PosixFilePermission> FILE_MODE =
      PosixFilePermissions.fromString("rw-------");
  private static final Set<PosixFilePermission> FOLDER_MODE =
      PosixFilePermissions.fromString("rwx------");

  private final Path folder;

  FileFolder(Path folder) throws IOException {
    this.folder = folder;
    if (!Files.isDirectory(folder)) {
      // Its own folder only: what is missing above may be a disk that is not mounted.
      Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(FOLDER_MODE));
      force(Objects.requireNonNull(folder.toAbsolutePath().getParent()));
    }
  }

  @Override
  public Disk open(String name) throws IOException {
    Path path = folder.resolve(name);
    FileChannel channel = made(path, StandardOpenOption.CREATE);
    boolean done = false;
    try {
      if (!locked(channel)) {
        throw new IOException("path: %s is in use by another overlay".formatted(folder));
      }
      force(folder);
      done = true;
      return disk(channel, path);
    } finally {
      if (!done) {
        channel.close();
      }
    }
  }

  private static boolean locked(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException ofThisProcess) {
      return false;
    }
  }

  @Override
  public Optional<Disk> existing(String name) throws IOException {
    Path path = folder.resolve(name);
    return Files.exists(path)
        ? Optional.of(
            disk(FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE), path))
        : Optional.empty();
  }

  @Override
  public Disk replace(String name, Content content) throws IOException {
    Path path = folder.resolve(name);
    Path fresh = folder.resolve(name + ".new");
    Files.deleteIfExists(fresh);
    FileChannel channel = made(fresh, StandardOpenOption.CREATE_NEW);
    boolean done = false;
    try {
      Disk disk = disk(channel, path);
      content.write(disk);
      disk.force();
      Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      force(folder);
      done = true;
      return disk;
    } finally {
      if (!done) {
        channel.close();
        Files.deleteIfExists(fresh);
      }
    }
  }

  @Override
  public Disk scratch() throws IOException {
    Path path = folder.resolve("pages");
    FileChannel channel = made(path, StandardOpenOption.CREATE);
    Files.delete(path);
    return disk(channel, path);
  }

  @Override
  public long usableBytes() throws IOException {
    return Files.getFileStore(folder).getUsableSpace();
  }

  /** What is on the disk is not for others to read. */
  private static FileChannel made(Path path, OpenOption option) throws IOException {
    return FileChannel.open(
        path,
        Set.of(option, StandardOpenOption.READ, StandardOpenOption.WRITE),
        PosixFilePermissions.asFileAttribute(FILE_MODE));
  }

  /** Makes the names in a folder stable. */
  private static void force(Path folder) throws IOException {
    try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
      names.force(true);
    }
  }

  private static Disk disk(FileChannel channel, Path path) {
    return new Disk() {
      @Override
      public int read(long offsetBytes, ByteBuffer target) throws IOException {
        ByteBuffer into = target.duplicate();
        int first = into.position();
        while (into.hasRemaining()) {
          if (channel.read(into, offsetBytes + into.position() - first) < 0) {
            break;
          }
        }
        return into.position() - first;
      }

      @Override
      public void write(long offsetBytes, ByteBuffer source) throws IOException {
        ByteBuffer from = source.duplicate();
        int first = from.position();
        try {
          while (from.hasRemaining()) {
            channel.write(from, offsetBytes + from.position() - first);
          }
        } catch (IOException failure) {
          throw classified(path, failure, from.remaining());
        }
      }

      @Override
      public void force() throws IOException {
        channel.force(false);
      }

      @Override
      public long sizeBytes() throws IOException {
        return channel.size();
      }

      @Override
      public void truncate(long bytes) throws IOException {
        channel.truncate(bytes);
      }

      @Override
      public void close() throws IOException {
        channel.close();
      }
    };
  }

  /**
   * The JDK tells no error numbers, and its texts are in the language of the environment.
   *
   * @param bytes that were not written
   */
  static IOException classified(Path path, IOException failure, long bytes) {
    String text = String.valueOf(failure.getMessage());
    return text.contains("No space left")
            || text.contains("quota exceeded")
            || isFull(path.toAbsolutePath().getParent(), bytes)
        ? BackstoreException.of(Kind.FULL, path + ": " + text, failure)
        : failure;
  }

  private static boolean isFull(Path folder, long bytes) {
    try {
      return Files.getFileStore(folder).getUsableSpace() < bytes;
    } catch (IOException untold) {
      return false;
    }
  }
}
