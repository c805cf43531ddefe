// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

/**
 * An event loop: one thread that owns connections, and with them their session. {@link #inLoop} and
 * {@link #execute} may be used by any thread, {@link #schedule} by the loop.
 */
public interface Loop {
  /** True on the thread of the loop. */
  boolean inLoop();

  /**
   * Runs something in the loop later.
   *
   * @throws java.util.concurrent.RejectedExecutionException when the loop has ended
   */
  void execute(Runnable action);

  /** Runs something in the loop after a time. */
  Wire.Timer schedule(Runnable action, long milliseconds);
}
