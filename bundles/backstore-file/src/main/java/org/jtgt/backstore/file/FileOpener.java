// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.Set;
import org.jtgt.backstore.ByteSize;

/**
 * Opens, or creates, the file of a store and locks it. Every refusal is one line: key, value and
 * what is allowed.
 */
final class FileOpener {
  private static final int OWNER_ONLY = 0600;
  private static final Set<String> MEMORY_FILE_SYSTEMS = Set.of("tmpfs", "ramfs");

  private final FileSettings settings;
  private final Path path;
  private final Served served;

  private FileOpener(FileSettings settings, Served served) {
    this.settings = settings;
    this.path = settings.path();
    this.served = served;
  }

  /**
   * Opens and locks.
   *
   * @param served what the store has served before: it gets no empty file in place of that, and the
   *     file grows from that size
   * @throws IOException in one line, when it cannot; nothing is left open or half-made then
   */
  static OpenFile open(FileSettings settings, Served served) throws IOException {
    return new FileOpener(settings, served).open();
  }

  /** Whether a file system keeps its files in memory. */
  static boolean inMemory(Path path) throws IOException {
    return MEMORY_FILE_SYSTEMS.contains(Files.getFileStore(path).type());
  }

  /** The key of a file that is there, whoever has it open; empty text when it cannot be told. */
  static String keyOf(Path path) {
    if (!Linux.here()) {
      return path.toString();
    }
    return Stat.of(path.toString()).map(FileOpener::key).orElse("");
  }

  private OpenFile open() throws IOException {
    boolean missing = !Files.exists(path);
    if (missing) {
      mayCreate();
    } else if (Files.isDirectory(path)) {
      throw refused("is a folder; a regular file or block device is needed");
    } else if (!Files.isRegularFile(path) && !blockDevice()) {
      throw refused("is neither a regular file nor a block device");
    }
    if (!Linux.here()) {
      return openChannel(missing);
    }
    int fd = missing ? create() : openDescriptor();
    try {
      lock(fd);
      return new LinuxFile(path.toString(), fd, facts(fd));
    } catch (IOException | RuntimeException failure) {
      Linux.close(fd);
      if (missing) {
        Files.deleteIfExists(path);
      }
      throw failure;
    }
  }

  private boolean blockDevice() {
    return Linux.here() && Stat.of(path.toString()).map(Stat::blockDevice).orElse(false);
  }

