// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jtgt.scsi.device.UnitAttention;

/** What an abort found in a task set, to be carried out without the set's lock. */
final class Aborts {
  private final List<EngineTask> parked = new ArrayList<>();
  private final List<StoreCall> running = new ArrayList<>();
  private final Set<Path> silenced = new LinkedHashSet<>();

  /** A task that was waiting; it belongs to the abort now. */
  void parked(EngineTask task) {
    parked.add(task);
  }

  /** A store I/O that is {@linkplain StoreCall#pin pinned} to be cancelled. */
  void running(StoreCall call) {
    running.add(call);
  }

  /** A nexus whose commands end without an answer though another nexus aborted them. */
  void silenced(Path path) {
    silenced.add(path);
  }

  /** Ends what was waiting, asks the store for an early end of the rest. */
  void carryOut() {
    running.forEach(StoreCall::cancel);
    parked.forEach(EngineTask::endAborted);
  }

  /** Tells the nexuses that would not learn of it otherwise (SAM-5 5.6). */
  void tellSilenced() {
    silenced.forEach(path -> path.establish(UnitAttention.COMMANDS_CLEARED));
  }
}
