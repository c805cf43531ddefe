// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The system calls of every I/O: direct buffers to and from a file. None moves a position, none
 * makes garbage. Each answers the bytes transferred, or the negated errno.
 */
final class Transfers {
  /** pwritev2(2): stable on return. */
  static final int RWF_DSYNC = 2;

  /** preadv2(2): fail rather than wait. */
  static final int RWF_NOWAIT = 8;

  private static final NativeCall PREAD = NativeCall.answeringLong("pread");
  private static final NativeCall PWRITE = NativeCall.answeringLong("pwrite");
  private static final NativeCall PREADV2 = NativeCall.answeringLong("preadv2");
  private static final NativeCall PWRITEV2 = NativeCall.answeringLong("pwritev2");

  /**
   * The address of a buffer. A memory segment tells it too, but the compiler does not always keep
   * that off the heap. The daemon opens java.nio to Netty anyway; elsewhere this is null.
   */
  private static final @Nullable VarHandle ADDRESS = address();

  private Transfers() {}

  private static @Nullable VarHandle address() {
    try {
      return MethodHandles.privateLookupIn(Buffer.class, MethodHandles.lookup())
          .findVarHandle(Buffer.class, "address", long.class);
    } catch (ReflectiveOperationException notOpen) {
      return null;
    }
  }

  /** Where what remains of a direct buffer begins; the caller keeps the buffer reachable. */
  static long address(ByteBuffer direct) {
    VarHandle field = ADDRESS;
    return field == null
        ? MemorySegment.ofBuffer(direct).address()
        : (long) field.get((Buffer) direct) + direct.position();
  }

  /** Reads into what remains of a buffer. */
  static long read(int fd, ByteBuffer target, long offset) {
    try {
      return PREAD.call(fd, address(target), target.remaining(), offset, 0);
    } finally {
      Reference.reachabilityFence(target);
    }
  }

  /** Writes what remains of a buffer. */
  static long write(int fd, ByteBuffer source, long offset) {
    try {
      return PWRITE.call(fd, address(source), source.remaining(), offset, 0);
    } finally {
      Reference.reachabilityFence(source);
    }
  }

  /** Reads into what remains of {@code count} buffers from {@code first} on. */
  static long read(int fd, ByteBuffer[] targets, int first, int count, long offset, int flags) {
    try {
      return PREADV2.call(fd, vectors(targets, first, count), count, offset, flags);
    } finally {
      Reference.reachabilityFence(targets);
    }
  }

  /** Writes what remains of {@code count} buffers from {@code first} on. */
  static long write(int fd, ByteBuffer[] sources, int first, int count, long offset, int flags) {
    try {
      return PWRITEV2.call(fd, vectors(sources, first, count), count, offset, flags);
    } finally {
      Reference.reachabilityFence(sources);
    }
  }

  /** The buffers as an array of struct iovec, which lives until this thread's next call. */
  private static long vectors(ByteBuffer[] buffers, int first, int count) {
    MemorySegment vectors = Scratch.get()[Scratch.VECTORS];
    vectors(vectors, buffers, first, count);
    return vectors.address();
  }

  /** Writes what remains of buffers as an array of struct iovec. */
  static void vectors(MemorySegment to, ByteBuffer[] buffers, int first, int count) {
    for (int i = 0; i < count; i++) {
      ByteBuffer buffer = buffers[first + i];
      long at = (long) i * Scratch.VECTOR_BYTES;
      to.set(JAVA_LONG, at, address(buffer));
      to.set(JAVA_LONG, at + 8, buffer.remaining());
    }
  }
}
