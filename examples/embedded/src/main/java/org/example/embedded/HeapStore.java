// SPDX-License-Identifier: Apache-2.0
package org.example.embedded;

import java.nio.ByteBuffer;
import org.jtgt.backstore.BlockingBackstore;

/** A disk in the memory of the program. */
public final class HeapStore implements BlockingBackstore {
  private final byte[] bytes;

  /** A disk of zeros. */
  public HeapStore(int bytes) {
    this.bytes = new byte[bytes];
  }

  @Override
  public String identity() {
    return "heap-" + System.identityHashCode(this);
  }

  @Override
  public boolean outlivesProcess() {
    return false;
  }

  @Override
  public long sizeBytes() {
    return bytes.length;
  }

  /** It never waits, so it is called on network threads. */
  @Override
  public Completion completion() {
    return Completion.INLINE;
  }

  @Override
  public void read(long offsetBytes, ByteBuffer target) {
    target.put(bytes, (int) offsetBytes, target.remaining());
  }

  @Override
  public void write(long offsetBytes, ByteBuffer source) {
    source.get(bytes, (int) offsetBytes, source.remaining());
  }

  /** What is lost with the program cannot be saved. */
  @Override
  public void flush() {}

  @Override
  public boolean volatileCache() {
    return false;
  }
}
