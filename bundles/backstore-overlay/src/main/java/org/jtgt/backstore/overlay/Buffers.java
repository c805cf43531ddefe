// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Buffers of one size, some of which are kept for the next who needs one. */
final class Buffers {
  private static final int MOST_SPARE = 16;

  private final ConcurrentLinkedQueue<ByteBuffer> spare = new ConcurrentLinkedQueue<>();
  private final int bytes;

  Buffers(int bytes) {
    this.bytes = bytes;
  }

  ByteBuffer take() {
    ByteBuffer found = spare.poll();
    return found != null ? found : ByteBuffer.allocateDirect(bytes);
  }

  void giveBack(ByteBuffer buffer) {
    if (spare.size() < MOST_SPARE) {
      spare.add(buffer);
    }
  }
}