  private void mayCreate() throws IOException {
    if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      throw refused("is a symbolic link that leads nowhere");
    }
    if (settings.readOnly()) {
      throw refused("does not exist, and with readOnly=true it is not created");
    }
    if (settings.sizeBytes().isEmpty()) {
      throw refused("does not exist; with a size it is created");
    }
    Path folder = path.getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new IOException("path: the folder %s does not exist".formatted(folder));
    }
    Optional<Served.Last> last = served.last();
    // What lies in memory is gone after each start of the machine, as its owner knows.
    if (last.isPresent() && !inMemory(folder)) {
      boolean gone = last.get().path().equals(path.toString());
      throw refused(
          (gone
                  ? "is gone, it was there before; bring it back, or "
                  : "does not exist, and this store had %s; ".formatted(last.get().path()))
              + "make an empty file there (touch) for an empty disk");
    }
  }

  private int create() throws IOException {
    int flags = Linux.O_RDWR | Linux.O_CREAT | Linux.O_EXCL | Linux.O_CLOEXEC;
    int fd = Linux.open(path.toString(), flags, OWNER_ONLY);
    if (fd < 0) {
      throw refused("cannot be created: " + Errno.message(-fd));
    }
    try {
      long bytes = settings.sizeBytes().getAsLong();
      setSize(fd, bytes);
      syncFolder();
      return fd;
    } catch (IOException failure) {
      Linux.close(fd);
      Files.deleteIfExists(path);
      throw failure;
    }
  }

  private void setSize(int fd, long bytes) throws IOException {
    long result = Linux.ftruncate(fd, bytes);
    if (result == 0) {
      result = Linux.fsync(fd);
    }
    if (result < 0) {
      throw new IOException(
          "size: %s cannot have %s: %s"
              .formatted(path, new ByteSize(bytes), Errno.message((int) -result)));
    }
  }

  /** Else the new file's name may be lost with power. */
  private void syncFolder() {
    int folder =
        Linux.open(path.resolveSibling("").toString(), Linux.O_RDONLY | Linux.O_CLOEXEC, 0);
    if (folder >= 0) {
      Linux.fsync(folder);
      Linux.close(folder);
    }
  }

  private int openDescriptor() throws IOException {
    boolean device = blockDevice();
    int flags =
        Linux.O_CLOEXEC
            | Linux.O_NONBLOCK
            | (settings.readOnly() ? Linux.O_RDONLY : Linux.O_RDWR)
            | (device && !settings.shared() ? Linux.O_EXCL : 0);
    int fd = Linux.open(path.toString(), flags, 0);
    if (fd == -Errno.EBUSY && device) {
      throw refused("is in use by " + Holders.find(path, true, -1));
    }
    if (fd < 0) {
      boolean forWriting = !settings.readOnly();
      throw refused(
          "cannot be opened%s: %s%s"
              .formatted(
                  forWriting ? " for writing" : "",
                  Errno.message(-fd),
                  forWriting && (fd == -Errno.EACCES || fd == -Errno.EROFS || fd == -Errno.EPERM)
                      ? "; readOnly=true opens it for reading"
                      : ""));
    }
    // Only to open what is no file must not wait. io_uring takes it at its word before Linux 5.15:
    // each read that has to wait is refused, again and again.
    Linux.lettingWait(fd);
    return fd;
  }

  private FileFacts facts(int fd) throws IOException {
    Stat stat = Stat.of(fd);
    boolean device = stat.blockDevice();
    long bytes = device ? Linux.lseek(fd, 0, Linux.SEEK_END) : stat.sizeBytes();
    int block = device ? (int) Math.max(512, Linux.ioctlInt(fd, Linux.BLKSSZGET)) : 512;
    if (!device && bytes == 0 && settings.sizeBytes().isPresent() && !settings.readOnly()) {
      // An empty file holds nothing that a wrong size could hide: what a crash leaves of a
      // creation.
      bytes = settings.sizeBytes().getAsLong();
      setSize(fd, bytes);
    }
    if (!device && mayGrow(bytes)) {
      bytes = settings.sizeBytes().getAsLong();
      setSize(fd, bytes);
    }
    checkSize(bytes, block);
    int physical =
        device ? (int) Math.max(block, Linux.ioctlInt(fd, Linux.BLKPBSZGET)) : stat.blockBytes();
    return new FileFacts(
        key(stat),
        stat.device(),
        device,
        bytes,
        block,
        Math.max(block, Integer.highestOneBit(physical)),
        unmapGranularity(fd, stat, bytes, block));
  }

  private int unmapGranularity(int fd, Stat stat, long bytes, int block) {
    if (settings.readOnly()) {
      return 0;
    }
    if (stat.blockDevice()) {
      return BlockDevices.unmapGranularityBytes(stat.device(), block);
    }
    // Behind the end of the file a hole changes nothing, but tells whether there can be one.
    long behind = Math.ceilDiv(bytes, stat.blockBytes()) * stat.blockBytes();
    int mode = Linux.FALLOC_FL_PUNCH_HOLE | Linux.FALLOC_FL_KEEP_SIZE;
    return Linux.fallocate(fd, mode, behind, stat.blockBytes()) == 0 ? stat.blockBytes() : 0;
  }

  private static String key(Stat stat) {
    return "%x:%x".formatted(stat.device(), stat.blockDevice() ? -1 : stat.inode());
  }

  /**
   * Whether a larger size is to be given to the file: where it is as it was served. One that is
   * smaller than that may be on its way back from a backup, and one never served may be another.
   */
  private boolean mayGrow(long bytes) throws IOException {
    return !settings.readOnly()
        && settings.sizeBytes().isPresent()
        && settings.sizeBytes().getAsLong() > bytes
        && served.last().filter(last -> last.sizeBytes() == bytes).isPresent();
  }

  private void checkSize(long bytes, int block) throws IOException {
    if (settings.sizeBytes().isPresent() && settings.sizeBytes().getAsLong() != bytes) {
      long wanted = settings.sizeBytes().getAsLong();
      String present = inWords(bytes);
      throw new IOException(
          "size: %s is configured, but %s has %s; %s"
              .formatted(inWords(wanted), path, present, whyNot(wanted, bytes)));
    }
    if (bytes == 0) {
      throw refused("is empty; a size is needed");
    }
    if (bytes % block != 0) {
      throw refused("has %d bytes, not a multiple of its block size %d".formatted(bytes, block));
    }
  }

  private String whyNot(long wanted, long bytes) throws IOException {
    if (wanted < bytes) {
      return "a store does not shrink";
    }
    if (settings.readOnly() || !Files.isRegularFile(path)) {
      return "a " + (settings.readOnly() ? "read-only store" : "block device") + " does not grow";
    }
    return served
        .last()
        .map(last -> "it was served with %s: is it whole?".formatted(inWords(last.sizeBytes())))
        .orElse("serve it without a size, it may grow then");
  }

  private static String inWords(long bytes) {
    String text = new ByteSize(bytes).toString();
    return text.equals(Long.toString(bytes)) ? bytes + " bytes" : text + " (" + bytes + " bytes)";
  }

  /**
   * A writer locks out all others, a reader all writers; readers agree among themselves by flock,
   * since a descriptor for reading cannot take the other lock alone.
   */
  private void lock(int fd) throws IOException {
    boolean write = !settings.readOnly();
    long result = FileLocks.take(fd, write);
    if (result == 0 && !write) {
      long amongReaders = FileLocks.takeAmongReaders(fd, !settings.shared());
      // Network file systems may not have it; the lock against writers holds there all the same.
      result = amongReaders == -Errno.EAGAIN ? amongReaders : 0;
    }
    if (result == -Errno.EAGAIN || result == -Errno.EACCES) {
      int pid = FileLocks.holder(fd, write);
      throw refused(
          "is in use by "
              + (pid > 0 ? Holders.process(pid) : Holders.find(path, blockDevice(), fd)));
    }
    if (result < 0) {
      throw refused("cannot be locked: " + Errno.message((int) -result));
    }
  }

  private OpenFile openChannel(boolean create) throws IOException {
    FileChannel channel =
        settings.readOnly()
            ? FileChannel.open(path, StandardOpenOption.READ)
            : FileChannel.open(
                path,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                create ? StandardOpenOption.CREATE_NEW : StandardOpenOption.CREATE);
    try {
      if (create || mayGrow(channel.size())) {
        channel.write(ByteBuffer.allocate(1), settings.sizeBytes().getAsLong() - 1);
      }
      checkSize(channel.size(), 512);
      FileLock lock = channel.tryLock(0, Long.MAX_VALUE, settings.shared());
      if (lock == null) {
        throw refused("is in use by another process");
      }
      Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
      String text = key == null ? path.toRealPath().toString() : key.toString();
      return new ChannelFile(
          path.toString(), channel, new FileFacts(text, 0, false, channel.size(), 512, 4096, 0));
    } catch (IOException | OverlappingFileLockException failure) {
      channel.close();
      if (create) {
        Files.deleteIfExists(path);
      }
      throw failure instanceof IOException io ? io : refused("is in use by this process");
    }
  }

  private IOException refused(String why) {
    return new IOException("path: %s %s".formatted(path, why));
  }
}
