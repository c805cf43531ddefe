// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jtgt.iscsi.connection.Loop;
import org.jtgt.iscsi.connection.Wire;

/** A connection's way out on a Netty channel. */
final class ChannelWire implements Wire {
  /** A Netty event loop. */
  private record ChannelLoop(EventLoop eventLoop) implements Loop {
    @Override
    public boolean inLoop() {
      return eventLoop.inEventLoop();
    }

    @Override
    public void execute(Runnable action) {
      eventLoop.execute(action);
    }

    @Override
    public Timer schedule(Runnable action, long milliseconds) {
      var future = eventLoop.schedule(action, milliseconds, TimeUnit.MILLISECONDS);
      return () -> future.cancel(false);
    }
  }

  private final Channel channel;
  private final String peer;
  private final InetAddress peerAddress;
  private final InetSocketAddress local;
  private final WriteProgress progress;

  ChannelWire(Channel channel) {
    this.channel = channel;
    this.progress = new WriteProgress(channel);
    this.peer =
        channel.remoteAddress() instanceof InetSocketAddress remote
            ? Addresses.text(remote)
            : "unknown";
    this.peerAddress =
        channel.remoteAddress() instanceof InetSocketAddress remote
            ? remote.getAddress()
            : InetAddress.ofLiteral("0.0.0.0");
    this.local =
        channel.localAddress() instanceof InetSocketAddress address
            ? address
            : new InetSocketAddress(0);
  }

  @Override
  public ByteBufAllocator allocator() {
    return channel.alloc();
  }

  @Override
  public boolean inLoop() {
    return channel.eventLoop().inEventLoop();
  }

  @Override
  public void execute(Runnable action) {
    channel.eventLoop().execute(action);
  }

  @Override
  public Timer schedule(Runnable action, long milliseconds) {
    var future = channel.eventLoop().schedule(action, milliseconds, TimeUnit.MILLISECONDS);
    return () -> future.cancel(false);
  }

  @Override
  public Loop loop() {
    return new ChannelLoop(channel.eventLoop());
  }

  @Override
  public void moveTo(Loop loop, Runnable then) {
    EventLoop target = ((ChannelLoop) loop).eventLoop();
    if (target == channel.eventLoop()) {
      then.run();
      return;
    }
    channel
        .deregister()
        .addListener(gone ->
            target
                .register(channel)
                .addListener(there -> {
                  if (there.isSuccess()) {
                    then.run();
                  } else {
                    channel.unsafe().closeForcibly();
                  }
                }));
  }

  @Override
  public void write(ByteBuf bytes) {
    progress.begins();
    channel.write(bytes, progress);
  }

  @Override
  public void afterWrites(Runnable action) {
    progress.whenDone(action);
  }

  @Override
  public void flush() {
    channel.flush();
  }

  @Override
  public long pendingBytes() {
    ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
    return buffer == null ? 0 : buffer.totalPendingWriteBytes();
  }

  @Override
  public void closeAfterWrites() {
    channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
  }

  @Override
  public void close() {
    channel.close();
  }

  @Override
  public String peer() {
    return peer;
  }

  @Override
  public InetAddress peerAddress() {
    return peerAddress;
  }

  @Override
  public InetSocketAddress localAddress() {
    return local;
  }
}
