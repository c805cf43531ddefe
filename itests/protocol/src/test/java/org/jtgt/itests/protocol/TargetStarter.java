// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.protocol;

/**
 * Starts a target for a whole run of this module. An implementation is named in {@code
 * META-INF/services/org.jtgt.itests.protocol.TargetStarter}; it is used when the system property
 * {@code jtgt.test.portal} is absent.
 */
public interface TargetStarter extends AutoCloseable {

  /**
   * Starts a target without authentication with two writable disks of 512-byte blocks, each 64 MiB
   * or more, as LUN 0 and LUN 1, and returns when it accepts logins.
   */
  TestedTarget start() throws Exception;

  /** Ends what {@link #start} started. */
  @Override
  void close() throws Exception;
}
