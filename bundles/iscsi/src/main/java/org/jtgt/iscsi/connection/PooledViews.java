// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Views of pooled buffers as {@link ByteBuffer}s that make no garbage. A pool gives a thread the
 * same few addresses again and again, so each thread keeps the views it made and finds them by
 * address. Buffers that live at the same time have different addresses: nobody else uses the view
 * that is found.
 */
final class PooledViews {
  private static final int SLOTS = 1024;

  // Addresses and views. Of the JDK's classes alone: threads of stores outlive this bundle, and
  // must
  // not keep its class loader.
  private static final ThreadLocal<Object[]> OF_THREAD =
      ThreadLocal.withInitial(() -> new Object[] {new long[SLOTS], new ByteBuffer[SLOTS]});

  private PooledViews() {}

  /** A view of a part of a buffer, from position 0 to its limit; not to be kept beyond it. */
  static ByteBuffer of(ByteBuf buffer, int index, int length) {
    return buffer.hasMemoryAddress()
        ? find(OF_THREAD.get(), buffer, index, length)
        : buffer.nioBuffer(index, length);
  }

  private static ByteBuffer find(Object[] ofThread, ByteBuf buffer, int index, int length) {
    long[] addresses = (long[]) ofThread[0];
    @Nullable ByteBuffer[] views = (@Nullable ByteBuffer[]) ofThread[1];
    long address = buffer.memoryAddress() + index;
    int slot = (int) (address * 0x9e3779b97f4a7c15L >>> 54);
    ByteBuffer known = views[slot];
    if (known == null || addresses[slot] != address || known.capacity() < length) {
      known = buffer.nioBuffer(index, length);
      addresses[slot] = address;
      views[slot] = known;
    }
    return known.clear().limit(length).order(ByteOrder.BIG_ENDIAN);
  }
}
