// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Reads a file from its begin to its end in small pieces, and asks for large ones. */
final class ReadAhead {
  private static final int WINDOW_BYTES = 1 << 18;

  private final Disk disk;
  private final ByteBuffer window = ByteBuffer.allocate(WINDOW_BYTES).limit(0);
  private long windowOffset;

  ReadAhead(Disk disk) {
    this.disk = disk;
  }

  /** As {@link Disk#read}. */
  int read(long offsetBytes, ByteBuffer target) throws IOException {
    if (target.remaining() > WINDOW_BYTES) {
      return disk.read(offsetBytes, target);
    }
    if (offsetBytes < windowOffset
        || offsetBytes + target.remaining() > windowOffset + window.limit()) {
      windowOffset = offsetBytes;
      window.limit(disk.read(offsetBytes, window.clear()));
    }
    int from = (int) (offsetBytes - windowOffset);
    int bytes = Math.min(target.remaining(), window.limit() - from);
    target.put(target.position(), window, from, bytes);
    return bytes;
  }
}
