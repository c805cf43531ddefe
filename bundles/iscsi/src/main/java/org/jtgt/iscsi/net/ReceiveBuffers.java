// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import org.jtgt.iscsi.connection.Connection;

/** Lets a connection choose the buffer of each read, so that large data lands where it stays. */
final class ReceiveBuffers extends DefaultMaxMessagesRecvByteBufAllocator {
  private final Connection connection;
  private final int bytes;

  ReceiveBuffers(Connection connection, int bytes) {
    this.connection = connection;
    this.bytes = bytes;
  }

  @Override
  @SuppressWarnings("deprecation") // the return type of the method that Netty calls
  public RecvByteBufAllocator.Handle newHandle() {
    return new MaxMessageHandle() {
      @Override
      public int guess() {
        return bytes;
      }

      @Override
      public ByteBuf allocate(ByteBufAllocator allocator) {
        return connection.nextBuffer(bytes);
      }
    };
  }
}
