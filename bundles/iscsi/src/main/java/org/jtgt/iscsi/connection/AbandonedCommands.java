// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jtgt.scsi.Nexus;
import org.jtgt.scsi.TaskManagementFunction;

/** The commands of a connection that has ended while its session goes on. */
final class AbandonedCommands {
  private AbandonedCommands() {}

  /**
   * Aborts them.
   *
   * @param inLoop runs something in the loop, after what the engine wanted there before
   * @param ended runs in the loop when all have ended, before this returns when there are none
   */
  static void abort(
      List<ScsiTask> commands, Nexus nexus, Consumer<Runnable> inLoop, Runnable ended) {
    if (commands.isEmpty()) {
      ended.run();
      return;
    }
    AtomicInteger open = new AtomicInteger(commands.size());
    Runnable answered =
        () -> {
          if (open.decrementAndGet() == 0) {
            ended.run();
          }
        };
    for (ScsiTask task : commands) {
      long lun = task.lun();
      nexus.manage(
          TaskManagementFunction.ABORT_TASK,
          lun,
          task.tag(),
          ignored -> {
            // Nobody gets their answers; the other connections are told (RFC 7143 11.14.5).
            nexus.commandsCleared(lun);
            inLoop.accept(answered);
          });
    }
  }
}
