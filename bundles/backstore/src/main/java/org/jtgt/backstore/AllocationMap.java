// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore;

import java.io.IOException;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Capability: tells which bytes hold space (SBC-4 5.9, GET LBA STATUS). Called on threads that may
 * wait.
 */
@ConsumerType
public interface AllocationMap {
  /**
   * The extent that begins at an offset: as long as its state stays the same, or as long as the
   * store cares to look.
   *
   * @param offsetBytes a multiple of the store's block size, below its size
   * @throws IOException when the state cannot be read
   */
  Extent extentAt(long offsetBytes) throws IOException;

  /**
   * Bytes of one state.
   *
   * @param lengthBytes number of bytes, at least one block
   * @param mapped whether they hold space; when not, they read as zeros
   */
  record Extent(long lengthBytes, boolean mapped) {}
}
