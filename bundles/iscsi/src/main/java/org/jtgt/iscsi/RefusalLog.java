// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * One line for each thing a peer does wrong, or brings about, but at most {@value #LINES} in
 * {@value #SECONDS} seconds: a broken initiator must not fill the log. Any thread.
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

  void refused(String peer, String reason) {
    if (mayTell()) {
      log.warn("iSCSI initiator at {}: {}", peer, reason);
    }
  }

  /** An event that initiators bring about as often as they like. */
  void event(String message) {
    if (mayTell()) {
      log.info("{}", message);
    }
  }

  private synchronized boolean mayTell() {
    long now = nanoTime.getAsLong();
    if (now - windowStart > SECONDS * 1_000_000_000L) {
      if (suppressed > 0) {
        log.warn("{} more lines of that kind in the last seconds", suppressed);
      }
      windowStart = now;
      lines = 0;
      suppressed = 0;
    }
    if (lines < LINES) {
      lines++;
      return true;
    }
    suppressed++;
    return false;
  }
}
