// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.VarHandle;

/**
 * Each thread's scratch memory for errno, vectors and small structures. What a thread keeps is of
 * the JDK's classes alone: threads outlive this bundle, and must not keep its class loader.
 */
final class Scratch {
  /** Where calls leave errno. */
  static final int STATE = 0;

  /** Small structures. */
  static final int SMALL = 1;

  /** An array of struct iovec. */
  static final int VECTORS = 2;

  /** Vectors that one call takes at most; IOV_MAX is 1024, more per call gains nothing. */
  static final int MAX_VECTORS = 256;

  /** Size of a struct iovec: an address and a length. */
  static final int VECTOR_BYTES = 16;

  private static final StructLayout LAYOUT = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      LAYOUT.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final ThreadLocal<MemorySegment[]> OF_THREAD =
      ThreadLocal.withInitial(Scratch::allocate);

  private Scratch() {}

  private static MemorySegment[] allocate() {
    Arena arena = Arena.ofAuto();
    return new MemorySegment[] {
      arena.allocate(LAYOUT),
      arena.allocate(256, 8),
      arena.allocate((long) MAX_VECTORS * VECTOR_BYTES, 8)
    };
  }

  /** The calling thread's. */
  static MemorySegment[] get() {
    return OF_THREAD.get();
  }

  /** What the last call of the thread left. */
  static int errno(MemorySegment[] scratch) {
    return (int) ERRNO.get(scratch[STATE], 0L);
  }
}
