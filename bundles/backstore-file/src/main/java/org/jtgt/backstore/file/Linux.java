// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Locale;

/**
 * The system calls of Linux that open, change and close files, with glibc's or musl's signatures.
 * Each method answers what the call answered, or the negated {@link Errno}.
 */
final class Linux {
  static final int O_RDONLY = 0;
  static final int O_RDWR = 2;
  static final int O_CREAT = 0x40;
  static final int O_EXCL = 0x80;
  static final int O_NONBLOCK = 0x800;
  static final int O_CLOEXEC = 0x80000;

  private static final int F_SETFL = 4;

  static final int SEEK_END = 2;
  static final int SEEK_DATA = 3;
  static final int SEEK_HOLE = 4;

  static final int FALLOC_FL_KEEP_SIZE = 1;
  static final int FALLOC_FL_PUNCH_HOLE = 2;
  static final int FALLOC_FL_ZERO_RANGE = 16;

  static final int BLKSSZGET = 0x1268;
  static final int BLKPBSZGET = 0x127b;

  private static final boolean HERE =
      System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux")
          && ADDRESS.byteSize() == 8;

  private Linux() {}

  /** Whether this system is a 64-bit Linux, and so whether its calls may be made. */
  static boolean here() {
    return HERE;
  }

  /** The bindings, loaded on the first call only, so that other systems never look for them. */
  private static final class Calls {
    static final NativeCall OPEN = NativeCall.variadic("open");
    static final NativeCall CLOSE = NativeCall.answeringInt("close");
    static final NativeCall FDATASYNC = NativeCall.answeringInt("fdatasync");
    static final NativeCall FSYNC = NativeCall.answeringInt("fsync");
    static final NativeCall FTRUNCATE = NativeCall.answeringInt("ftruncate");
    static final NativeCall FALLOCATE = NativeCall.answeringInt("fallocate");
    static final NativeCall LSEEK = NativeCall.answeringLong("lseek");
    static final NativeCall FCNTL = NativeCall.variadic("fcntl");
    static final NativeCall IOCTL = NativeCall.variadic("ioctl");
    static final NativeCall EVENTFD = NativeCall.answeringInt("eventfd");
    static final NativeCall WRITE = NativeCall.answeringLong("write");
  }

  static int open(String path, int flags, int mode) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(path);
      return (int) Calls.OPEN.call(name.address(), flags, mode, 0, 0);
    }
  }

  /** What uses a descriptor opened with {@link #O_NONBLOCK} waits from now on. */
  static void lettingWait(int fd) {
    Calls.FCNTL.call(fd, F_SETFL, 0, 0, 0);
  }

  /** Not repeated on EINTR: the descriptor is gone then and may already be somebody else's. */
  static void close(int fd) {
    Calls.CLOSE.callOnce(fd, 0, 0, 0, 0);
  }

  static long fdatasync(int fd) {
    return Calls.FDATASYNC.call(fd, 0, 0, 0, 0);
  }

  static long fsync(int fd) {
    return Calls.FSYNC.call(fd, 0, 0, 0, 0);
  }

  static long ftruncate(int fd, long bytes) {
    return Calls.FTRUNCATE.call(fd, bytes, 0, 0, 0);
  }

  static long fallocate(int fd, int mode, long offset, long bytes) {
    return Calls.FALLOCATE.call(fd, mode, offset, bytes, 0);
  }

  /** Moves the descriptor's position, which no other call here uses. */
  static long lseek(int fd, long offset, int whence) {
    return Calls.LSEEK.call(fd, offset, whence, 0, 0);
  }

  /** An int that ioctl(2) stores. */
  static long ioctlInt(int fd, int request) {
    MemorySegment stored = Scratch.get()[Scratch.SMALL];
    stored.set(JAVA_INT, 0, 0);
    long result = Calls.IOCTL.call(fd, request, stored.address(), 0, 0);
    return result < 0 ? result : stored.get(JAVA_INT, 0);
  }

  /** A counter that a write adds to and a read waits for (eventfd(2)). */
  static int eventfd() {
    return (int) Calls.EVENTFD.call(0, O_CLOEXEC, 0, 0, 0);
  }

  /** Writes at the descriptor's position. */
  static long write(int fd, MemorySegment source, long bytes) {
    return Calls.WRITE.call(fd, source.address(), bytes, 0, 0);
  }
}
