// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.sbc;

import org.jtgt.backstore.StoreIo.Operation;
import org.jtgt.scsi.device.Step;
import org.jtgt.scsi.device.Task;

/** SYNCHRONIZE CACHE and PRE-FETCH (SBC-3 5.26, 5.7): what concerns the cache and not the blocks. */
final class Cache {
  private static final Step GOOD = Task::good;

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
}
