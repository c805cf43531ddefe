// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.sbc;

import org.jtgt.backstore.StoreIo.Operation;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Step;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.Task.Access;
import org.jtgt.scsi.device.Unit;

/**
 * WRITE ATOMIC(16) (SBC-4 5.43), for stores that declare an atomic unit: all of it is written or
 * nothing, and no other command sees a part of it.
 */
final class WriteAtomic {
  private static final int FUA = 0x08;

  private static final Step RESERVED = WriteAtomic::reserved;
  private static final Step RECEIVED = WriteAtomic::received;
  private static final Step LOCKED = WriteAtomic::locked;
  private static final Step WRITTEN = WriteAtomic::written;

  private WriteAtomic() {}

  /** MAXIMUM ATOMIC TRANSFER LENGTH in blocks. */
  static long maximumBlocks(Unit unit) {
    return unit.medium()
        .map(medium ->
            (long) Math.min(medium.atomicUnitBytes(), unit.maximumTransferBytes())
                / medium.blockBytes())
        .orElse(0L);
  }

  static void run(Task task) {
    task.range(task.cdb64(2), task.cdb16(12));
    if (Range.refused(task)) {
      return;
    }
    if (task.cdb16(10) != 0) {
      task.check(Sense.invalidFieldInCdb(10, 7)); // ATOMIC BOUNDARY: none is offered
    } else if (task.blocks() > maximumBlocks(task.unit())) {
      task.check(Sense.invalidFieldInCdb(12, 7));
    } else if (task.blocks() == 0) {
      task.good();
    } else if (task.expectedDataOut() < Range.lengthBytes(task)) {
      // A part of it is what the initiator asked not to get.
      task.check(Sense.invalidFieldInCdb(12, 7));
    } else {
      task.reserve((int) Range.lengthBytes(task), RESERVED);
    }
  }

  private static void reserved(Task task) {
    task.receive((int) Range.lengthBytes(task), RECEIVED);
  }

  private static void received(Task task) {
    task.lock(Access.EXCLUSIVE, LOCKED);
  }

  private static void locked(Task task) {
    task.io(
        Operation.WRITE,
        Range.offsetBytes(task),
        Range.lengthBytes(task),
        task.dataOut(),
        task.dataOutBuffers(),
        Range.stable(task, (task.cdb(1) & FUA) != 0),
        WRITTEN);
  }

  private static void written(Task task) {
    task.end(ScsiStatus.GOOD, 0, (int) Range.lengthBytes(task));
  }
}
