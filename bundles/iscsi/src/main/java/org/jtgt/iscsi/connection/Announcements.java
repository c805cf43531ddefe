// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import java.nio.ByteBuffer;
import org.jtgt.iscsi.pdu.TargetPdu;
import org.jtgt.iscsi.pdu.TargetPdu.AsyncMessage;
import org.jtgt.iscsi.pdu.TargetPdu.ScsiEvent;
import org.jtgt.iscsi.text.Key;
import org.jtgt.iscsi.text.Parameters;
import org.jtgt.iscsi.text.TextPair;

/**
 * What the target says of its own accord on one connection: Asynchronous Messages (RFC 7143 11.9).
 *
 * <p>Thread rules: the loop.
 */
final class Announcements {
  private final OpenSession open;
  private final FullFeature connection;
  private final TextExchange text;

  /** The transport's MaxRecvDataSegmentLength, as this connection last knew it. */
  private int transportBytes;

  Announcements(OpenSession open, FullFeature connection, TextExchange text) {
    this.open = open;
    this.connection = connection;
    this.text = text;
    transportBytes = ownMaxRecv(open.settings());
  }

  private static int ownMaxRecv(Settings settings) {
    return Integer.parseInt(
        settings
            .ownValues()
            .getOrDefault(
                Key.MAX_RECV_DATA_SEGMENT_LENGTH, Key.MAX_RECV_DATA_SEGMENT_LENGTH.defaultValue()));
  }

  /** Reports a SCSI event with its sense data (AsyncEvent 0). */
  void scsiEvent(long lun, byte[] sense) {
    connection.send(
        new ScsiEvent(lun),
        ByteBuffer.allocate(2 + sense.length).putShort((short) sense.length).put(sense).array());
    connection.flush();
  }

  /** Asks the initiator to log out within a time (AsyncEvent 1). */
  void requestLogout(int seconds) {
    say(new AsyncMessage(AsyncMessage.LOGOUT_REQUEST, 0, 0, seconds));
  }

  /** Says that the target drops this connection (AsyncEvent 2): on another one, or else here. */
  void ownDrop() {
    for (FullFeature other : open.connections()) {
      if (other != connection) {
        other.announcements().drop(connection.cid());
        return;
      }
    }
    drop(connection.cid());
  }

  private void drop(int droppedCid) {
    Parameters now = open.parameters();
    say(
        new AsyncMessage(
            AsyncMessage.DROPS_CONNECTION,
            droppedCid,
            now.defaultTime2Wait(),
            now.defaultTime2Retain()));
  }

  /** Says that the target drops all connections of the session (AsyncEvent 3). */
  void dropOfAll() {
    say(
        new AsyncMessage(
            AsyncMessage.DROPS_ALL_CONNECTIONS, 0, open.parameters().defaultTime2Wait(), 0));
  }

  /** Asks for a Text Request, in which the target declares what has changed (AsyncEvent 4). */
  void negotiation(Settings changed) {
    int before = transportBytes;
    transportBytes = ownMaxRecv(changed);
    // A connection that did not take the transport's value has its own from a policy.
    if (before == connection.connection().declaredBytes()
        && connection.connection().declares(transportBytes)) {
      text.declare(
          new TextPair(Key.MAX_RECV_DATA_SEGMENT_LENGTH.text(), Integer.toString(transportBytes)));
      say(
          new AsyncMessage(
              AsyncMessage.ASKS_FOR_NEGOTIATION, 0, 0, open.settings().loginSeconds()));
    }
  }

  private void say(TargetPdu message) {
    connection.send(message);
    connection.flush();
  }
}
