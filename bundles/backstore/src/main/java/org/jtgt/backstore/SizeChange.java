// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore;

import java.util.function.LongConsumer;
import org.osgi.annotation.versioning.ConsumerType;

/** Capability: the store can change its size while it is in use. */
@ConsumerType
public interface SizeChange {
  /**
   * Registers for size changes. The listener gets the new size in bytes after {@link
   * Backstore#sizeBytes()} returns it; it is quick and may be called by any thread. When the size
   * shrinks, I/O in flight beyond it fails.
   *
   * @return ends the registration when closed
   */
  Registration onSizeChange(LongConsumer listener);

  /** A registration that can be ended. */
  @ConsumerType
  @FunctionalInterface
  interface Registration extends AutoCloseable {
    @Override
    void close();
  }
}
