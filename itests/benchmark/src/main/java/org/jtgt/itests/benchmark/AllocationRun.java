// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.benchmark;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;

/** Tells how many bytes of heap the threads of a jtgt that runs allocate for each command. */
public final class AllocationRun {
  private static final Duration SLICE = Duration.ofSeconds(1);

  private AllocationRun() {}

  /** Arguments: {@code NAME,PID,PORT,IQN,FIRST_LUN COMMANDS WORK...}. */
  public static void main(String... args) throws IOException {
    Subject subject = Subject.parse(args[0]);
    long commands = Long.parseLong(args[1]);
    for (int i = 2; i < args.length; i++) {
      Workload work = Workload.parse(args[i]);
      perCommand(subject, work, commands);
      System.out.printf(
          "%s: %.1f bytes for each command%n", work.name(), perCommand(subject, work, commands));
    }
  }

  /**
   * Heap bytes for each of so many commands or a few more. The logins between them are counted too,
   * which is next to nothing for each command.
   */
  static double perCommand(Subject subject, Workload work, long commands) throws IOException {
    try (AllocationMeter meter = AllocationMeter.attach(subject.pid())) {
      Map<String, Long> before = serving(meter);
      long ios = 0;
      while (ios < commands) {
        ios += LeanLoad.run(subject, work, 0, Duration.ZERO, SLICE).ios();
      }
      long bytes = 0;
      for (Map.Entry<String, Long> thread : serving(meter).entrySet()) {
        bytes += thread.getValue() - before.getOrDefault(thread.getKey(), 0L);
      }
      return (double) bytes / ios;
    }
  }

  private static Map<String, Long> serving(AllocationMeter meter) {
    return meter.allocatedBytes(
        name -> name.startsWith("jtgt-iscsi") || name.startsWith("jtgt-store"));
  }
}
