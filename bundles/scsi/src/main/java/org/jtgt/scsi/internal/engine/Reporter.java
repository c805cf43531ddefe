// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.StoreIo;
import org.jtgt.scsi.device.Command;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the operator of failures: one line each, a flood of them thinned out. */
final class Reporter {
  private static final Logger LOG = LoggerFactory.getLogger("org.jtgt.scsi");
  private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final EngineClock clock;
  private final AtomicLong lastLine = new AtomicLong(Long.MIN_VALUE);
  private final AtomicLong swallowed = new AtomicLong();

  Reporter(EngineClock clock) {
    this.clock = clock;
  }

  /** A store I/O failed. */
  void storeFailed(String unit, String store, StoreIo io, Throwable cause) {
    if (mayWrite()) {
      LOG.warn(
          "logical unit {}: {} of {} bytes at offset {} of store {} failed: {}{}",
          unit,
          io.operation(),
          io.lengthBytes(),
          io.offsetBytes(),
          store,
          cause,
          andSwallowed());
    }
  }

  /** Something went wrong that nobody thought of. */
  void bug(@Nullable LogicalUnit unit, EngineTask task, Throwable bug) {
    if (mayWrite()) {
      Command command = task.commandOrNull();
      LOG.error(
          "logical unit {}: {} failed by a bug{}",
          unit == null ? "?" : unit.name(),
          command == null ? "a command" : command.name(),
          andSwallowed(),
          bug);
    }
  }

  /** The transport failed at an answer. */
  void bug(LogicalUnit unit, Throwable bug) {
    if (mayWrite()) {
      LOG.error(
          "logical unit {}: an answer failed in the transport{}", unit.name(), andSwallowed(), bug);
    }
  }

  /** Something failed that an initiator can bring about as often as it likes. */
  void failed(String unit, String what, Throwable cause) {
    if (mayWrite()) {
      LOG.warn("logical unit {}: {}: {}{}", unit, what, cause.toString(), andSwallowed());
    }
  }

  void info(String format, Object... values) {
    LOG.info(format, values);
  }

  void warn(String format, Object... values) {
    LOG.warn(format, values);
  }

  private boolean mayWrite() {
    long now = clock.nanoTime();
    long last = lastLine.get();
    if ((last == Long.MIN_VALUE || now - last >= PAUSE_NANOS)
        && lastLine.compareAndSet(last, now)) {
      return true;
    }
    swallowed.incrementAndGet();
    return false;
  }

  private String andSwallowed() {
    long count = swallowed.getAndSet(0);
    return count == 0 ? "" : " (and " + count + " failures before)";
  }
}
