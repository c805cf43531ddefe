// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.StoreIo;

/** An I/O that a test submits and waits for. Completing it twice fails the test. */
public final class TestIo implements StoreIo {
  private final Operation operation;
  private final long offsetBytes;
  private final long lengthBytes;
  private final ByteBuffer[] buffers;
  private final boolean forceUnitAccess;
  private final boolean mayUnmap;
  private final CompletableFuture<Void> done = new CompletableFuture<>();
  private volatile boolean twice;

  private TestIo(
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

  public static TestIo read(long offsetBytes, ByteBuffer... targets) {
    return new TestIo(Operation.READ, offsetBytes, remaining(targets), targets, false, false);
  }

  public static TestIo write(long offsetBytes, boolean forceUnitAccess, ByteBuffer... sources) {
    return new TestIo(
        Operation.WRITE, offsetBytes, remaining(sources), sources, forceUnitAccess, false);
  }

  public static TestIo flush() {
    return new TestIo(Operation.FLUSH, 0, 0, new ByteBuffer[0], false, false);
  }

  public static TestIo unmap(long offsetBytes, long lengthBytes, boolean forceUnitAccess) {
    return new TestIo(
        Operation.UNMAP, offsetBytes, lengthBytes, new ByteBuffer[0], forceUnitAccess, true);
  }

  public static TestIo writeZeroes(
      long offsetBytes, long lengthBytes, boolean forceUnitAccess, boolean mayUnmap) {
    return new TestIo(
        Operation.WRITE_ZEROES,
        offsetBytes,
        lengthBytes,
        new ByteBuffer[0],
        forceUnitAccess,
        mayUnmap);
  }

  /** Reads bytes of a store into an array. */
  public static byte[] bytes(Backstore store, long offsetBytes, int lengthBytes)
      throws IOException {
    ByteBuffer target = ByteBuffer.allocateDirect(lengthBytes);
    read(offsetBytes, target).run(store);
    byte[] bytes = new byte[lengthBytes];
    target.get(0, bytes);
    return bytes;
  }

  /** Writes an array to a store. */
  public static void put(Backstore store, long offsetBytes, byte[] bytes) throws IOException {
    write(offsetBytes, false, direct(bytes)).run(store);
  }

  /** A direct buffer around a copy of an array. */
  public static ByteBuffer direct(byte[] bytes) {
    return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
  }

  private static long remaining(ByteBuffer[] buffers) {
    return Arrays.stream(buffers).mapToLong(ByteBuffer::remaining).sum();
  }

  /** Submits and waits for the end. */
  public void run(Backstore store) throws IOException {
    store.submit(this);
    await();
  }

  /** Waits for the end; the bound only keeps a broken store from hanging the build. */
  public void await() throws IOException {
    try {
      done.get(60, TimeUnit.SECONDS);
    } catch (ExecutionException failed) {
      switch (failed.getCause()) {
        case IOException failure -> throw failure;
        case RuntimeException failure -> throw failure;
        default -> throw new IOException(failed.getCause());
      }
    } catch (InterruptedException | TimeoutException stuck) {
      throw new AssertionError("the store has not answered " + operation, stuck);
    }
    if (twice) {
      throw new AssertionError("the store has completed " + operation + " twice");
    }
  }

  /** Whether the store has answered. */
  public boolean isDone() {
    return done.isDone();
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
    twice |= !done.complete(null);
  }

  @Override
  public void fail(Throwable cause) {
    twice |= !done.completeExceptionally(cause);
  }
}
