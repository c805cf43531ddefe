// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.AllocationMap;
import org.jtgt.backstore.BlockingBackstore;

/** An array that completes in the call, keeps what was flushed apart, and fails when told to. */
class MemoryStore implements BlockingBackstore, AllocationMap {
  private final byte[] bytes;
  private byte[] stable;
  private final boolean[] mapped;
  final AtomicInteger flushes = new AtomicInteger();
  String identity = "memory-1";
  boolean outlivesProcess = true;
  volatile boolean readOnly;
  volatile int atomicUnitBytes;
  volatile @Nullable IOException failure;
  volatile @Nullable IOException flushFailure;

  MemoryStore(int sizeBytes) {
    bytes = new byte[sizeBytes];
    stable = new byte[sizeBytes];
    mapped = new boolean[sizeBytes / 512];
  }

  /** What power loss would do: all that was not flushed is gone. */
  synchronized void dropWhatWasNotFlushed() {
    System.arraycopy(stable, 0, bytes, 0, bytes.length);
  }

  synchronized void fill(byte value) {
    Arrays.fill(bytes, value);
    Arrays.fill(mapped, true);
  }

  void write(int lba, byte[] data) {
    try {
      write(lba * 512L, ByteBuffer.wrap(data));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  synchronized byte[] content(int lba, int blocks) {
    return Arrays.copyOfRange(bytes, lba * 512, (lba + blocks) * 512);
  }

  @Override
  public String identity() {
    return identity;
  }

  @Override
  public boolean outlivesProcess() {
    return outlivesProcess;
  }

  @Override
  public long sizeBytes() {
    return bytes.length;
  }

  @Override
  public Completion completion() {
    return Completion.INLINE;
  }

  @Override
  public boolean readOnly() {
    return readOnly;
  }

  @Override
  public int atomicUnitBytes() {
    return atomicUnitBytes;
  }

  @Override
  public int unmapGranularityBytes() {
    return 512;
  }

  private void mayFail() throws IOException {
    IOException now = failure;
    if (now != null) {
      throw now;
    }
  }

  @Override
  public synchronized void read(long offsetBytes, ByteBuffer target) throws IOException {
    mayFail();
    target.put(bytes, (int) offsetBytes, target.remaining());
  }

  @Override
  public synchronized void write(long offsetBytes, ByteBuffer source) throws IOException {
    mayFail();
    Arrays.fill(
        mapped, (int) (offsetBytes / 512), (int) ((offsetBytes + source.remaining()) / 512), true);
    source.get(bytes, (int) offsetBytes, source.remaining());
  }

  @Override
  public synchronized void flush() throws IOException {
    IOException now = flushFailure;
    if (now != null) {
      throw now;
    }
    flushes.incrementAndGet();
    stable = bytes.clone();
  }

  @Override
  public synchronized void unmap(long offsetBytes, long lengthBytes) throws IOException {
    mayFail();
    Arrays.fill(bytes, (int) offsetBytes, (int) (offsetBytes + lengthBytes), (byte) 0);
    Arrays.fill(
        mapped, (int) (offsetBytes / 512), (int) ((offsetBytes + lengthBytes) / 512), false);
  }

  @Override
  public synchronized void writeZeroes(long offsetBytes, long lengthBytes, boolean mayUnmap)
      throws IOException {
    unmap(offsetBytes, lengthBytes);
    Arrays.fill(
        mapped, (int) (offsetBytes / 512), (int) ((offsetBytes + lengthBytes) / 512), !mayUnmap);
  }

  @Override
  public synchronized Extent extentAt(long offsetBytes) {
    int first = (int) (offsetBytes / 512);
    int end = first;
    while (end < mapped.length && mapped[end] == mapped[first]) {
      end++;
    }
    return new Extent((end - first) * 512L, mapped[first]);
  }
}
