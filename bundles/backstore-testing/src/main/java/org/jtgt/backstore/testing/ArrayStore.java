// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.AllocationMap;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BlockingBackstore;
import org.jtgt.backstore.SizeChange;
import org.jtgt.backstore.StoreIo;

/**
 * A store in an array, for what stands on it: it remembers what it was asked, can fail, have bad
 * bytes and grow.
 */
public final class ArrayStore implements BlockingBackstore, AllocationMap, SizeChange {
  private static final int BLOCK_BYTES = 512;

  private final Completion completion;
  private final BitSet mapped = new BitSet();
  private final List<LongConsumer> listeners = new CopyOnWriteArrayList<>();
  private final List<StoreIo.Operation> asked = Collections.synchronizedList(new ArrayList<>());
  private volatile byte[] bytes;
  private volatile @Nullable IOException failure;
  private long badFrom;
  private long badTo;

  /** A store of zeros. */
  public ArrayStore(int bytes, Completion completion) {
    this.bytes = new byte[bytes];
    this.completion = completion;
  }

  /** A store of zeros that never waits. */
  public static ArrayStore inline(int bytes) {
    return new ArrayStore(bytes, Completion.INLINE);
  }

  /** The operations so far, in their order. */
  public List<StoreIo.Operation> asked() {
    return List.copyOf(asked);
  }

  /** What it holds; changes show in the store. */
  public byte[] bytes() {
    return bytes;
  }

  /** Lets everything fail from now on; null ends it. */
  public void failWith(@Nullable IOException cause) {
    failure = cause;
  }

  /** Makes bytes unreadable until the end. */
  public synchronized void damage(long offsetBytes, long lengthBytes) {
    badFrom = offsetBytes;
    badTo = offsetBytes + lengthBytes;
  }

  /** Becomes larger. */
  public void grow(int newBytes) {
    synchronized (this) {
      bytes = Arrays.copyOf(bytes, newBytes);
    }
    listeners.forEach(listener -> listener.accept(newBytes));
  }

  @Override
  public Registration onSizeChange(LongConsumer listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  @Override
  public void submit(StoreIo io) {
    asked.add(io.operation());
    BlockingBackstore.super.submit(io);
  }

  @Override
  public String identity() {
    return "array";
  }

  @Override
  public long sizeBytes() {
    return bytes.length;
  }

  @Override
  public Completion completion() {
    return completion;
  }

  @Override
  public int unmapGranularityBytes() {
    return blockBytes();
  }

  @Override
  public synchronized void read(long offsetBytes, ByteBuffer target) throws IOException {
    mayFail();
    if (offsetBytes < badTo && offsetBytes + target.remaining() > badFrom) {
      long first = Math.max(offsetBytes, badFrom);
      throw BackstoreException.media("bad byte " + first, first, null);
    }
    target.put(bytes, (int) offsetBytes, target.remaining());
  }

  @Override
  public synchronized void write(long offsetBytes, ByteBuffer source) throws IOException {
    mayFail();
    int end = (int) offsetBytes + source.remaining();
    source.get(bytes, (int) offsetBytes, source.remaining());
    mapped.set((int) (offsetBytes / BLOCK_BYTES), (end + BLOCK_BYTES - 1) / BLOCK_BYTES);
  }

  @Override
  public void flush() throws IOException {
    mayFail();
  }

  @Override
  public synchronized void writeZeroes(long offsetBytes, long lengthBytes, boolean mayUnmap)
      throws IOException {
    mayFail();
    int from = (int) offsetBytes;
    int to = (int) (offsetBytes + lengthBytes);
    Arrays.fill(bytes, from, to, (byte) 0);
    mapped.set(from / BLOCK_BYTES, to / BLOCK_BYTES, !mayUnmap);
  }

  @Override
  public synchronized Extent extentAt(long offsetBytes) {
    int block = (int) (offsetBytes / BLOCK_BYTES);
    boolean isMapped = mapped.get(block);
    int next = isMapped ? mapped.nextClearBit(block) : mapped.nextSetBit(block);
    long end = next < 0 ? bytes.length : Math.min((long) next * BLOCK_BYTES, bytes.length);
    return new Extent(end - offsetBytes, isMapped);
  }

  private void mayFail() throws IOException {
    IOException cause = failure;
    if (cause != null) {
      throw cause;
    }
  }
}
