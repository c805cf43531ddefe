// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.sbc;

import org.jtgt.backstore.StoreIo.Operation;
import org.jtgt.scsi.device.Step;
import org.jtgt.scsi.device.Task;

/**
 * SYNCHRONIZE CACHE, PRE-FETCH and START STOP UNIT (SBC-3 5.26, 5.7, 5.25): what concerns the cache
 * and not the blocks.
 */
final class Cache {
  private static final int NO_FLUSH = 0x04;
  private static final int START = 0x01;
  private static final Step GOOD = Task::good;
  private static final Step STOP = Cache::stop;

  private Cache() {}

  /** The whole cache is flushed, and IMMED waits too: more than what is asked is allowed. */
  static void synchronize(Task task) {
    Range.decode(task);
    if (!Range.refused(task)) {
      task.io(Operation.FLUSH, 0, 0, false, false, GOOD);
    }
  }

  /** Reads nothing ahead: GOOD says that not all of it is in the cache. */
  static void preFetch(Task task) {
    Range.decode(task);
    if (!Range.refused(task)) {
      task.good();
    }
  }

  static void startStop(Task task) {
    if ((task.cdb(4) & START) != 0) {
      task.unit().started(true);
      task.good();
    } else if ((task.cdb(4) & NO_FLUSH) != 0) {
      stop(task);
    } else {
      task.io(Operation.FLUSH, 0, 0, false, false, STOP);
    }
  }

  private static void stop(Task task) {
    task.unit().started(false);
    task.good();
  }
}
