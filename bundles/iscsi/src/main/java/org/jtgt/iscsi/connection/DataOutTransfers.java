// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import io.netty.buffer.ByteBuf;
import org.jtgt.iscsi.pdu.Bhs;

/**
 * The data of writes on its way over one connection: takes Data-Out PDUs, and asks for more by R2Ts
 * (RFC 7143 11.7, 11.8).
 *
 * <p>Thread rules: the loop.
 */
final class DataOutTransfers {
  private final PduWriter writer;
  private final DataOutWindow window;
  private int nextTransferTag = 1;
  private boolean stopped;

  /**
   * @param solicitedBytes another R2T is sent while less than that is still to come
   */
  DataOutTransfers(PduWriter writer, int solicitedBytes) {
    this.writer = writer;
    this.window = new DataOutWindow(solicitedBytes);
  }

  /** The connection has ended or failed: nothing is asked for any more. */
  void stop() {
    stopped = true;
  }

  /** Takes a Data-Out PDU for a task; its data is taken over. */
  DataOutReceiver.Verdict receive(ScsiTask task, Bhs header, ByteBuf data) {
    DataOutReceiver.Verdict verdict = task.dataOutReceiver().receive(header, data);
    window.update(task.share());
    proceed();
    return verdict;
  }

  /** A Data-Out PDU for a task came damaged (RFC 7143 7.8). */
  void damaged(ScsiTask task, Bhs header) {
    task.dataOutReceiver().damaged(header);
    window.update(task.share());
    proceed();
  }

  /** Asks again for data that stays away (RFC 7143 7.2.2). */
  void askAgain(ScsiTask task) {
    if (task.dataOutReceiver().stalled()) {
      task.dataOutReceiver().askAgain();
      window.update(task.share());
    }
  }

  /** The task has ended, or goes on with another connection. */
  void leave(ScsiTask task) {
    window.leave(task.share());
  }

  /** Lets tasks ask for data that had to wait. */
  void proceed() {
    if (!stopped) {
      window.proceed();
    }
  }

  boolean admitsR2t(ScsiTask task) {
    return window.admits(task.share());
  }

  int nextTransferTag() {
    int tag = nextTransferTag++;
    return tag == Bhs.NO_TAG ? nextTransferTag++ : tag;
  }

  void sendR2t(ScsiTask task, int transferTag, int r2tSn, int offset, int desired) {
    window.update(task.share());
    if (!stopped) {
      writer.sendR2t(task.lun(), task.initiatorTaskTag(), transferTag, r2tSn, offset, desired);
    }
  }
}
