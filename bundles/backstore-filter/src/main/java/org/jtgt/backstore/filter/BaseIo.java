// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.filter;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.StoreRequest;

/**
 * An I/O of a filter's own on the store below, done when the call returns. For filters that may
 * wait (see {@link Backstore.Completion#BLOCKING}).
 */
public final class BaseIo extends StoreRequest {
  private final CountDownLatch done = new CountDownLatch(1);
  private volatile @Nullable Throwable failure;

  private BaseIo(Operation operation, long offsetBytes, boolean stable, ByteBuffer buffer) {
    super(operation, offsetBytes, stable, buffer.duplicate());
  }

  private BaseIo(
      Operation operation, long offsetBytes, long lengthBytes, boolean stable, boolean mayUnmap) {
    super(operation, offsetBytes, lengthBytes, stable, mayUnmap);
  }

  /** Fills what remains in a buffer, whose position stays. */
  public static void read(Backstore store, long offsetBytes, ByteBuffer target) throws IOException {
    new BaseIo(Operation.READ, offsetBytes, false, target).run(store);
  }

  /** Stores what remains in a buffer, whose position stays. */
  public static void write(Backstore store, long offsetBytes, ByteBuffer source, boolean stable)
      throws IOException {
    new BaseIo(Operation.WRITE, offsetBytes, stable, source).run(store);
  }

  /** Makes what was written stable; nothing to do where every write is. */
  public static void flush(Backstore store) throws IOException {
    if (store.volatileCache()) {
      new BaseIo(Operation.FLUSH, 0, 0, false, false).run(store);
    }
  }

  /** Gives the space of a range up where the store can; it reads as zeros in any case. */
  public static void zero(
      Backstore store, long offsetBytes, long lengthBytes, boolean mayUnmap, boolean stable)
      throws IOException {
    Operation operation =
        mayUnmap && store.unmapGranularityBytes() > 0 ? Operation.UNMAP : Operation.WRITE_ZEROES;
    new BaseIo(operation, offsetBytes, lengthBytes, stable, mayUnmap).run(store);
  }

  private void run(Backstore store) throws IOException {
    store.submit(this);
    boolean interrupted = false;
    while (true) {
      try {
        done.await();
        break;
      } catch (InterruptedException later) {
        // The buffers belong to the store until it answers.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    switch (failure) {
      case null -> {}
      case IOException known -> throw known;
      case Throwable other -> throw new IOException(other.toString(), other);
    }
  }

  @Override
  public void complete() {
    done.countDown();
  }

  @Override
  public void fail(Throwable cause) {
    failure = cause;
    done.countDown();
  }
}
