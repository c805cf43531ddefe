// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.net;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SelectStrategyFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.nio.channels.spi.SelectorProvider;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jtgt.iscsi.connection.ConnectionEnvironment;

/** The event loops, on epoll where its native library loads, else on NIO. Any thread. */
public final class Transport implements AutoCloseable {
  /** Which kind of event loop. */
  public enum Kind {
    /** epoll where it loads. */
    AUTO,
    EPOLL,
    NIO
  }

  /** Reading stops while more than the second of these waits to be sent, until the first. */
  private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(2 << 20, 8 << 20);

  private static final String EPOLL = "epoll";

  private final EventLoopGroup loops;
  private final BusyPoll.Time busyPoll;
  private final Class<? extends ServerChannel> channelType;
  private final String name;

  private Transport(
      String name,
      int threads,
      BusyPoll.Time busyPoll,
      IoHandlerFactory factory,
      Class<? extends ServerChannel> type) {
    this.name = name;
    this.busyPoll = busyPoll;
    this.channelType = type;
    this.loops =
        new MultiThreadIoEventLoopGroup(
            threads, new DefaultThreadFactory("jtgt-iscsi", true), factory);
  }

  /**
   * Starts event loops.
   *
   * @param threads number of loops, 0 for one a processor
   * @param busyPoll how long a loop goes on looking for events after the last one, zero for not
   * @throws IllegalArgumentException when epoll is asked for and does not load
   */
  public static Transport start(Kind kind, int threads, Duration busyPoll) {
    String name = nameOf(kind);
    BusyPoll.Time time = new BusyPoll.Time(busyPoll);
    SelectStrategyFactory strategies = () -> new BusyPoll(time, System::nanoTime);
    return name.equals(EPOLL)
        ? new Transport(
            name,
            loops(threads),
            time,
            EpollIoHandler.newFactory(0, strategies),
            EpollServerSocketChannel.class)
        : new Transport(
            name,
            loops(threads),
            time,
            NioIoHandler.newFactory(SelectorProvider.provider(), strategies),
            NioServerSocketChannel.class);
  }

  /** The number of loops; 0 means one a processor. */
  public static int loops(int threads) {
    return threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
  }

  /**
   * What a kind comes to here: {@code epoll} or {@code nio}.
   *
   * @throws IllegalArgumentException when epoll is asked for and does not load
   */
  public static String nameOf(Kind kind) {
    if (kind != Kind.NIO && epollLoads()) {
      return EPOLL;
    }
    if (kind == Kind.EPOLL) {
      throw new IllegalArgumentException(
          "transport: epoll does not load here (its native library); allowed: auto, nio");
    }
    return "nio";
  }

  /** Loops look on for that time after an event, from now on. */
  public void busyPoll(Duration time) {
    busyPoll.set(time);
  }

  private static boolean epollLoads() {
    try {
      return Epoll.isAvailable();
    } catch (LinkageError e) {
      // The import is optional: without the package the class is not there.
      return false;
    }
  }

  /** {@code epoll} or {@code nio}. */
  public String name() {
    return name;
  }

  /** Listens; the future says how it went. */
  public ChannelFuture listen(
      InetSocketAddress address, ConnectionEnvironment environment, ConnectionList connections) {
    return new ServerBootstrap()
        .group(loops)
        .channel(channelType)
        .option(ChannelOption.SO_REUSEADDR, true)
        .option(ChannelOption.SO_BACKLOG, 1024)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(ChannelOption.SO_KEEPALIVE, true)
        .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
        .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new IscsiChannelHandler(environment, connections));
              }
            })
        .bind(address);
  }

  /** Runs something after a time. */
  public void schedule(Runnable action, Duration delay) {
    loops.schedule(action, delay.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Stops the loops; connections that are open close. */
  @Override
  public void close() {
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
  }
}
