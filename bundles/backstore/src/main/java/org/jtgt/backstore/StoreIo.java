// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore;

import java.nio.ByteBuffer;
import org.osgi.annotation.versioning.ProviderType;

/**
 * One I/O in flight: what to do, on which bytes, and where to report. The engine implements it and
 * may reuse the object, so a store keeps no reference to it after {@link #complete()} or {@link
 * #fail}.
 */
@ProviderType
public interface StoreIo {
  /** What a store can be asked to do. */
  enum Operation {
    /** Fill every buffer completely. */
    READ,
    /** Store what remains in every buffer. */
    WRITE,
    /**
     * Make every write that completed before this I/O was submitted stable. The range is the whole
     * store.
     */
    FLUSH,
    /**
     * Release the range's space where granularity allows; all of the range reads as zeros
     * afterwards.
     */
    UNMAP,
    /** Make the range read as zeros. */
    WRITE_ZEROES
  }

  /** What to do. */
  Operation operation();

  /** First byte. */
  long offsetBytes();

  /** Number of bytes; for READ and WRITE the sum of what remains in the buffers. */
  long lengthBytes();

  /**
   * The buffers of a READ or WRITE, in order, each with its position and limit around the bytes
   * concerned; only the first {@link #bufferCount()} elements count. The store may move their
   * positions. Direct buffers, unless a test says otherwise.
   */
  ByteBuffer[] buffers();

  /** Number of elements of {@link #buffers()} in use; 0 for operations without data. */
  int bufferCount();

  /**
   * Whether a WRITE, UNMAP or WRITE_ZEROES must be stable when it completes (SBC-4 FUA, or the
   * write cache is off).
   */
  boolean forceUnitAccess();

  /**
   * Whether WRITE_ZEROES may release the space instead of storing zeros (SBC-4 5.52, UNMAP bit of
   * WRITE SAME).
   */
  boolean mayUnmap();

  /** Reports success; the operation took effect as a whole. */
  void complete();

  /**
   * Reports failure. A {@link BackstoreException} tells its kind; any other exception is an
   * unclassified failure, answered as HARDWARE ERROR. A failed write may have stored any part of
   * its range.
   */
  void fail(Throwable cause);
}
