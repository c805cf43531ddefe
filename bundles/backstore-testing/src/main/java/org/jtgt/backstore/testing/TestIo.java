// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.Backstore.Completion;
import org.jtgt.backstore.StoreRequest;

/**
 * An I/O that a test submits and waits for. It sees whether the store keeps its word about
 * completion: exactly once, and inside the submission unless the store is asynchronous.
 */
public final class TestIo extends StoreRequest {
  private static final int PATIENCE_SECONDS = 60;

  private final CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
  private final int bufferCount;
  private volatile @Nullable Thread insideOf;
  private volatile boolean asynchronous = true;
  private volatile @Nullable String violation;
  private volatile Consumer<String> watcher = text -> {};

  private TestIo(
      Operation operation,
      long offsetBytes,
      boolean forceUnitAccess,
      int bufferCount,
      ByteBuffer... buffers) {
    super(operation, offsetBytes, forceUnitAccess, buffers);
    this.bufferCount = bufferCount;
  }

  private TestIo(
      Operation operation,
      long offsetBytes,
      long lengthBytes,
      boolean forceUnitAccess,
      boolean mayUnmap) {
    super(operation, offsetBytes, lengthBytes, forceUnitAccess, mayUnmap);
    bufferCount = 0;
  }

  /** Fills what remains in the buffers. */
  public static TestIo read(long offsetBytes, ByteBuffer... targets) {
    return new TestIo(Operation.READ, offsetBytes, false, targets.length, targets);
  }

  /** Stores what remains in the buffers. */
  public static TestIo write(long offsetBytes, boolean forceUnitAccess, ByteBuffer... sources) {
    return new TestIo(Operation.WRITE, offsetBytes, forceUnitAccess, sources.length, sources);
  }

  /**
   * A read or write of the first buffers of a longer array; those behind have nothing that remains.
   */
  static TestIo ofFirst(Operation operation, long offsetBytes, int count, ByteBuffer... buffers) {
    return new TestIo(operation, offsetBytes, false, count, buffers);
  }

  /** Makes stable what was written. */
  public static TestIo flush() {
    return new TestIo(Operation.FLUSH, 0, 0, false, false);
  }

  /** Unmaps a range. */
  public static TestIo unmap(long offsetBytes, long lengthBytes, boolean forceUnitAccess) {
    return new TestIo(Operation.UNMAP, offsetBytes, lengthBytes, forceUnitAccess, true);
  }

  /** Lets a range read as zeros. */
  public static TestIo writeZeroes(
      long offsetBytes, long lengthBytes, boolean forceUnitAccess, boolean mayUnmap) {
    return new TestIo(Operation.WRITE_ZEROES, offsetBytes, lengthBytes, forceUnitAccess, mayUnmap);
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

  /** Who is told when the store breaks its word, also after the I/O was waited for. */
  void watchedBy(Consumer<String> watcher) {
    this.watcher = watcher;
  }

  /** Submits and waits for the end. */
  public void run(Backstore store) throws IOException {
    submit(store).await();
  }

  /** Submits and does not wait for an asynchronous store. */
  public TestIo submit(Backstore store) {
    begin(store);
    try {
      store.submit(this);
    } catch (RuntimeException bug) {
      violated("submit threw " + bug);
    }
    return submitted(store);
  }

  /**
   * Asks a store to take it without waiting.
   *
   * @return whether it says that it has done so or will
   */
  boolean submitAtOnce(Backstore store) {
    begin(store);
    asynchronous = true;
    boolean taken = store.submitAtOnce(this);
    if (!taken && isDone()) {
      violated("submitAtOnce returned false for an I/O that is done");
    }
    insideOf = null;
    return taken;
  }

  private void begin(Backstore store) {
    asynchronous = store.completion() == Completion.ASYNCHRONOUS;
    insideOf = Thread.currentThread();
  }

  private TestIo submitted(Backstore store) {
    if (!asynchronous && !isDone()) {
      violated("%s store has not completed when submit returns".formatted(store.completion()));
    }
    insideOf = null;
    return this;
  }

  /** Waits for the end; the bound only keeps a broken store from hanging the build. */
  public void await() throws IOException {
    try {
      done.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException failed) {
      switch (failed.getCause()) {
        case IOException failure -> throw failure;
        case RuntimeException failure -> throw failure;
        case null -> throw new IOException(failed);
        default -> throw new IOException(failed.getCause());
      }
    } catch (InterruptedException | TimeoutException stuck) {
      throw new AssertionError("the store has not answered " + this, stuck);
    }
    String broken = violation;
    if (broken != null) {
      throw new AssertionError(broken);
    }
  }

  /** Waits for the end, which may be a failure. */
  void awaitAnyEnd() {
    try {
      await();
    } catch (IOException | RuntimeException failure) {
      // That it ended is all that is asked.
      return;
    }
  }

  /** Whether the store has answered. */
  public boolean isDone() {
    return done.isDone();
  }

  /** Whether the store has answered with success. */
  boolean succeeded() {
    return done.isDone() && !done.isCompletedExceptionally();
  }

  @Override
  public int bufferCount() {
    return bufferCount;
  }

  @Override
  public void complete() {
    ending();
    ended(done.complete(null));
  }

  @Override
  public void fail(@Nullable Throwable cause) {
    if (cause == null) {
      violated("fail has no cause");
    }
    ending();
    ended(done.completeExceptionally(cause == null ? new IOException("no cause") : cause));
  }

  /** Before the end: whoever waits for that looks at what was violated. */
  private void ending() {
    if (!isDone() && !asynchronous && insideOf != Thread.currentThread()) {
      violated("is completed by another thread than the one inside submit");
    }
  }

  private void ended(boolean first) {
    if (!first) {
      violated("is completed twice");
    }
  }

  private void violated(String what) {
    violation = this + ": " + what;
    watcher.accept(this + ": " + what);
  }

  @Override
  public String toString() {
    return "%s of %d bytes at %d".formatted(operation(), lengthBytes(), offsetBytes());
  }
}
