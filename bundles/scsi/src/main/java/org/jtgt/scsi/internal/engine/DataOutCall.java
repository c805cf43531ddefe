// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.ScsiCommand;
import org.jtgt.scsi.TransportCondition;
import org.jtgt.scsi.device.Sense;

/** The one request of a task for its Data-Out Buffer, and the transport's answer to it. */
final class DataOutCall implements ScsiCommand.DataOutReady {
  private final EngineTask task;
  private @Nullable TransportCondition condition;

  DataOutCall(EngineTask task) {
    this.task = task;
  }

  /** Asks; the task's next step runs when the data is there. */
  void ask(ScsiCommand transport, int bytes) {
    task.park(OwnedTask.ASKING_DATA);
    transport.receiveDataOut(bytes, this);
    // Parked only after the call has returned: an abort must not use the command at the same time.
    if (task.change(OwnedTask.ASKING_DATA, OwnedTask.RECEIVING)) {
      task.recheckAbort(OwnedTask.RECEIVING);
    } else {
      task.park(OwnedTask.ACTIVE);
      arrived();
    }
  }

  @Override
  public void dataOutReady() {
    answer(null);
  }

  @Override
  public void dataOutFailed(TransportCondition failed) {
    answer(failed);
  }

  private void answer(@Nullable TransportCondition failed) {
    condition = failed;
    if (!task.change(OwnedTask.ASKING_DATA, OwnedTask.DATA_ANSWERED)
        && task.claim(OwnedTask.RECEIVING)) {
      arrived();
    }
  }

  private void arrived() {
    TransportCondition failed = condition;
    // The initiator's time does not count.
    task.waitsFromNow();
    if (failed == null || task.isAborted()) {
      RunQueue.run(task);
      return;
    }
    task.check(
        switch (failed) {
          case UNEXPECTED_UNSOLICITED_DATA -> Sense.UNEXPECTED_UNSOLICITED_DATA;
          case INCORRECT_AMOUNT_OF_DATA -> Sense.NOT_ENOUGH_UNSOLICITED_DATA;
          case PROTOCOL_SERVICE_CRC_ERROR -> Sense.PROTOCOL_SERVICE_CRC_ERROR;
          case SNACK_REJECTED -> Sense.READ_ERROR_FAILED_RETRANSMISSION;
        });
  }
}
