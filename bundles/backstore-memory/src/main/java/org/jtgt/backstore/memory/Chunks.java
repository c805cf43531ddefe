// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.memory;

import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A sparse array of bytes outside the heap, in chunks that are taken on their first write and given
 * back when they are released.
 *
 * <p>Each chunk is copied under the lock of its stripe, so that no reader sees memory that has
 * moved to another place of the array.
 */
final class Chunks implements AutoCloseable {
  static final int CHUNK_BYTES = 1 << 16;
  private static final int TABLE_CHUNKS = 1 << 12;
  private static final int STRIPES = 256;
  private static final int SPARE_CHUNKS = 256;

  /** What is done with the part of a chunk that a range covers. */
  interface Visitor {
    /**
     * Visits one part.
     *
     * @param memory the chunk, or null where nothing was written
     * @param begin first byte in the chunk
     * @param doneBytes bytes of the range visited before
     */
    void visit(@Nullable ByteBuffer memory, int begin, int lengthBytes, long doneBytes);
  }

  private record Chunk(Arena arena, ByteBuffer memory) {}

  private final Object[] stripes = new Object[STRIPES];
  private final AtomicReferenceArray<@Nullable AtomicReferenceArray<@Nullable Chunk>> tables;
  private final AtomicLong allocated = new AtomicLong();
  private final ArrayDeque<Chunk> spare = new ArrayDeque<>();
  private final Queue<Chunk> surplus = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean freeing = new AtomicBoolean();

  /** An array without memory that can hold {@code limitBytes}. */
  Chunks(long limitBytes) {
    long tableBytes = (long) TABLE_CHUNKS * CHUNK_BYTES;
    tables = new AtomicReferenceArray<>(Math.toIntExact(Math.ceilDiv(limitBytes, tableBytes)));
    for (int i = 0; i < STRIPES; i++) {
      stripes[i] = new Object();
    }
  }

  /** Bytes held in chunks. */
  long allocatedBytes() {
    return allocated.get() * CHUNK_BYTES;
  }

  /**
   * Visits a range chunk by chunk, each under its lock.
   *
   * @param allocate whether chunks that are missing are taken first
   * @throws OutOfMemoryError when a chunk cannot be taken
   */
  void visit(long offsetBytes, long lengthBytes, boolean allocate, Visitor visitor) {
    for (long done = 0; done < lengthBytes; ) {
      long index = (offsetBytes + done) / CHUNK_BYTES;
      int begin = (int) ((offsetBytes + done) % CHUNK_BYTES);
      int part = (int) Math.min(CHUNK_BYTES - begin, lengthBytes - done);
      synchronized (stripe(index)) {
        Chunk chunk = get(index);
        if (chunk == null && allocate) {
          chunk = take();
          set(index, chunk);
        }
        visitor.visit(chunk == null ? null : chunk.memory(), begin, part, done);
      }
      done += part;
    }
  }

  /** Gives the chunks that lie wholly in the range back and clears the rest of the range. */
  void release(long offsetBytes, long lengthBytes) {
    for (long done = 0; done < lengthBytes; ) {
      long index = (offsetBytes + done) / CHUNK_BYTES;
      int begin = (int) ((offsetBytes + done) % CHUNK_BYTES);
      int part = (int) Math.min(CHUNK_BYTES - begin, lengthBytes - done);
      synchronized (stripe(index)) {
        Chunk chunk = get(index);
        if (chunk != null && part == CHUNK_BYTES) {
          set(index, null);
          giveBack(chunk);
        } else if (chunk != null) {
          clear(chunk.memory(), begin, part);
        }
      }
      done += part;
    }
  }

  /** Whether the chunk that holds an offset has memory. */
  boolean allocatedAt(long offsetBytes) {
    return get(offsetBytes / CHUNK_BYTES) != null;
  }

  /** Gives all memory back. Called when no range is visited any more. */
  @Override
  public void close() {
    for (int table = 0; table < tables.length(); table++) {
      for (int i = 0; tables.get(table) != null && i < TABLE_CHUNKS; i++) {
        long index = (long) table * TABLE_CHUNKS + i;
        synchronized (stripe(index)) {
          Chunk chunk = get(index);
          if (chunk != null) {
            set(index, null);
            allocated.decrementAndGet();
            surplus.add(chunk);
          }
        }
      }
    }
    synchronized (spare) {
      surplus.addAll(spare);
      spare.clear();
    }
    free();
  }

  static void clear(ByteBuffer memory, int begin, int lengthBytes) {
    for (int done = 0; done < lengthBytes; done += Zeros.BLOCK.capacity()) {
      int part = Math.min(Zeros.BLOCK.capacity(), lengthBytes - done);
      memory.put(begin + done, Zeros.BLOCK, 0, part);
    }
  }

  private Object stripe(long index) {
    return stripes[(int) (index % STRIPES)];
  }

  private @Nullable Chunk get(long index) {
    AtomicReferenceArray<@Nullable Chunk> table = tables.get((int) (index / TABLE_CHUNKS));
    return table == null ? null : table.get((int) (index % TABLE_CHUNKS));
  }

  private void set(long index, @Nullable Chunk chunk) {
    int at = (int) (index / TABLE_CHUNKS);
    if (tables.get(at) == null) {
      tables.compareAndSet(at, null, new AtomicReferenceArray<>(TABLE_CHUNKS));
    }
    AtomicReferenceArray<@Nullable Chunk> table = tables.get(at);
    if (table != null) {
      table.set((int) (index % TABLE_CHUNKS), chunk);
    }
  }

  private Chunk take() {
    Chunk chunk;
    synchronized (spare) {
      chunk = spare.poll();
    }
    if (chunk == null) {
      Arena arena = Arena.ofShared();
      chunk = new Chunk(arena, arena.allocate(CHUNK_BYTES).asByteBuffer());
    } else {
      clear(chunk.memory(), 0, CHUNK_BYTES);
    }
    allocated.incrementAndGet();
    return chunk;
  }

  private void giveBack(Chunk chunk) {
    allocated.decrementAndGet();
    synchronized (spare) {
      if (spare.size() < SPARE_CHUNKS) {
        spare.add(chunk);
        return;
      }
    }
    surplus.add(chunk);
    free();
  }

  /** Closing a shared arena stops every thread for a moment: not on a network thread. */
  private void free() {
    if (freeing.compareAndSet(false, true)) {
      Thread.ofVirtual().name("jtgt-memory-free").start(this::freeSurplus);
    }
  }

  private void freeSurplus() {
    do {
      for (Chunk chunk = surplus.poll(); chunk != null; chunk = surplus.poll()) {
        chunk.arena().close();
      }
      freeing.set(false);
    } while (!surplus.isEmpty() && freeing.compareAndSet(false, true));
  }

  /** Zeros to copy from. */
  static final class Zeros {
    static final ByteBuffer BLOCK = ByteBuffer.allocateDirect(1 << 14).asReadOnlyBuffer();

    private Zeros() {}
  }
}
