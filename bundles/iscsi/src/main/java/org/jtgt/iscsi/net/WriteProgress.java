// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.net;

import io.netty.channel.Channel;
import io.netty.channel.DefaultChannelPromise;
import org.jspecify.annotations.Nullable;

/**
 * How far the writes of a channel are. One promise serves all of them, as Netty's void promise
 * does, so that a write allocates nothing; it is never done itself. Writes end in the order in
 * which they began.
 *
 * <p>Thread rules: the loop.
 */
final class WriteProgress extends DefaultChannelPromise {
  private long begun;
  private long ended;

  // Who waits, and for the end of which write; from first on, around the end of the arrays.
  private @Nullable Runnable[] waiting = new Runnable[16];
  private long[] upTo = new long[waiting.length];
  private int first;
  private int count;

  WriteProgress(Channel channel) {
    super(channel);
  }

  /** A write begins, with this promise. */
  void begins() {
    begun++;
  }

  /** Runs something when the writes that have begun have ended. */
  void whenDone(Runnable action) {
    if (ended == begun) {
      action.run();
      return;
    }
    if (count == waiting.length) {
      grow();
    }
    int at = (first + count) % waiting.length;
    waiting[at] = action;
    upTo[at] = begun;
    count++;
  }

  private void grow() {
    @Nullable Runnable[] actions = new Runnable[2 * count];
    long[] writes = new long[2 * count];
    for (int i = 0; i < count; i++) {
      actions[i] = waiting[(first + i) % count];
      writes[i] = upTo[(first + i) % count];
    }
    waiting = actions;
    upTo = writes;
    first = 0;
  }

  private void ends() {
    ended++;
    while (count > 0 && upTo[first] <= ended) {
      Runnable action = waiting[first];
      waiting[first] = null;
      first = (first + 1) % waiting.length;
      count--;
      if (action != null) {
        action.run();
      }
    }
  }

  @Override
  public boolean trySuccess(@Nullable Void result) {
    ends();
    return true;
  }

  @Override
  public boolean tryFailure(Throwable cause) {
    ends();
    if (channel().isRegistered()) {
      channel().pipeline().fireExceptionCaught(cause);
    }
    return true;
  }
}
