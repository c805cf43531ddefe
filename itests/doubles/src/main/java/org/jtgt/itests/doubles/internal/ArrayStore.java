// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.doubles.internal;

import java.nio.ByteBuffer;
import java.util.UUID;
import org.jtgt.backstore.BlockingBackstore;
import org.jtgt.backstore.ByteSize;

/** A store that is right and boring: an array. The doubles put their behaviour in front of it. */
abstract class ArrayStore implements BlockingBackstore {
  private static final long MOST_BYTES = 256L << 20;

  private final String identity = "double-" + UUID.randomUUID();
  private final byte[] bytes;

  ArrayStore(String size) {
    bytes = new byte[(int) checked(size)];
  }

  static long checked(String size) {
    long bytes = ByteSize.parseStoreSize("size", size);
    if (bytes > MOST_BYTES) {
      throw new IllegalArgumentException("size: '" + size + "' is more than 256M");
    }
    return bytes;
  }

  @Override
  public String identity() {
    return identity;
  }

  @Override
  public boolean outlivesProcess() {
    return false;
  }

  @Override
  public long sizeBytes() {
    return bytes.length;
  }

  @Override
  public int unmapGranularityBytes() {
    return blockBytes();
  }

  @Override
  public synchronized void read(long offsetBytes, ByteBuffer target) {
    target.put(bytes, (int) offsetBytes, target.remaining());
  }

  @Override
  public synchronized void write(long offsetBytes, ByteBuffer source) {
    source.get(bytes, (int) offsetBytes, source.remaining());
  }

  @Override
  public void flush() {}
}
