// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import java.nio.ByteBuffer;

/** The buffers of one I/O, as far as a system call takes them. */
final class Buffers {
  private Buffers() {}

  /** Whether one call can take all of them. */
  static boolean oneCall(ByteBuffer[] targets, int count) {
    return count > 0 && targets[0].isDirect() && directRun(targets, 0, count) == count;
  }

  /** How many buffers from {@code first} on one call can take. */
  static int directRun(ByteBuffer[] buffers, int first, int count) {
    int run = 1;
    while (first + run < count && run < Scratch.MAX_VECTORS && buffers[first + run].isDirect()) {
      run++;
    }
    return run;
  }

  /** Bytes that remain in the first {@code count}. */
  static long remaining(ByteBuffer[] buffers, int count) {
    long bytes = 0;
    for (int i = 0; i < count; i++) {
      bytes += buffers[i].remaining();
    }
    return bytes;
  }

  /** Moves positions past bytes that were transferred, from buffer {@code first} on. */
  static void advance(ByteBuffer[] buffers, int first, long bytes) {
    long left = bytes;
    for (int i = first; left > 0; i++) {
      int part = (int) Math.min(left, buffers[i].remaining());
      buffers[i].position(buffers[i].position() + part);
      left -= part;
    }
  }
}
