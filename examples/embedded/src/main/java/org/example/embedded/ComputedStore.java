// SPDX-License-Identifier: Apache-2.0
package org.example.embedded;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BackstoreException.Kind;
import org.jtgt.backstore.BlockingBackstore;

/**
 * A read-only disk that is a function of the program: a lambda that fills a buffer.
 *
 * @param identity the same for the same content
 * @param sizeBytes a multiple of 512
 * @param content what it holds
 */
public record ComputedStore(String identity, long sizeBytes, Content content)
    implements BlockingBackstore {
  /** What the disk holds. */
  @FunctionalInterface
  public interface Content {
    /** Fills a buffer with the bytes at an offset. Any thread, several at once; it may wait. */
    void fill(long offsetBytes, ByteBuffer target) throws IOException;
  }

  @Override
  public boolean readOnly() {
    return true;
  }

  @Override
  public void read(long offsetBytes, ByteBuffer target) throws IOException {
    content.fill(offsetBytes, target);
  }

  @Override
  public void write(long offsetBytes, ByteBuffer source) throws IOException {
    throw BackstoreException.of(Kind.WRITE_PROTECTED, "a computed disk is not written");
  }

  @Override
  public void flush() {}
}
