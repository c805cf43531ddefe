// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.jtgt.itests.distribution.Distribution.Outcome;
import org.jtgt.itests.initiator.Session;
import org.junit.jupiter.api.Test;

/** {@code bin/jtgt train}: what the JVM has noted in a training run serves the daemons after it. */
class TrainingTest {
  private static final String TARGET = "iqn.2026-11.org.jtgt:trained";

  @Test
  void aDaemonStartsFromWhatATrainingRunHasLeft() throws IOException, InterruptedException {
    try (Distribution distribution = new Distribution()) {
      Path cache = distribution.copy().resolve("lib/jtgt.aot");
      Outcome training = distribution.script("train");
      assertThat(training.status()).as(training.out()).isZero();
      assertThat(training.out()).contains(cache.toString()).hasLineCount(1);
      assertThat(cache).isNotEmptyFile();

      distribution.dropDisk("disk", "1M");
      distribution.drop("org.jtgt.scsi.target-trained.cfg", "name=" + TARGET, "luns=0:disk");
      distribution.dropPortal();
      distribution.start();
      assertThat(distribution.mapped()).contains(cache.toString());
      try (Session session = distribution.login(TARGET)) {
        assertThat(session.logicalUnit(0).capacity().blocks()).isEqualTo(2048);
      }
    }
  }
}
