// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import org.jtgt.backstore.AllocationMap.Extent;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BackstoreException.Kind;

/**
 * A file on a system other than 64-bit Linux: plain I/O, no holes. FileChannel tells no errno, so a
 * failure stays unclassified.
 */
final class ChannelFile implements OpenFile {
  private final String path;
  private final FileChannel channel;
  private final FileFacts facts;

  /** Takes a channel over; its lock goes with it. */
  ChannelFile(String path, FileChannel channel, FileFacts facts) {
    this.path = path;
    this.channel = channel;
    this.facts = facts;
  }

  @Override
  public FileFacts facts() {
    return facts;
  }

  @Override
  public void read(long offsetBytes, ByteBuffer[] targets, int count) throws IOException {
    long offset = offsetBytes;
    for (int i = 0; i < count; i++) {
      while (targets[i].hasRemaining()) {
        int bytes;
        try {
          bytes = channel.read(targets[i], offset);
        } catch (ClosedChannelException closed) {
          throw closed(closed);
        }
        if (bytes < 0) {
          throw Failures.truncated(path, offset);
        }
        offset += bytes;
      }
    }
  }

  @Override
  public void write(long offsetBytes, ByteBuffer[] sources, int count, boolean stable)
      throws IOException {
    long offset = offsetBytes;
    try {
      for (int i = 0; i < count; i++) {
        while (sources[i].hasRemaining()) {
          offset += channel.write(sources[i], offset);
        }
      }
      if (stable) {
        channel.force(false);
      }
    } catch (ClosedChannelException closed) {
      throw closed(closed);
    }
  }

  @Override
  public void sync() throws IOException {
    try {
      channel.force(false);
      if (channel.size() < facts.sizeBytes()) {
        throw Failures.truncated(path, channel.size());
      }
    } catch (ClosedChannelException closed) {
      throw closed(closed);
    }
  }

  @Override
  public boolean punchHole(long offsetBytes, long lengthBytes) {
    return false;
  }

  @Override
  public boolean zeroRange(long offsetBytes, long lengthBytes) {
    return false;
  }

  @Override
  public Extent extentAt(long offsetBytes, long endBytes) {
    return new Extent(endBytes - offsetBytes, true);
  }

  @Override
  public long allocatedBytes() throws IOException {
    return channel.size();
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException lost) {
      // Nothing is buffered in the channel, so nothing is lost that a flush had promised.
    }
  }

  private BackstoreException closed(ClosedChannelException cause) {
    return BackstoreException.of(Kind.GONE, path + " has been closed", cause);
  }
}
