// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.time.Duration;

/** Time as the engine sees it, so that tests need not wait for it. */
public interface EngineClock {
  /** As {@link System#nanoTime()}. */
  long nanoTime();

  /** Runs something once, on a thread of the clock's, not before {@code delay} is over. */
  void after(Duration delay, Runnable action);
}
