// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jtgt.backstore.AllocationMap;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BackstoreException.Kind;
import org.jtgt.backstore.BlockingBackstore;

/** A snapshot as a store: nothing of it ever changes, so reading takes no lock. */
final class SnapshotImage implements BlockingBackstore, AllocationMap, AutoCloseable {
  private final Images.Image image;
  private final Contents contents;
  private final String identity;
  private boolean closed;

  /**
   * @param image is in use by this, see {@link Images.Image#use}
   */
  SnapshotImage(Images.Image image, Contents contents, String identity) {
    this.image = image;
    this.contents = contents;
    this.identity = identity;
  }

  @Override
  public String identity() {
    return identity;
  }

  @Override
  public long sizeBytes() {
    return image.bytes();
  }

  @Override
  public int blockBytes() {
    return contents.base().blockBytes();
  }

  @Override
  public int physicalBlockBytes() {
    return Math.max(4096, contents.base().physicalBlockBytes());
  }

  @Override
  public boolean readOnly() {
    return true;
  }

  @Override
  public boolean volatileCache() {
    return false;
  }

  @Override
  public void read(long offsetBytes, ByteBuffer target) throws IOException {
    contents.each(
        offsetBytes,
        target,
        (cluster, from, part) -> contents.read(image.map().place(cluster), cluster, from, part));
  }

  @Override
  public Extent extentAt(long offsetBytes) throws IOException {
    return contents.extentAt(image.map(), image.bytes(), offsetBytes);
  }

  @Override
  public void write(long offsetBytes, ByteBuffer source) throws IOException {
    throw protectedFromWrites();
  }

  @Override
  public void writeZeroes(long offsetBytes, long lengthBytes, boolean mayUnmap) throws IOException {
    throw protectedFromWrites();
  }

  private BackstoreException protectedFromWrites() {
    return BackstoreException.of(
        Kind.WRITE_PROTECTED, "snapshot " + image.name() + " cannot be written to");
  }

  @Override
  public void flush() {}

  /** The snapshot is not in use any more. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      image.leave();
    }
  }
}
