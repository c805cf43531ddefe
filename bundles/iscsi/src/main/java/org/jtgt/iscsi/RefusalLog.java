// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * One line for each thing a peer does wrong, but at most {@value #LINES} in {@value #SECONDS}
 * seconds: a broken initiator must not fill the log. Any thread.
 */
final class RefusalLog {
  static final int LINES = 20;
  static final int SECONDS = 10;

  private final Logger log;
  private final LongSupplier nanoTime;
  private long windowStart;
  private int lines;
  private long suppressed;

  RefusalLog(Logger log, LongSupplier nanoTime) {
    this.log = log;
    this.nanoTime = nanoTime;
    this.windowStart = nanoTime.getAsLong();
  }

  synchronized void refused(String peer, String reason) {
    long now = nanoTime.getAsLong();
    if (now - windowStart > SECONDS * 1_000_000_000L) {
      if (suppressed > 0) {
        log.warn("{} more refusals in the last seconds", suppressed);
      }
      windowStart = now;
      lines = 0;
      suppressed = 0;
    }
    if (lines < LINES) {
      lines++;
      log.warn("iSCSI initiator at {}: {}", peer, reason);
    } else {
      suppressed++;
    }
  }
}
