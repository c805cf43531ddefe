// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Optional;

/**
 * The system calls of Linux that a file store needs, with glibc's or musl's signatures. Everything
 * foreign stands here. Each method answers what the call answered, or the negated errno.
 *
 * <p>Calls are not interrupted by {@link Thread#interrupt()}, unlike those of a FileChannel, which
 * it closes.
 */
final class Linux {
  static final int EINTR = 4;
  static final int EIO = 5;
  static final int ENXIO = 6;
  static final int EACCES = 13;
  static final int EBUSY = 16;
  static final int EEXIST = 17;
  static final int ENODEV = 19;
  static final int EINVAL = 22;
  static final int EFBIG = 27;
  static final int ENOSPC = 28;
  static final int EROFS = 30;
  static final int EPERM = 1;
  static final int ENOENT = 2;
  static final int EAGAIN = 11;
  static final int ENOSYS = 38;
  static final int EOPNOTSUPP = 95;
  static final int ESTALE = 116;
  static final int EDQUOT = 122;

  static final int O_RDONLY = 0;
  static final int O_RDWR = 2;
  static final int O_CREAT = 0x40;
  static final int O_EXCL = 0x80;
  static final int O_NONBLOCK = 0x800;
  static final int O_CLOEXEC = 0x80000;

  static final int SEEK_END = 2;
  static final int SEEK_DATA = 3;
  static final int SEEK_HOLE = 4;

  static final int FALLOC_FL_KEEP_SIZE = 1;
  static final int FALLOC_FL_PUNCH_HOLE = 2;
  static final int FALLOC_FL_ZERO_RANGE = 16;

  static final int RWF_DSYNC = 2;
  static final int RWF_NOWAIT = 8;

  static final int BLKSSZGET = 0x1268;
  static final int BLKPBSZGET = 0x127b;

  private static final int LOCK_SH = 1;
  private static final int LOCK_EX = 2;
  private static final int LOCK_NB = 4;
  private static final int F_OFD_GETLK = 36;
  private static final int F_OFD_SETLK = 37;
  private static final short F_RDLCK = 0;
  private static final short F_WRLCK = 1;
  private static final short F_UNLCK = 2;
  private static final int AT_FDCWD = -100;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int STATX_BASIC_STATS = 0x7ff;
  static final int IOV_BYTES = 16;

  /** Vectors that one call takes at most; IOV_MAX is 1024, more per call gains nothing. */
  static final int MAX_VECTORS = 256;

  private static final boolean HERE =
      System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux")
          && ADDRESS.byteSize() == 8;

  private Linux() {}

  /** Whether this system is a 64-bit Linux, and so whether the methods below may be called. */
  static boolean here() {
    return HERE;
  }

  /** What statx(2) tells of an open file. */
  record Stat(
      int mode,
      int links,
      long inode,
      long sizeBytes,
      long blocks512,
      int blockBytes,
      long device) {
    private static final int TYPE = 0xf000;
    private static final int REGULAR = 0x8000;
    private static final int BLOCK_DEVICE = 0x6000;

    boolean regular() {
      return (mode & TYPE) == REGULAR;
    }

    boolean blockDevice() {
      return (mode & TYPE) == BLOCK_DEVICE;
    }

    boolean sameFile(Stat other) {
      return blockDevice() == other.blockDevice()
          && device == other.device
          && (blockDevice() || inode == other.inode);
    }
  }

  /** The bindings, loaded on the first call only, so that other systems never look for them. */
  private static final class Calls {
    private static final Linker LINKER = Linker.nativeLinker();

