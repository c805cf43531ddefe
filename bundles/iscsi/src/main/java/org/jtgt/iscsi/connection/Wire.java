// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.net.InetSocketAddress;

/**
 * The way out of a connection and the loop that owns it. {@link #inLoop}, {@link #execute} and
 * {@link #allocator} may be used by any thread, the rest by the loop.
 */
public interface Wire {
  ByteBufAllocator allocator();

  /** True on the thread that owns the connection. */
  boolean inLoop();

  /**
   * Runs something in the loop later.
   *
   * @throws java.util.concurrent.RejectedExecutionException when the loop has ended
   */
  void execute(Runnable action);

  /** Runs something in the loop after a time. */
  Timer schedule(Runnable action, long milliseconds);

  /** Sends bytes at the next flush; takes the buffer over. */
  void write(ByteBuf bytes);

  void flush();

  /** Closes when everything written has gone out. */
  void closeAfterWrites();

  /** Closes at once. */
  void close();

  /** The initiator's address, for logs. */
  String peer();

  /** The address the initiator connected to. */
  InetSocketAddress localAddress();

  /** Something scheduled. */
  interface Timer {
    void cancel();
  }
}
