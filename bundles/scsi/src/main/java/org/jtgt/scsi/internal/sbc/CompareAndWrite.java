// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.sbc;

import java.nio.ByteBuffer;
import org.jtgt.backstore.StoreIo.Operation;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.device.Limits;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Step;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.Task.Access;

/** COMPARE AND WRITE (SBC-3 5.2): holds its range alone from the read to the end of the write. */
final class CompareAndWrite {
  private static final int FUA = 0x08;

  private static final Step RESERVED = CompareAndWrite::reserved;
  private static final Step RECEIVED = CompareAndWrite::received;
  private static final Step LOCKED = CompareAndWrite::read;
  private static final Step READ = CompareAndWrite::compare;
  private static final Step WRITTEN = CompareAndWrite::written;

  private CompareAndWrite() {}

  static void run(Task task) {
    task.range(task.cdb64(2), task.cdb(13));
    if (Range.refused(task)) {
      return;
    }
    if (task.blocks() > Limits.COMPARE_AND_WRITE_BLOCKS) {
      task.check(Sense.invalidFieldInCdb(13, 7));
    } else if (task.blocks() == 0 && task.expectedDataOut() == 0) {
      task.good();
    } else if (task.expectedDataOut() != 2 * Range.lengthBytes(task)) {
      // What the initiator means is not what the CDB says (256 blocks do not fit its field):
      // nothing is written, and it must not look as if it were.
      task.check(Sense.invalidFieldInCdb(13, 7));
    } else {
      task.reserve((int) (3 * Range.lengthBytes(task)), RESERVED);
    }
  }

  private static void reserved(Task task) {
    task.receive((int) (2 * Range.lengthBytes(task)), RECEIVED);
  }

  private static void received(Task task) {
    task.allocateDataIn((int) Range.lengthBytes(task));
    task.lock(Access.EXCLUSIVE, LOCKED);
  }

  private static void read(Task task) {
    ByteBuffer[] buffers = task.dataIn();
    task.io(
        Operation.READ,
        Range.offsetBytes(task),
        Range.lengthBytes(task),
        buffers,
        buffers.length,
        false,
        READ);
  }

  private static void compare(Task task) {
    long bytes = Range.lengthBytes(task);
    long wrong = Bytes.mismatch(task, 0, task.dataIn(), bytes);
    if (wrong >= 0) {
      task.check(Sense.MISCOMPARE_DURING_VERIFY.withInformation(wrong));
      return;
    }
    ByteBuffer[] data = Bytes.views(task.dataOut(), task.dataOutBuffers(), bytes, bytes);
    task.io(
        Operation.WRITE,
        Range.offsetBytes(task),
        bytes,
        data,
        data.length,
        Range.stable(task, (task.cdb(1) & FUA) != 0),
        WRITTEN);
  }

  private static void written(Task task) {
    task.end(ScsiStatus.GOOD, 0, (int) (2 * Range.lengthBytes(task)));
  }
}
