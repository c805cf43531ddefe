// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file of the overlay, as far as it needs one; so that a test sees every write and its order. */
interface Disk extends Closeable {
  /** Fills a buffer as far as the file goes; the position stays. */
  int read(long offsetBytes, ByteBuffer target) throws IOException;

  /** Stores what remains in a buffer. */
  void write(long offsetBytes, ByteBuffer source) throws IOException;

  /** Makes what was written stable. */
  void force() throws IOException;

  long sizeBytes() throws IOException;

  /** Opens a file, and locks it for this process alone. */
  static Disk open(Path path) throws IOException {
    FileChannel channel =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    if (channel.tryLock() == null) {
      channel.close();
      throw new IOException("path: %s is in use by another process".formatted(path));
    }
    return new Disk() {
      @Override
      public int read(long offsetBytes, ByteBuffer target) throws IOException {
        ByteBuffer into = target.duplicate();
        int first = into.position();
        while (into.hasRemaining()) {
          if (channel.read(into, offsetBytes + into.position() - first) < 0) {
            break;
          }
        }
        return into.position() - first;
      }

      @Override
      public void write(long offsetBytes, ByteBuffer source) throws IOException {
        ByteBuffer from = source.duplicate();
        int first = from.position();
        while (from.hasRemaining()) {
          channel.write(from, offsetBytes + from.position() - first);
        }
      }

      @Override
      public void force() throws IOException {
        channel.force(false);
      }

      @Override
      public long sizeBytes() throws IOException {
        return channel.size();
      }

      @Override
      public void close() throws IOException {
        channel.close();
      }
    };
  }
}
