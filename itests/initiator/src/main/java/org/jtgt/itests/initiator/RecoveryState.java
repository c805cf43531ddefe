// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the parts of a {@link RecoveringSession} share: numbers, connections, what is under way. */
final class RecoveryState {
  /** So long nothing comes before it is asked for. */
  static final long SILENCE_NANOS = 200_000_000L;

  /** So long nothing comes before a connection counts as lost. */
  static final long DEAD_NANOS = 10_000_000_000L;

  final CommandWindow window;
  final RecoveryCounts counts = new RecoveryCounts();
  final List<RecoveringLink> links = new ArrayList<>();

  /** By Initiator Task Tag. */
  final Map<Integer, RecoveringTask> tasks = new HashMap<>();

  /** Answers to requests other than commands, by Initiator Task Tag. */
  final Map<Integer, Response> answers = new HashMap<>();

  final Set<Integer> awaited = new HashSet<>();
  ScsiResult[] results = new ScsiResult[0];
  private int nextItt = 0x100;

  RecoveryState(CommandWindow window) {
    this.window = window;
  }

  int newItt() {
    return nextItt++;
  }

  /** Whether the target has the command, as far as it has said. */
  boolean arrived(RecoveringTask task) {
    return Serial.lessThan(task.cmdSn, window.expCmdSn());
  }

  /** Sends a command again, with its number. */
  void retry(RecoveringLink link, RecoveringTask task) throws IOException {
    counts.commandRetries++;
    link.send(task);
  }

  /** Asks for the data below a DataSN that has not come. */
  void askForData(RecoveringLink link, RecoveringTask task, int end) throws IOException {
    task.missing(
        end,
        (from, run) -> {
          counts.dataSnacks++;
          link.snack(task, from, run);
        });
  }
}
