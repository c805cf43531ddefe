// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * The two rings of io_uring(7), as far as reads need them: requests are written into one and handed
 * to the system in one call, which also waits for answers in the other.
 *
 * <p>One thread makes it, uses it and closes it: the system then does what is left of a request
 * inside that thread's own calls, and sends no interrupts between (IORING_SETUP_DEFER_TASKRUN).
 */
final class Uring implements AutoCloseable {
  // The same on every architecture (io_uring_setup(2), io_uring_enter(2)).
  private static final long SYS_SETUP = 425;
  private static final long SYS_ENTER = 426;

  private static final int SETUP_SINGLE_ISSUER = 1 << 12;
  private static final int SETUP_DEFER_TASKRUN = 1 << 13;

  /**
   * One mapping for both rings, what requests point to needed only while they are handed over, and,
   * as it came with OP_READ, a read at the file's own position: Linux 5.6.
   */
  private static final int FEATURES = 1 | 1 << 2 | 1 << 3;

  private static final int ENTER_GETEVENTS = 1;

  // struct io_uring_params, with its two structs of offsets.
  private static final int PARAMS_BYTES = 120;
  private static final int PARAMS_FLAGS = 8;
  private static final int PARAMS_FEATURES = 20;
  private static final int PARAMS_SUBMISSION = 40;
  private static final int PARAMS_COMPLETION = 80;
  private static final int TAIL = 4;
  private static final int MASK = 8;
  private static final int SUBMISSION_ARRAY = 24;
  private static final int COMPLETION_ENTRIES = 20;

  // struct io_uring_sqe
  private static final int REQUEST_BYTES = 64;
  private static final byte OP_READV = 1;
  private static final byte OP_READ = 22;

  // struct io_uring_cqe
  private static final int ANSWER_BYTES = 16;

  private static final long OFFSET_RINGS = 0;
  private static final long OFFSET_REQUESTS = 0x10000000L;
  private static final int PROT_READ_WRITE = 3;
  private static final int MAP_SHARED_POPULATE = 0x8001;

  private static final VarHandle INT = JAVA_INT.varHandle();

  /** Bound when the first ring is made: most daemons never need one. */
  private static final class Calls {
    private static final FunctionDescriptor SEVEN =
        FunctionDescriptor.of(
            JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    static final MethodHandle SYSCALL = bind("syscall", Linker.Option.firstVariadicArg(1));
    static final MethodHandle MMAP = bind("mmap");
    static final NativeCall MUNMAP = NativeCall.answeringInt("munmap");

    private static MethodHandle bind(String name, Linker.Option... more) {
      Linker.Option[] options = new Linker.Option[more.length + 1];
      options[0] = Linker.Option.captureCallState("errno");
      System.arraycopy(more, 0, options, 1, more.length);
      Linker linker = Linker.nativeLinker();
      return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), SEVEN, options);
    }

