// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore;

import org.osgi.annotation.versioning.ConsumerType;

/** Capability: an I/O in flight can be ended early. */
@ConsumerType
public interface Cancellation {
  /**
   * Asks for an early end. The I/O is still completed exactly once: as done when it was too late,
   * or with a failure when it was not; after that completion the store touches neither its buffers
   * nor its range. Returns at once.
   */
  void cancel(StoreIo io);
}