    static final MethodHandle OPEN =
        call("open", 2, FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
    static final MethodHandle CLOSE = call("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    static final MethodHandle PREAD =
        call("pread", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG));
    static final MethodHandle PWRITE =
        call("pwrite", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG));
    static final MethodHandle PREADV =
        call("preadv", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG));
    static final MethodHandle PREADV2 =
        call(
            "preadv2",
            FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG, JAVA_INT));
    static final MethodHandle PWRITEV2 =
        call(
            "pwritev2",
            FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG, JAVA_INT));
    static final MethodHandle FDATASYNC =
        call("fdatasync", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    static final MethodHandle FSYNC = call("fsync", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    static final MethodHandle FTRUNCATE =
        call("ftruncate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));
    static final MethodHandle FALLOCATE =
        call(
            "fallocate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
    static final MethodHandle LSEEK =
        call("lseek", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));
    static final MethodHandle STATX =
        call(
            "statx",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS));
    static final MethodHandle FCNTL =
        call("fcntl", 2, FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));
    static final MethodHandle FLOCK =
        call("flock", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    static final MethodHandle IOCTL =
        call("ioctl", 2, FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS));
    static final MethodHandle STRERROR =
        LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("strerror"),
            FunctionDescriptor.of(ADDRESS, JAVA_INT));

    private static MethodHandle call(String name, FunctionDescriptor type) {
      return LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow(name), type, Linker.Option.captureCallState("errno"));
    }

    private static MethodHandle call(String name, int firstVariadic, FunctionDescriptor type) {
      return LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow(name),
          type,
          Linker.Option.captureCallState("errno"),
          Linker.Option.firstVariadicArg(firstVariadic));
    }
  }

  /** A call whose arguments are bound. */
  @FunctionalInterface
  private interface Call {
    long run(MemorySegment[] scratch) throws Throwable;
  }

  private static long checked(Call call) {
    MemorySegment[] scratch = Scratch.get();
    while (true) {
      long result;
      try {
        result = call.run(scratch);
      } catch (RuntimeException | Error failure) {
        throw failure;
      } catch (Throwable impossible) {
        throw new AssertionError(impossible);
      }
      if (result != -1) {
        return result;
      }
      int errno = Scratch.errno(scratch);
      if (errno != EINTR) {
        return -errno;
      }
    }
  }

  static int open(String path, int flags, int mode) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(path);
      return (int) checked(s -> (int) Calls.OPEN.invokeExact(s[Scratch.STATE], name, flags, mode));
    }
  }

  /** Not repeated on EINTR: the descriptor is gone then and may already be somebody else's. */
  static void close(int fd) {
    MemorySegment[] scratch = Scratch.get();
    try {
      int ignored = (int) Calls.CLOSE.invokeExact(scratch[Scratch.STATE], fd);
    } catch (RuntimeException | Error failure) {
      throw failure;
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }

  // The two calls of the hot path are written out: without a lambda between, the compiler keeps
  // what they make on the stack.

  /** Reads into the direct buffer's remaining bytes; does not move its position. */
  static long pread(int fd, ByteBuffer target, long offset) {
    MemorySegment[] scratch = Scratch.get();
    long address = MemorySegment.ofBuffer(target).address();
    long bytes = target.remaining();
    try {
      while (true) {
        long result =
            (long) Calls.PREAD.invokeExact(scratch[Scratch.STATE], fd, address, bytes, offset);
        if (result != -1) {
          return result;
        }
        int errno = Scratch.errno(scratch);
        if (errno != EINTR) {
          return -errno;
        }
      }
    } catch (RuntimeException | Error failure) {
      throw failure;
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    } finally {
      java.lang.ref.Reference.reachabilityFence(target);
    }
  }

  /** Writes the direct buffer's remaining bytes; does not move its position. */
  static long pwrite(int fd, ByteBuffer source, long offset) {
    MemorySegment[] scratch = Scratch.get();
    long address = MemorySegment.ofBuffer(source).address();
    long bytes = source.remaining();
    try {
      while (true) {
        long result =
            (long) Calls.PWRITE.invokeExact(scratch[Scratch.STATE], fd, address, bytes, offset);
        if (result != -1) {
          return result;
        }
        int errno = Scratch.errno(scratch);
        if (errno != EINTR) {
          return -errno;
        }
      }
    } catch (RuntimeException | Error failure) {
      throw failure;
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    } finally {
      java.lang.ref.Reference.reachabilityFence(source);
    }
  }

  /** Reads into {@code count} direct buffers from {@code first} on; does not move positions. */
  static long preadv(int fd, ByteBuffer[] targets, int first, int count, long offset) {
    try {
      return checked(s -> {
        vectors(s, targets, first, count);
        return (long)
            Calls.PREADV.invokeExact(s[Scratch.STATE], fd, s[Scratch.VECTORS], count, offset);
      });
    } finally {
      java.lang.ref.Reference.reachabilityFence(targets);
    }
  }

  /** Reads into {@code count} direct buffers, with flags; does not move positions. */
  static long preadv2(int fd, ByteBuffer[] targets, int count, long offset, int flags) {
    try {
      return checked(s -> {
        vectors(s, targets, 0, count);
        return (long)
            Calls.PREADV2.invokeExact(
                s[Scratch.STATE], fd, s[Scratch.VECTORS], count, offset, flags);
      });
    } finally {
      java.lang.ref.Reference.reachabilityFence(targets);
    }
  }

  /** Writes {@code count} direct buffers from {@code first} on; does not move positions. */
  static long pwritev2(int fd, ByteBuffer[] sources, int first, int count, long offset, int flags) {
    try {
      return checked(s -> {
        vectors(s, sources, first, count);
        return (long)
            Calls.PWRITEV2.invokeExact(
                s[Scratch.STATE], fd, s[Scratch.VECTORS], count, offset, flags);
      });
    } finally {
      java.lang.ref.Reference.reachabilityFence(sources);
    }
  }

  private static void vectors(MemorySegment[] scratch, ByteBuffer[] buffers, int first, int count) {
    for (int i = 0; i < count; i++) {
      MemorySegment memory = MemorySegment.ofBuffer(buffers[first + i]);
      scratch[Scratch.VECTORS].set(JAVA_LONG, (long) i * IOV_BYTES, memory.address());
      scratch[Scratch.VECTORS].set(JAVA_LONG, (long) i * IOV_BYTES + 8, memory.byteSize());
    }
  }

  static long fdatasync(int fd) {
    return checked(s -> (int) Calls.FDATASYNC.invokeExact(s[Scratch.STATE], fd));
  }

  static long fsync(int fd) {
    return checked(s -> (int) Calls.FSYNC.invokeExact(s[Scratch.STATE], fd));
  }

  static long ftruncate(int fd, long bytes) {
    return checked(s -> (int) Calls.FTRUNCATE.invokeExact(s[Scratch.STATE], fd, bytes));
  }

  static long fallocate(int fd, int mode, long offset, long bytes) {
    return checked(
        s -> (int) Calls.FALLOCATE.invokeExact(s[Scratch.STATE], fd, mode, offset, bytes));
  }

  /** Moves the descriptor's position, which no other call here uses. */
  static long lseek(int fd, long offset, int whence) {
    return checked(s -> (long) Calls.LSEEK.invokeExact(s[Scratch.STATE], fd, offset, whence));
  }

  /**
   * What an open file is.
   *
   * @throws IllegalStateException when the descriptor is not open, a mistake of the caller
   */
  static Stat stat(int fd) {
    return stat(fd, "", AT_EMPTY_PATH)
        .orElseThrow(() -> new IllegalStateException("statx of descriptor " + fd));
  }

  /**
   * What stands at a path, when something does. Unlike opening and closing it, this leaves locks
   * that other code of this process holds by fcntl(2) alone.
   */
  static Optional<Stat> stat(String path) {
    return stat(AT_FDCWD, path, 0);
  }

  private static Optional<Stat> stat(int fd, String path, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(path);
      MemorySegment stat = arena.allocate(256, 8);
      long result =
          checked(s ->
              (int)
                  Calls.STATX.invokeExact(
                      s[Scratch.STATE], fd, name, flags, STATX_BASIC_STATS, stat));
      if (result < 0) {
        return Optional.empty();
      }
      boolean blockDevice = (stat.get(JAVA_SHORT, 28) & Stat.TYPE) == Stat.BLOCK_DEVICE;
      int device = blockDevice ? 128 : 136;
      return Optional.of(
          new Stat(
              Short.toUnsignedInt(stat.get(JAVA_SHORT, 28)),
              stat.get(JAVA_INT, 16),
              stat.get(JAVA_LONG, 32),
              stat.get(JAVA_LONG, 40),
              stat.get(JAVA_LONG, 48),
              stat.get(JAVA_INT, 4),
              (long) stat.get(JAVA_INT, device) << 32 | stat.get(JAVA_INT, device + 4)));
    }
  }

  /** An int that ioctl(2) stores. */
  static long ioctlInt(int fd, int request) {
    return checked(s -> {
      s[Scratch.SMALL].set(JAVA_INT, 0, 0);
      int result =
          (int) Calls.IOCTL.invokeExact(s[Scratch.STATE], fd, (long) request, s[Scratch.SMALL]);
      return result == -1 ? -1 : s[Scratch.SMALL].get(JAVA_INT, 0);
    });
  }

  /**
   * Takes an open-file-description lock on the whole file. Unlike the locks of FileChannel it is
   * not lost when any code of this process closes the file elsewhere.
   *
   * @param write whether no other lock may stand beside it; needs a descriptor for writing
   * @return 0, or {@code -EAGAIN} when another holds a lock that conflicts
   */
  static long lock(int fd, boolean write) {
    return checked(s ->
        (int)
            Calls.FCNTL.invokeExact(
                s[Scratch.STATE], fd, F_OFD_SETLK, flock(s, write ? F_WRLCK : F_RDLCK)));
  }

  /**
   * Takes a lock by flock(2), which one can have alone on a descriptor for reading too.
   *
   * @return 0, or {@code -EAGAIN} when another holds one that conflicts
   */
  static long lockAmongReaders(int fd, boolean alone) {
    return checked(s ->
        (int) Calls.FLOCK.invokeExact(s[Scratch.STATE], fd, (alone ? LOCK_EX : LOCK_SH) | LOCK_NB));
  }

  /** The process whose lock conflicts; 0 or less when none is known by its number. */
  static int lockHolder(int fd, boolean write) {
    return (int)
        checked(s -> {
          MemorySegment lock = flock(s, write ? F_WRLCK : F_RDLCK);
          int result = (int) Calls.FCNTL.invokeExact(s[Scratch.STATE], fd, F_OFD_GETLK, lock);
          boolean found = result == 0 && lock.get(JAVA_SHORT, 0) != F_UNLCK;
          // A lock like ours names no process: its number is -1.
          return found ? Math.max(0, lock.get(JAVA_INT, 24)) : 0;
        });
  }

  /** struct flock of 64-bit Linux: short type, whence; long start, length; int pid. */
  private static MemorySegment flock(MemorySegment[] scratch, short type) {
    MemorySegment lock = scratch[Scratch.SMALL].fill((byte) 0);
    lock.set(JAVA_SHORT, 0, type);
    return lock;
  }

  /** The system's words for an errno. */
  static String message(int errno) {
    try {
      MemorySegment text = (MemorySegment) Calls.STRERROR.invokeExact(errno);
      return text.reinterpret(256).getString(0);
    } catch (RuntimeException | Error failure) {
      throw failure;
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }
}