    static long call(
        MethodHandle function, long a, long b, long c, long d, long e, long f, long g) {
      MemorySegment[] scratch = Scratch.get();
      long result;
      try {
        result = (long) function.invokeExact(scratch[Scratch.STATE], a, b, c, d, e, f, g);
      } catch (RuntimeException | Error failure) {
        throw failure;
      } catch (Throwable impossible) {
        throw new AssertionError(impossible);
      }
      return result == -1 ? -Scratch.errno(scratch) : result;
    }
  }

  /** Hears what has become of each request. */
  @FunctionalInterface
  interface Answers {
    /**
     * Called once for each request.
     *
     * @param tag what the request was given
     * @param result bytes read, or the negated {@link Errno}
     */
    void answered(long tag, int result);
  }

  private final int fd;
  private final int entries;
  private final MemorySegment rings;
  private final MemorySegment requests;
  private final int submissionTail;
  private final int submissionMask;
  private final int completionHead;
  private final int completionTail;
  private final int completionMask;
  private final int completions;
  private int written;
  private int handedOver;
  private int answered;

  private Uring(int fd, MemorySegment params) throws IOException {
    this.fd = fd;
    int sq = PARAMS_SUBMISSION;
    int cq = PARAMS_COMPLETION;
    entries = params.get(JAVA_INT, 0);
    int answers = params.get(JAVA_INT, 4);
    completions = params.get(JAVA_INT, cq + COMPLETION_ENTRIES);
    int array = params.get(JAVA_INT, sq + SUBMISSION_ARRAY);
    long ringBytes = Math.max(array + entries * 4L, completions + answers * (long) ANSWER_BYTES);
    rings = map(ringBytes, OFFSET_RINGS);
    requests = map((long) entries * REQUEST_BYTES, OFFSET_REQUESTS);
    submissionTail = params.get(JAVA_INT, sq + TAIL);
    submissionMask = rings.get(JAVA_INT, params.get(JAVA_INT, sq + MASK));
    completionHead = params.get(JAVA_INT, cq);
    completionTail = params.get(JAVA_INT, cq + TAIL);
    completionMask = rings.get(JAVA_INT, params.get(JAVA_INT, cq + MASK));
    // Request i always lies in place i.
    for (int i = 0; i < entries; i++) {
      rings.set(JAVA_INT, array + i * 4L, i);
    }
  }

  /**
   * Makes one with room for so many requests that are not handed over yet.
   *
   * @throws IOException when the system has none, or lets this process have none
   */
  static Uring open(int entries) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment params = arena.allocate(PARAMS_BYTES, 8);
      long fd = setup(entries, params, SETUP_SINGLE_ISSUER | SETUP_DEFER_TASKRUN);
      if (fd == -Errno.EINVAL) {
        // Linux before 6.1
        fd = setup(entries, params, 0);
      }
      if (fd < 0) {
        throw new IOException("io_uring_setup: " + Errno.message((int) -fd));
      }
      if (!sufficient(params.get(JAVA_INT, PARAMS_FEATURES))) {
        Linux.close((int) fd);
        throw new IOException("io_uring of this system is too old");
      }
      try {
        return new Uring((int) fd, params);
      } catch (IOException failure) {
        Linux.close((int) fd);
        throw failure;
      }
    }
  }

  /** Whether a system with these features (io_uring_setup(2)) has all that is used here. */
  static boolean sufficient(int features) {
    return (features & FEATURES) == FEATURES;
  }

  private static long setup(int entries, MemorySegment params, int flags) {
    params.fill((byte) 0);
    params.set(JAVA_INT, PARAMS_FLAGS, flags);
    return Calls.call(Calls.SYSCALL, SYS_SETUP, entries, params.address(), 0, 0, 0, 0);
  }

  private MemorySegment map(long bytes, long offset) throws IOException {
    long address =
        Calls.call(Calls.MMAP, 0, bytes, PROT_READ_WRITE, MAP_SHARED_POPULATE, fd, offset, 0);
    if (address < 0 && address > -4096) {
      throw new IOException("mmap of io_uring: " + Errno.message((int) -address));
    }
    return MemorySegment.ofAddress(address).reinterpret(bytes);
  }

  /** Whether no request can be written before {@link #enter}. */
  boolean full() {
    return written - handedOver == entries;
  }

  /** Whether the system has everything that was written. */
  boolean handedAllOver() {
    return written == handedOver;
  }

  /** How many requests were written and have no answer yet. */
  int unanswered() {
    return written - answered;
  }

  /** Writes a request to read into one piece of memory, which stays until it is answered. */
  void read(int file, long offset, long address, int bytes, long tag) {
    request(OP_READ, file, offset, address, bytes, tag);
  }

  /**
   * Writes a request to read into several pieces of memory.
   *
   * @param vectors address of an array of struct iovec, which stays until it is {@linkplain
   *     #handedAllOver handed over}
   */
  void readVectors(int file, long offset, long vectors, int count, long tag) {
    request(OP_READV, file, offset, vectors, count, tag);
  }

  private void request(byte op, int file, long offset, long address, int length, long tag) {
    if (full()) {
      throw new IllegalStateException(entries + " requests wait to be handed over");
    }
    MemorySegment at =
        requests.asSlice((long) (written & submissionMask) * REQUEST_BYTES, REQUEST_BYTES);
    at.fill((byte) 0);
    at.set(JAVA_BYTE, 0, op);
    at.set(JAVA_INT, 4, file);
    at.set(JAVA_LONG, 8, offset);
    at.set(JAVA_LONG, 16, address);
    at.set(JAVA_INT, 24, length);
    at.set(JAVA_LONG, 32, tag);
    written++;
  }

  /**
   * Hands over what was written.
   *
   * @param waits whether to wait until at least one request is answered
   * @return 0 or the negated {@link Errno}; what was not handed over then stays written
   */
  int enter(boolean waits) {
    INT.setRelease(rings, (long) submissionTail, written);
    long taken =
        Calls.call(
            Calls.SYSCALL,
            SYS_ENTER,
            fd,
            written - handedOver,
            waits ? 1 : 0,
            ENTER_GETEVENTS,
            0,
            0);
    if (taken < 0) {
      return (int) taken;
    }
    handedOver += (int) taken;
    return 0;
  }

  /** Takes the answers that are there. */
  void answers(Answers to) {
    int head = (int) INT.get(rings, (long) completionHead);
    int tail = (int) INT.getAcquire(rings, (long) completionTail);
    while (head != tail) {
      long at = completions + (long) (head & completionMask) * ANSWER_BYTES;
      long tag = rings.get(JAVA_LONG, at);
      int result = rings.get(JAVA_INT, at + 8);
      // Given back first: who hears of it may throw.
      head++;
      answered++;
      INT.setRelease(rings, (long) completionHead, head);
      to.answered(tag, result);
    }
  }

  /** Ends it; nothing may be unanswered. */
  @Override
  public void close() {
    Calls.MUNMAP.call(requests.address(), requests.byteSize(), 0, 0, 0);
    Calls.MUNMAP.call(rings.address(), rings.byteSize(), 0, 0, 0);
    Linux.close(fd);
  }
}
