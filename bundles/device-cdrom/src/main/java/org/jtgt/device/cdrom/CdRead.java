// SPDX-License-Identifier: Apache-2.0
package org.jtgt.device.cdrom;

import java.nio.ByteBuffer;
import org.jtgt.backstore.StoreIo.Operation;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Step;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.Task.Access;
import org.jtgt.scsi.device.Unit;

/** READ(10) and (12) (MMC-6 6.15, 6.16). */
final class CdRead {
  private static final Step RESERVED = CdRead::reserved;
  private static final Step LOCKED = CdRead::locked;
  private static final Step DONE = CdRead::done;

  private CdRead() {}

  static void run(Task task) {
    boolean ten = task.command().cdbBytes() == 10;
    long blocks = ten ? task.cdb16(7) : task.cdb32(6);
    task.range(task.cdb32(2), blocks);
    Unit.Medium medium = task.unit().attachedMedium();
    if (task.lba() > medium.blocks() || medium.blocks() - task.lba() < blocks) {
      task.check(Sense.LBA_OUT_OF_RANGE);
      return;
    }
    if (blocks > task.unit().maximumTransferBytes() / medium.blockBytes()) {
      task.check(Sense.invalidFieldInCdb(ten ? 7 : 6, 7));
      return;
    }
    int block = medium.blockBytes();
    long wanted = Math.min(blocks, ((long) task.expectedDataIn() + block - 1) / block);
    if (wanted == 0) {
      task.end(ScsiStatus.GOOD, (int) (blocks * block), 0);
      return;
    }
    task.progress(wanted * block);
    task.reserve((int) task.progress(), RESERVED);
  }

  private static void reserved(Task task) {
    task.allocateDataIn((int) task.progress());
    task.lock(Access.READ, LOCKED);
  }

  private static void locked(Task task) {
    ByteBuffer[] buffers = task.dataIn();
    task.io(
        Operation.READ,
        task.lba() * block(task),
        task.progress(),
        buffers,
        buffers.length,
        false,
        DONE);
  }

  private static void done(Task task) {
    for (ByteBuffer buffer : task.dataIn()) {
      buffer.rewind();
    }
    task.end(ScsiStatus.GOOD, (int) (task.blocks() * block(task)), 0);
  }

  private static int block(Task task) {
    return task.unit().attachedMedium().blockBytes();
  }
}
