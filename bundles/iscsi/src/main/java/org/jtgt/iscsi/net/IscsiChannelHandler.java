// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.jtgt.iscsi.connection.Connection;
import org.jtgt.iscsi.connection.ConnectionEnvironment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Joins a Netty channel and a {@link Connection}. */
final class IscsiChannelHandler extends ChannelInboundHandlerAdapter {
  /** One read of the socket takes so much, unless a large data segment is under way. */
  private static final int RECEIVE_BYTES = 64 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger(IscsiChannelHandler.class);

  private final ConnectionEnvironment environment;
  private final ConnectionList connections;
  private @Nullable Connection connection;

  IscsiChannelHandler(ConnectionEnvironment environment, ConnectionList connections) {
    this.environment = environment;
    this.connections = connections;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    Connection accepted =
        new Connection(new ChannelWire(context.channel()), environment, Instant.now());
    connection = accepted;
    connections.add(accepted, context.channel());
    context.channel().config().setRecvByteBufAllocator(new ReceiveBuffers(accepted, RECEIVE_BYTES));
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    Connection to = connection;
    if (to != null && message instanceof ByteBuf bytes) {
      to.received(bytes);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (connection != null) {
      connection.readComplete();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    // Whoever does not take its answers gives no new commands.
    context.channel().config().setAutoRead(context.channel().isWritable());
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    Connection ended = connection;
    if (ended != null) {
      connections.remove(ended);
      ended.closed();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (!(cause instanceof IOException)) {
      LOG.error("iSCSI connection from {} ends by a bug", context.channel().remoteAddress(), cause);
    }
    context.close();
  }
}
