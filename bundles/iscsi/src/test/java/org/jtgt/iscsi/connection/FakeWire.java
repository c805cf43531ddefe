// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** A wire without a socket: what is written is kept, time passes when the test says so. */
final class FakeWire implements Wire {
  long pendingBytes;

  private record Scheduled(long at, Runnable action) {}

  final List<byte[]> written = new ArrayList<>();
  private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(true);
  private final Deque<Runnable> queue = new ArrayDeque<>();
  private final List<Scheduled> scheduled = new ArrayList<>();
  private final Thread loop = Thread.currentThread();
  private final InetSocketAddress local;
  private long now;
  private int unflushed;
  boolean closed;
  int flushes;

  FakeWire(InetSocketAddress local) {
    this.local = local;
  }

  @Override
  public ByteBufAllocator allocator() {
    return memory;
  }

  @Override
  public boolean inLoop() {
    return Thread.currentThread() == loop;
  }

  @Override
  public synchronized void execute(Runnable action) {
    queue.add(action);
  }

  @Override
  public Timer schedule(Runnable action, long milliseconds) {
    Scheduled entry = new Scheduled(now + milliseconds, action);
    scheduled.add(entry);
    return () -> scheduled.remove(entry);
  }

  @Override
  public Loop loop() {
    return this;
  }

  @Override
  public void moveTo(Loop loop, Runnable then) {
    then.run();
  }

  @Override
  public void write(ByteBuf bytes) {
    byte[] copy = new byte[bytes.readableBytes()];
    bytes.readBytes(copy).release();
    written.add(copy);
    unflushed++;
  }

  @Override
  public void flush() {
    if (unflushed > 0) {
      flushes++;
    }
    unflushed = 0;
  }

  @Override
  public void afterWrites(Runnable action) {
    action.run();
  }

  @Override
  public long pendingBytes() {
    return pendingBytes;
  }

  @Override
  public void closeAfterWrites() {
    flush();
    closed = true;
  }

  @Override
  public void close() {
    closed = true;
  }

  @Override
  public String peer() {
    return "127.0.0.1:9";
  }

  @Override
  public InetAddress peerAddress() {
    return InetAddress.getLoopbackAddress();
  }

  @Override
  public InetSocketAddress localAddress() {
    return local;
  }

  /** Bytes of direct memory that nobody has released. */
  long unreleased() {
    return memory.metric().usedDirectMemory();
  }

  /** Runs what the loop has to do. */
  void runLoop() {
    while (true) {
      Runnable next;
      synchronized (this) {
        next = queue.poll();
      }
      if (next == null) {
        return;
      }
      next.run();
    }
  }

  /** Lets time pass. */
  void pass(long milliseconds) {
    now += milliseconds;
    for (Scheduled entry : List.copyOf(scheduled)) {
      if (entry.at <= now && scheduled.remove(entry)) {
        entry.action.run();
      }
    }
    runLoop();
  }
}
