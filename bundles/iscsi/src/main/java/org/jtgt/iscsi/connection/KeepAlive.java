// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import org.jspecify.annotations.Nullable;
import org.jtgt.iscsi.pdu.Bhs;
import org.jtgt.iscsi.pdu.TargetPdu.NopIn;

/**
 * Pings an initiator that has been silent, and closes the connection when no answer comes (RFC 7143
 * 11.19).
 *
 * <p>Thread rules: the loop.
 */
final class KeepAlive {
  private final Connection connection;
  private final Wire wire;
  private final PduWriter writer;
  private final ConnectionEnvironment environment;
  private Wire.@Nullable Timer timer;
  private boolean heard;
  private boolean pinged;
  private int pingTag;
  private long pendingBefore;

  KeepAlive(Connection connection, PduWriter writer, ConnectionEnvironment environment) {
    this.connection = connection;
    this.wire = connection.wire();
    this.writer = writer;
    this.environment = environment;
  }

  /** Begins to watch. */
  void start() {
    int seconds = environment.settings().keepAliveSeconds();
    if (seconds > 0) {
      heard = false;
      timer = wire.schedule(this::look, seconds * 1000L);
    }
  }

  void stop() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  /** Something came. */
  void heard() {
    heard = true;
  }

  /** The initiator answered a ping, or sent one. */
  void answered() {
    heard = true;
    pinged = false;
  }

  private void look() {
    long pending = wire.pendingBytes();
    if (heard || pending != pendingBefore) {
      // Over its mark the outbound buffer stops reading: whoever takes what was sent is alive.
      pendingBefore = pending;
      pinged = false;
      start();
    } else if (pinged) {
      connection.refuseAtOnce("no answer to a NOP-In");
    } else {
      pinged = true;
      pingTag = (pingTag + 1) & 0x7fffffff;
      writer.send(new NopIn(0, Bhs.NO_TAG, pingTag));
      writer.flush();
      timer = wire.schedule(this::look, environment.settings().keepAliveTimeoutSeconds() * 1000L);
    }
  }
}
