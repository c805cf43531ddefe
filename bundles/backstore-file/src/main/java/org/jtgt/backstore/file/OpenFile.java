// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jtgt.backstore.AllocationMap.Extent;
import org.jtgt.backstore.StoreIo;

/**
 * A regular file or block device that is open and locked. Every method may be called by any thread;
 * after {@link #close} they fail with {@link org.jtgt.backstore.BackstoreException.Kind#GONE}.
 */
sealed interface OpenFile extends AutoCloseable permits LinuxFile, ChannelFile {
  /** What was found when the file was opened. */
  FileFacts facts();

  /** Fills the buffers from an offset on; the end of the file before that is a media error. */
  void read(long offsetBytes, ByteBuffer[] targets, int count) throws IOException;

  /**
   * Fills the buffers if all of it is in memory already.
   *
   * @return false when it is not, or is thought not to be, or the system cannot tell; positions
   *     have not moved
   */
  default boolean readCached(long offsetBytes, ByteBuffer[] targets, int count) {
    return false;
  }

  /**
   * Begins a read that has to wait, and completes it from another thread.
   *
   * @return false when it was not begun
   */
  default boolean beginRead(StoreIo read) {
    return false;
  }

  /**
   * Stores what remains in the buffers.
   *
   * @param stable whether it must be on stable storage on return
   */
  void write(long offsetBytes, ByteBuffer[] sources, int count, boolean stable) throws IOException;

  /** Brings every completed write to stable storage. */
  void sync() throws IOException;

  /**
   * Asked after a stable write that found no space: whether it was merely not taken, and everything
   * else that was written is still kept, on stable storage now.
   *
   * @return false also when that cannot be told
   */
  default boolean lostNothing() throws IOException {
    return false;
  }

  /**
   * Makes a range read as zeros and gives up its space.
   *
   * @return false when the system cannot, and nothing has changed
   */
  boolean punchHole(long offsetBytes, long lengthBytes) throws IOException;

  /**
   * Makes a range read as zeros and keeps its space, without sending zeros.
   *
   * @return false when the system cannot, and nothing has changed
   */
  boolean zeroRange(long offsetBytes, long lengthBytes) throws IOException;

  /** The extent at an offset, which ends at {@code endBytes} at the latest. */
  Extent extentAt(long offsetBytes, long endBytes) throws IOException;

  /** Bytes that the file holds on its file system. */
  long allocatedBytes() throws IOException;

  /** Ends it: waits a while for calls that run, then releases lock and descriptor. */
  @Override
  void close();
}
