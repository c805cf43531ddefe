// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.store10;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BackstoreException.Kind;
import org.jtgt.backstore.ByteSize;
import org.jtgt.backstore.Cancellation;
import org.jtgt.backstore.StoreIo;

/** A store with a thread of its own, by the contract of version 1.0. */
public final class AsynchronousStore implements Backstore, Cancellation {
  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private byte[] bytes = new byte[0];

  /** By the component's description. */
  public void activate(Map<String, Object> properties) {
    bytes = new byte[(int) ByteSize.parseStoreSize("size", String.valueOf(properties.get("size")))];
  }

  /** By the component's description. */
  public void deactivate() {
    thread.shutdown();
  }

  @Override
  public String identity() {
    return "store-1.0-asynchronous";
  }

  @Override
  public long sizeBytes() {
    return bytes.length;
  }

  @Override
  public Completion completion() {
    return Completion.ASYNCHRONOUS;
  }

  @Override
  public void submit(StoreIo io) {
    thread.execute(() -> carryOut(io));
  }

  private void carryOut(StoreIo io) {
    int at = (int) io.offsetBytes();
    switch (io.operation()) {
      case READ -> {
        for (int i = 0; i < io.bufferCount(); i++) {
          ByteBuffer target = io.buffers()[i];
          int length = target.remaining();
          target.put(bytes, at, length);
          at += length;
        }
      }
      case WRITE -> {
        for (int i = 0; i < io.bufferCount(); i++) {
          ByteBuffer source = io.buffers()[i];
          int length = source.remaining();
          source.get(bytes, at, length);
          at += length;
        }
      }
      case WRITE_ZEROES -> Arrays.fill(bytes, at, at + (int) io.lengthBytes(), (byte) 0);
      case UNMAP -> {
        io.fail(BackstoreException.of(Kind.OTHER, "never offered"));
        return;
      }
      case FLUSH -> {}
    }
    io.complete();
  }

  @Override
  public void cancel(StoreIo io) {}
}
