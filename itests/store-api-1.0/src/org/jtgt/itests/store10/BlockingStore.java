// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.store10;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongConsumer;
import org.jtgt.backstore.AllocationMap;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BlockingBackstore;
import org.jtgt.backstore.ByteSize;
import org.jtgt.backstore.ChannelTransfer;
import org.jtgt.backstore.FreeSpace;
import org.jtgt.backstore.SizeChange;
import org.jtgt.backstore.Snapshots;

/** A blocking store with all capabilities that the contract of version 1.0 knows for one. */
public final class BlockingStore
    implements BlockingBackstore, AllocationMap, FreeSpace, SizeChange, ChannelTransfer, Snapshots {
  private final List<LongConsumer> listeners = new CopyOnWriteArrayList<>();
  private final Map<String, byte[]> snapshots = new LinkedHashMap<>();
  private byte[] bytes = new byte[0];

  /** By the component's description. */
  public void activate(Map<String, Object> properties) {
    bytes = new byte[(int) ByteSize.parseStoreSize("size", String.valueOf(properties.get("size")))];
  }

  /** Grows in place. */
  public void modified(Map<String, Object> properties) {
    long size = ByteSize.parse(String.valueOf(properties.get("size"))).bytes();
    synchronized (this) {
      bytes = Arrays.copyOf(bytes, (int) size);
    }
    listeners.forEach(listener -> listener.accept(size));
  }

  @Override
  public String identity() {
    return "store-1.0-blocking";
  }

  @Override
  public synchronized long sizeBytes() {
    return bytes.length;
  }

  @Override
  public int unmapGranularityBytes() {
    return 4096;
  }

  @Override
  public synchronized void read(long offsetBytes, ByteBuffer target) throws IOException {
    target.put(bytes, (int) offsetBytes, target.remaining());
  }

  @Override
  public synchronized void write(long offsetBytes, ByteBuffer source) throws IOException {
    if (offsetBytes == sizeBytes() - 512) {
      throw BackstoreException.media("the last block is bad", offsetBytes, null);
    }
    source.get(bytes, (int) offsetBytes, source.remaining());
  }

  @Override
  public void flush() {}

  @Override
  public synchronized void unmap(long offsetBytes, long lengthBytes) {
    Arrays.fill(bytes, (int) offsetBytes, (int) (offsetBytes + lengthBytes), (byte) 0);
  }

  @Override
  public synchronized Extent extentAt(long offsetBytes) {
    return new Extent(bytes.length - offsetBytes, true);
  }

  @Override
  public synchronized long allocatedBytes() {
    return bytes.length;
  }

  @Override
  public long freeBytes() {
    return 0;
  }

  @Override
  public Registration onSizeChange(LongConsumer listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  @Override
  public synchronized long transferTo(
      long offsetBytes, long lengthBytes, WritableByteChannel target) throws IOException {
    return target.write(ByteBuffer.wrap(bytes, (int) offsetBytes, (int) lengthBytes));
  }

  @Override
  public synchronized void create(String name) throws IOException {
    if (snapshots.putIfAbsent(name, bytes.clone()) != null) {
      throw new IOException(name + " exists");
    }
  }

  @Override
  public synchronized List<Snapshot> list() {
    return snapshots.keySet().stream().map(name -> new Snapshot(name, Instant.EPOCH)).toList();
  }

  @Override
  public synchronized void delete(String name) throws IOException {
    if (snapshots.remove(name) == null) {
      throw new IOException(name + " does not exist");
    }
  }

  @Override
  public synchronized void rollBack(String name) throws IOException {
    byte[] kept = snapshots.get(name);
    if (kept == null) {
      throw new IOException(name + " does not exist");
    }
    bytes = kept.clone();
  }
}
