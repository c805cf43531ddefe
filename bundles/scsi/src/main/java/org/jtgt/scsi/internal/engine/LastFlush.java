// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.StoreRequest;

/** The flush that a store gets before it is let go; no command asked for it. */
final class LastFlush extends StoreRequest {
  private final CompletableFuture<Void> done = new CompletableFuture<>();
  private volatile boolean tooLate;

  private LastFlush() {
    super(Operation.FLUSH, 0, 0, false, false);
  }

  /**
   * Flushes a store and waits for it; the calling thread may wait.
   *
   * @param by runs the call, which may wait in a store that blocks
   * @return false when it has not ended in time
   * @throws IOException when the flush failed
   */
  static boolean of(Backstore store, Duration limit, Executor by) throws IOException {
    if (store.readOnly() || !store.volatileCache()) {
      return true;
    }
    LastFlush flush = new LastFlush();
    by.execute(() -> flush.submitTo(store));
    try {
      flush.done.get(limit.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (ExecutionException failure) {
      Throwable cause = Objects.requireNonNull(failure.getCause());
      throw new IOException(cause.toString(), cause);
    } catch (TimeoutException late) {
      flush.tooLate = true;
      return false;
    } catch (InterruptedException end) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", end);
    }
  }

  private void submitTo(Backstore store) {
    if (tooLate) {
      return;
    }
    try {
      store.submit(this);
    } catch (RuntimeException bug) {
      fail(bug);
    }
  }

  @Override
  public void complete() {
    done.complete(null);
  }

  @Override
  public void fail(Throwable cause) {
    done.completeExceptionally(cause);
  }
}
