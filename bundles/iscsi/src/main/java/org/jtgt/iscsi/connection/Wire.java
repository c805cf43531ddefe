// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * The way out of a connection and the loop that owns it. {@link #inLoop}, {@link #execute} and
 * {@link #allocator} may be used by any thread, the rest by the loop.
 */
public interface Wire extends Loop {
  ByteBufAllocator allocator();

  /** The loop that owns the connection now. */
  Loop loop();

  /**
   * Moves the connection to another loop, when it is not there already. Nothing is read meanwhile.
   *
   * @param then runs in that loop
   */
  void moveTo(Loop loop, Runnable then);

  /** Sends bytes at the next flush; takes the buffer over. */
  void write(ByteBuf bytes);

  void flush();

  /**
   * Runs something when all that was written so far was sent or dropped, perhaps before this
   * returns.
   */
  void afterWrites(Runnable action);

  /** Bytes written that have not gone out. */
  long pendingBytes();

  /** Closes when everything written has gone out. */
  void closeAfterWrites();

  /** Closes at once. */
  void close();

  /** The initiator's address, for logs. */
  String peer();

  /** The initiator's address, for access rules. */
  InetAddress peerAddress();

  /** The address the initiator connected to. */
  InetSocketAddress localAddress();

  /** Something scheduled. */
  interface Timer {
    void cancel();
  }
}
