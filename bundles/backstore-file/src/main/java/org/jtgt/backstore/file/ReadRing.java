// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.StoreIo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reads of one file that have to wait for its device: one thread hands them over together and
 * waits for whichever is there first. A thread for each would cost more than the read.
 *
 * <p>The thread lives while there are such reads. Where nobody may have an io_uring
 * (kernel.io_uring_disabled, the seccomp profile of a container), {@link #submit} refuses.
 */
final class ReadRing {
  /** Reads that the system has at once, and one that waits for word of more. */
  private static final int ENTRIES = 128;

  private static final int IN_FLIGHT = ENTRIES - 1;

  /** So long the thread of an open file waits for another read. */
  static final Duration IDLE = Duration.ofSeconds(10);

  /** Tag of the read that waits for word of more; the others have their place. */
  private static final long WORD = -1;

  /** What that word is does not matter, so all share where it goes. */
  private static final MemorySegment WORDS = Arena.global().allocate(8, 8);

  /** A word to be told: eventfd(2) adds it up. */
  private static final MemorySegment ONE = Arena.global().allocate(8, 8);

  static {
    ONE.set(JAVA_LONG, 0, 1);
  }

  private static final Logger LOG = LoggerFactory.getLogger(ReadRing.class);

  /** How a ring is had, and its thread. */
  @FunctionalInterface
  interface Rings {
    Uring open(int entries) throws IOException;

    /**
     * Starts a thread.
     *
     * @throws OutOfMemoryError when the system lets the process have no more of them
     */
    default void start(String name, Runnable body) {
      Thread.ofPlatform().name(name).daemon().start(body);
    }
  }

  /** What the thread does, which whoever brings a read has to know. */
  private enum State {
    /** There is no thread. */
    NONE,
    /** It looks for reads before it does anything else. */
    RUNS,
    /** It waits for the system, or for a word. */
    INSIDE,
    /** It has nothing to wait for. */
    RESTS,
    /** There is no ring, and will be none. */
    REFUSES
  }

  private final LinuxFile file;
  private final Rings rings;
  private final Duration idle;

  // No lock: a network thread must not wait for this thread, which others keep off the processor.
  private final Queue<StoreIo> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicReference<State> state = new AtomicReference<>(State.NONE);
  private volatile @Nullable Thread thread;
  private volatile boolean closed;
  private volatile int eventFd = -1;

  // The thread's.
  private final @Nullable StoreIo[] reads = new StoreIo[IN_FLIGHT];
  private final long[] offsets = new long[IN_FLIGHT];
  private final Deque<Integer> free = new ArrayDeque<>();
  private final Deque<Integer> again = new ArrayDeque<>();
  private final MemorySegment vectors =
      Arena.ofAuto().allocate((long) Scratch.MAX_VECTORS * Scratch.VECTOR_BYTES, 8);
  private int vectorsUsed;
  private boolean listens;

  /**
   * @param idle so long the thread waits for another read
   */
  ReadRing(LinuxFile file, Rings rings, Duration idle) {
    this.file = file;
    this.rings = rings;
    this.idle = idle;
    for (int i = 0; i < IN_FLIGHT; i++) {
      free.add(i);
    }
  }

  /**
   * Takes a read into direct buffers, at most as many as one call takes. The file has been entered
   * for it, and is left before the read is completed; it has also been entered for this call.
   *
   * @return false when there is no ring, or no thread, to be had
   */
  boolean submit(StoreIo read) {
    if (state.get() == State.REFUSES) {
      return false;
    }
    waiting.add(read);
    for (; ; ) {
      switch (Objects.requireNonNull(state.get())) {
        case RUNS -> {
          return true;
        }
        case INSIDE -> {
          if (state.compareAndSet(State.INSIDE, State.RUNS)) {
            Linux.write(eventFd, ONE, ONE.byteSize());
            return true;
          }
        }
        case RESTS -> {
          if (state.compareAndSet(State.RESTS, State.RUNS)) {
            LockSupport.unpark(thread);
            return true;
          }
        }
        case NONE -> {
          if (state.compareAndSet(State.NONE, State.RUNS)) {
            return start(read);
          }
        }
        case REFUSES -> {
          // Unless it has just been done all the same.
          return !waiting.remove(read);
        }
      }
    }
  }

  private boolean start(StoreIo read) {
    try {
      rings.start("jtgt-reads " + file.path(), this::run);
      return true;
    } catch (OutOfMemoryError none) {
      waiting.remove(read);
      do {
        // Others may have brought reads to the thread that is not there.
        for (StoreIo other = waiting.poll(); other != null; other = waiting.poll()) {
          complete(other, Failures.of(Errno.EAGAIN, "read", file.path(), other.offsetBytes()));
        }
        state.set(State.NONE);
      } while (!waiting.isEmpty() && state.compareAndSet(State.NONE, State.RUNS));
      return false;
    }
  }

  /** Lets the thread end; every read has ended, and nobody is inside {@link #submit}. */
  void close() {
    closed = true;
    LockSupport.unpark(thread);
    if (eventFd >= 0) {
      Linux.close(eventFd);
    }
  }

  private void run() {
    awaitEnd(thread);
    thread = Thread.currentThread();
    try (Uring ring = rings.open(ENTRIES)) {
      if (eventFd < 0) {
        eventFd = Linux.eventfd();
      }
      if (eventFd < 0) {
        throw new IOException("eventfd: " + Errno.message(-eventFd));
      }
      listens = false;
      serve(ring);
    } catch (IOException | RuntimeException | Error none) {
      refuse(none);
    }
  }

  private void serve(Uring ring) {
    try {
      while (isNeeded()) {
        gather(ring);
        enter(ring);
        ring.answers(this::answered);
      }
    } catch (RuntimeException | Error bug) {
      // What the system still reads into is nobody else's until it has.
      while (ring.unanswered() > (listens ? 1 : 0)) {
        enter(ring);
        ring.answers(this::moved);
      }
      throw bug;
    }
  }

  /** The ring of the thread before may still listen, and take the word that is for this one. */
  private static void awaitEnd(@Nullable Thread before) {
    try {
      if (before != null) {
        before.join();
      }
    } catch (InterruptedException nobodyDoesThat) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits until there is something to read; false when there is nothing for long. */
  private boolean isNeeded() {
    long until = System.nanoTime() + idle.toNanos();
    while (waiting.isEmpty() && free.size() == IN_FLIGHT) {
      state.set(State.RESTS);
      // Looked at again behind that: who brought a read before saw the thread run.
      if (waiting.isEmpty()) {
        long left = until - System.nanoTime();
        if (!closed && left > 0) {
          LockSupport.parkNanos(this, left);
        } else if (state.compareAndSet(State.RESTS, State.NONE)) {
          return false;
        }
      }
      state.compareAndSet(State.RESTS, State.RUNS);
    }
    return true;
  }

  /** Writes the requests for which there is room. */
  private void gather(Uring ring) {
    if (!listens) {
      ring.read(eventFd, 0, WORDS.address(), 8, WORD);
      listens = true;
    }
    if (ring.handedAllOver()) {
      vectorsUsed = 0;
    }
    while (!again.isEmpty() && write(ring, again.element())) {
      again.remove();
    }
    for (StoreIo read = waiting.peek(); read != null && !free.isEmpty(); read = waiting.peek()) {
      int place = free.element();
      offsets[place] = read.offsetBytes();
      boolean written = false;
      try {
        reads[place] = read;
        written = write(ring, place);
      } finally {
        if (!written) {
          reads[place] = null;
        }
      }
      if (!written) {
        return;
      }
      free.remove();
      waiting.remove();
    }
  }

  private void enter(Uring ring) {
    state.set(State.INSIDE);
    boolean more = !waiting.isEmpty() && !free.isEmpty();
    int result = ring.enter(!more);
    state.compareAndSet(State.INSIDE, State.RUNS);
    if (result < 0 && result != -Errno.EINTR) {
      // No memory for it now, or a bug; what is in flight has to be waited for in any case.
      LOG.warn("{}: io_uring_enter: {}", file.path(), Errno.message(-result));
      LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
    }
  }

  /** Writes what is left of a read; false when there is no room for its vectors. */
  private boolean write(Uring ring, int place) {
    StoreIo read = at(place);
    if (read.bufferCount() == 1) {
      long address = Transfers.address(read.buffers()[0]);
      int bytes = read.buffers()[0].remaining();
      ring.read(file.descriptor(), offsets[place], address, bytes, place);
      return true;
    }
    if (vectorsUsed + read.bufferCount() > Scratch.MAX_VECTORS) {
      return false;
    }
    MemorySegment own = vectors.asSlice((long) vectorsUsed * Scratch.VECTOR_BYTES);
    Transfers.vectors(own, read.buffers(), 0, read.bufferCount());
    vectorsUsed += read.bufferCount();
    ring.readVectors(file.descriptor(), offsets[place], own.address(), read.bufferCount(), place);
    return true;
  }

  private void answered(long tag, int result) {
    moved(tag, result);
    if (tag == WORD) {
      return;
    }
    int place = (int) tag;
    StoreIo read = at(place);
    if (result > 0 && offsets[place] == read.offsetBytes() + read.lengthBytes()) {
      end(place, null);
    } else if (result > 0 || result == -Errno.EAGAIN || result == -Errno.EINTR) {
      again.add(place);
    } else {
      end(place, file.readFailure(-result, offsets[place]));
    }
  }

  /** Takes over what has been read. */
  private void moved(long tag, int result) {
    if (tag == WORD) {
      listens = false;
    } else if (result > 0) {
      int place = (int) tag;
      Buffers.advance(at(place).buffers(), 0, result);
      offsets[place] += result;
    }
  }

  private StoreIo at(int place) {
    StoreIo read = reads[place];
    if (read == null) {
      throw new IllegalStateException("no read in place " + place);
    }
    return read;
  }

  private void end(int place, @Nullable IOException failure) {
    StoreIo read = at(place);
    reads[place] = null;
    free.add(place);
    complete(read, failure);
  }

  private void complete(StoreIo read, @Nullable Throwable failure) {
    file.leave();
    try {
      if (failure == null) {
        read.complete();
      } else {
        read.fail(failure);
      }
    } catch (RuntimeException | Error bug) {
      // Others wait for this thread.
      LOG.error("who asked for a read of {} fails to hear of its end", file.path(), bug);
    }
  }

  /** Does what was taken, one after the other, and takes no more. */
  private void refuse(Throwable none) {
    if (none instanceof IOException) {
      LOG.info("{}: reads that wait take a thread each: {}", file.path(), none.getMessage());
    } else {
      LOG.error("{}: reads that wait take a thread each from now on", file.path(), none);
    }
    state.set(State.REFUSES);
    for (int place = 0; place < IN_FLIGHT; place++) {
      StoreIo begun = reads[place];
      if (begun != null) {
        reads[place] = null;
        complete(begun, rest(begun, offsets[place]));
      }
    }
    for (StoreIo read = waiting.poll(); read != null; read = waiting.poll()) {
      complete(read, rest(read, -1));
    }
  }

  /** Reads what is left from an offset on, -1 for the first; why that has failed, or null. */
  private @Nullable Throwable rest(StoreIo read, long offset) {
    try {
      long from = offset < 0 ? read.offsetBytes() : offset;
      file.read(from, read.buffers(), read.bufferCount());
      return null;
    } catch (IOException | RuntimeException | Error failure) {
      return failure;
    }
  }
}
