// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Set;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The pages that are not in memory. It has no name and nobody finds it after the process has ended:
 * the map, from which the pages come, has all of it. It is made when a page has to leave.
 */
final class PageFile implements Closeable {
  private final Folder folder;
  private final BitSet taken = new BitSet();
  private @Nullable Disk disk;
  private boolean closed;

  PageFile(Folder folder) {
    this.folder = folder;
  }

  private synchronized Disk disk() throws IOException {
    if (closed) {
      throw new IOException("the overlay has been closed");
    }
    Disk present = disk;
    if (present == null) {
      present = folder.scratch();
      disk = present;
    }
    return present;
  }

  /** Gives a page its place in the file, where it has none. */
  synchronized void place(Page page) {
    if (page.slot() < 0) {
      int free = taken.nextClearBit(0);
      taken.set(free);
      page.slot(free);
    }
  }

  /** The places of all others are free. */
  synchronized void retain(Set<Page> pages) {
    taken.clear();
    for (Page page : pages) {
      if (page.slot() >= 0) {
        taken.set(page.slot());
      }
    }
  }

  /**
   * Stores a page.
   *
   * @return what {@link #read} needs to know it again
   */
  int write(int slot, long[] entries) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Page.BYTES);
    bytes.asLongBuffer().put(entries);
    disk().write((long) slot * Page.BYTES, bytes);
    return checksum(bytes);
  }

  long[] read(int slot, int checksum) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Page.BYTES);
    if (disk().read((long) slot * Page.BYTES, bytes) < Page.BYTES || checksum(bytes) != checksum) {
      throw new IOException("a page of the overlay's map is not in its file as it was stored");
    }
    long[] entries = new long[Page.ENTRIES];
    bytes.asLongBuffer().get(entries);
    return entries;
  }

  private static int checksum(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.duplicate());
    return (int) crc.getValue();
  }

  @Override
  public synchronized void close() throws IOException {
    closed = true;
    Disk present = disk;
    if (present != null) {
      present.close();
    }
  }
}
