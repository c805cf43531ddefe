// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A file of the overlay, as far as it needs one; so that a test sees every write and its order. */
interface Disk extends Closeable {
  /** Fills a buffer as far as the file goes; the position stays. */
  int read(long offsetBytes, ByteBuffer target) throws IOException;

  /** Stores what remains in a buffer, whose position stays. */
  void write(long offsetBytes, ByteBuffer source) throws IOException;

  /** Makes what was written stable. */
  void force() throws IOException;

  long sizeBytes() throws IOException;

  /** Gives up what lies behind so many bytes. */
  void truncate(long bytes) throws IOException;
}
