// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.filter;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.StoreIo;

/**
 * An I/O of a filter's own on the store below, done when the call returns. For filters that may
 * wait (see {@link Backstore.Completion#BLOCKING}).
 */
public final class BaseIo implements StoreIo {
  private static final ByteBuffer[] NO_BUFFERS = {};

  private final Operation operation;
  private final long offsetBytes;
  private final long lengthBytes;
  private final ByteBuffer[] buffers;
  private final boolean forceUnitAccess;
  private final boolean mayUnmap;
  private final CountDownLatch done = new CountDownLatch(1);
  private volatile @Nullable Throwable failure;

  private BaseIo(
      Operation operation,
      long offsetBytes,
      long lengthBytes,
      ByteBuffer[] buffers,
      boolean forceUnitAccess,
      boolean mayUnmap) {
    this.operation = operation;
    this.offsetBytes = offsetBytes;
    this.lengthBytes = lengthBytes;
    this.buffers = buffers;
    this.forceUnitAccess = forceUnitAccess;
    this.mayUnmap = mayUnmap;
  }

  /** Fills what remains in a buffer, whose position stays. */
  public static void read(Backstore store, long offsetBytes, ByteBuffer target) throws IOException {
    ByteBuffer[] buffers = {target.duplicate()};
    new BaseIo(Operation.READ, offsetBytes, target.remaining(), buffers, false, false).run(store);
  }

  /** Stores what remains in a buffer, whose position stays. */
  public static void write(Backstore store, long offsetBytes, ByteBuffer source, boolean stable)
      throws IOException {
    ByteBuffer[] buffers = {source.duplicate()};
    new BaseIo(Operation.WRITE, offsetBytes, source.remaining(), buffers, stable, false).run(store);
  }

  /** Makes what was written stable; nothing to do where every write is. */
  public static void flush(Backstore store) throws IOException {
    if (store.volatileCache()) {
      new BaseIo(Operation.FLUSH, 0, 0, NO_BUFFERS, false, false).run(store);
    }
  }

  /** Gives the space of a range up where the store can; it reads as zeros in any case. */
  public static void zero(
      Backstore store, long offsetBytes, long lengthBytes, boolean mayUnmap, boolean stable)
      throws IOException {
    Operation operation =
        mayUnmap && store.unmapGranularityBytes() > 0 ? Operation.UNMAP : Operation.WRITE_ZEROES;
    new BaseIo(operation, offsetBytes, lengthBytes, NO_BUFFERS, stable, mayUnmap).run(store);
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
  public Operation operation() {
    return operation;
  }

  @Override
  public long offsetBytes() {
    return offsetBytes;
  }

  @Override
  public long lengthBytes() {
    return lengthBytes;
  }

  @Override
  public ByteBuffer[] buffers() {
    return buffers;
  }

  @Override
  public int bufferCount() {
    return buffers.length;
  }

  @Override
  public boolean forceUnitAccess() {
    return forceUnitAccess;
  }

  @Override
  public boolean mayUnmap() {
    return mayUnmap;
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
