// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A store whose I/O happens in the call: the short way to write one. Five methods are enough:
 * {@link #identity()}, {@link #sizeBytes()}, {@link #read}, {@link #write} and {@link #flush}.
 *
 * <p>A store that never waits overrides {@link #completion()} with {@link
 * Backstore.Completion#INLINE}.
 *
 * <p>Thread rules: several threads call at once; a calling thread is never interrupted by jtgt.
 */
@ConsumerType
public interface BlockingBackstore extends Backstore {
  /**
   * Fills {@code target} with the bytes at {@code offsetBytes}.
   *
   * @throws BackstoreException with its kind, where the cause is known
   * @throws IOException for any other failure
   */
  void read(long offsetBytes, ByteBuffer target) throws IOException;

  /**
   * Stores all that remains in {@code source} at {@code offsetBytes}.
   *
   * @throws BackstoreException with its kind, where the cause is known
   * @throws IOException for any other failure
   */
  void write(long offsetBytes, ByteBuffer source) throws IOException;

  /**
   * Makes every completed write stable.
   *
   * @throws IOException when any of them may be lost
   */
  void flush() throws IOException;

  /**
   * Releases the space of a range; it reads as zeros afterwards. Called only when {@link
   * #unmapGranularityBytes()} is not 0; parts of the range smaller than the granularity must read
   * as zeros too.
   *
   * @throws IOException when the range may still read as before
   */
  default void unmap(long offsetBytes, long lengthBytes) throws IOException {
    writeZeroes(offsetBytes, lengthBytes, true);
  }

  /**
   * Makes a range read as zeros. The default writes zeros; a store that can do better overrides it.
   *
   * @throws IOException when the range may still read as before
   */
  default void writeZeroes(long offsetBytes, long lengthBytes, boolean mayUnmap)
      throws IOException {
    ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(lengthBytes, 1 << 18));
    for (long done = 0; done < lengthBytes; ) {
      zeros.clear().limit((int) Math.min(zeros.capacity(), lengthBytes - done));
      int chunk = zeros.remaining();
      write(offsetBytes + done, zeros);
      done += chunk;
    }
  }

  @Override
  default Completion completion() {
    return Completion.BLOCKING;
  }

  @Override
  default void submit(StoreIo io) {
    try {
      switch (io.operation()) {
        case READ -> {
          long offset = io.offsetBytes();
          for (int i = 0; i < io.bufferCount(); i++) {
            ByteBuffer target = io.buffers()[i];
            int length = target.remaining();
            read(offset, target);
            offset += length;
          }
        }
        case WRITE -> {
          long offset = io.offsetBytes();
          for (int i = 0; i < io.bufferCount(); i++) {
            ByteBuffer source = io.buffers()[i];
            int length = source.remaining();
            write(offset, source);
            offset += length;
          }
        }
        case FLUSH -> flush();
        case UNMAP -> unmap(io.offsetBytes(), io.lengthBytes());
        case WRITE_ZEROES -> writeZeroes(io.offsetBytes(), io.lengthBytes(), io.mayUnmap());
      }
      if (io.forceUnitAccess() && volatileCache()) {
        flush();
      }
    } catch (IOException | RuntimeException | OutOfMemoryError failure) {
      io.fail(failure);
      return;
    }
    io.complete();
  }
}
