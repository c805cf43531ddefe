// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jtgt.backstore.BlockingBackstore;
import org.jtgt.backstore.StoreIo;

/** A store in an array, for what stands on it: it remembers what it was asked, and can fail. */
public final class ArrayStore implements BlockingBackstore {
  private final byte[] bytes;
  private final Completion completion;
  private final List<StoreIo.Operation> asked = Collections.synchronizedList(new ArrayList<>());
  private volatile IOException failure;

  public ArrayStore(int bytes, Completion completion) {
    this.bytes = new byte[bytes];
    this.completion = completion;
  }

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
  public void failWith(IOException cause) {
    failure = cause;
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
    target.put(bytes, (int) offsetBytes, target.remaining());
  }

  @Override
  public synchronized void write(long offsetBytes, ByteBuffer source) throws IOException {
    mayFail();
    source.get(bytes, (int) offsetBytes, source.remaining());
  }

  @Override
  public void flush() throws IOException {
    mayFail();
  }

  @Override
  public synchronized void writeZeroes(long offsetBytes, long lengthBytes, boolean mayUnmap)
      throws IOException {
    mayFail();
    Arrays.fill(bytes, (int) offsetBytes, (int) (offsetBytes + lengthBytes), (byte) 0);
  }

  private void mayFail() throws IOException {
    IOException cause = failure;
    if (cause != null) {
      throw cause;
    }
  }
}
