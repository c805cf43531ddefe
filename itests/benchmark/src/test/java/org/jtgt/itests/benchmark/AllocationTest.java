// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The steady path makes next to no garbage, as the JVM of the distribution itself tells, with the
 * options that it ships with. Its compiler needs a while until it keeps short-lived objects off the
 * heap, so the load is measured again until it has, a bounded number of times.
 */
class AllocationTest {
  private static final long COMMANDS = 100_000;
  private static final int ATTEMPTS = 12;

  private static Daemon daemon;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    daemon = new Daemon();
  }

  @AfterAll
  static void stop() throws IOException, InterruptedException {
    daemon.close();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "reads of memory, 64, 0, read:randread:4k:32:1",
    "writes to memory, 64, 0, write:randwrite:4k:32:1",
    "reads of a file in memory, 64, 1, read:randread:4k:32:1",
    "writes to a file in memory, 64, 1, write:randwrite:4k:32:1",
  })
  void allocatesNoMoreForEachOf100000CommandsOf4k(String what, int bytes, int lun, String work)
      throws IOException {
    assumeThat(lun == 0 || daemon.fileInMemory()).as("a tmpfs at /dev/shm").isTrue();
    List<Double> seen = new ArrayList<>();
    do {
      seen.add(AllocationRun.perCommand(daemon.subject(lun), Workload.parse(work), COMMANDS));
    } while (seen.getLast() > bytes && seen.size() < ATTEMPTS);
    assertThat(seen.getLast())
        .as("bytes for each command, %s: %s", what, seen)
        .isLessThanOrEqualTo(bytes);
  }
}
