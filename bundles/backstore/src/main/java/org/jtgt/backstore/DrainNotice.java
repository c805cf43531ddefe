// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Capability: the store holds I/Os back on purpose (a limit, an injected delay) and lets them go
 * when its user waits for them to end, in order to leave it.
 *
 * @since 1.1
 */
@ConsumerType
public interface DrainNotice {
  /**
   * A user of the store submits nothing more and waits for what is in flight. From here on nothing
   * is held back, until the notice is closed. Returns at once; any thread.
   */
  Notice draining();

  /** Lasts until it is closed. */
  @ConsumerType
  @FunctionalInterface
  interface Notice extends AutoCloseable {
    @Override
    void close();
  }
}
