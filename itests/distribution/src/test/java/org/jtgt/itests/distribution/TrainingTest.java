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
    Outcome training = Trained.outcome();
    assertThat(training.status()).as(training.out()).isZero();
    Path cache = Trained.home().resolve(Trained.CACHE);
    assertThat(training.out()).contains(cache.toString()).hasLineCount(1);
    assertThat(cache).isNotEmptyFile();
    try (Distribution distribution = new Distribution()) {
      serve(distribution);
      assertThat(distribution.mapped()).contains(cache.toString());
      expectDisk(distribution);
    }
  }

  /** As it lies in the archives. */
  @Test
  void aDaemonStartsWithoutTraining() throws IOException, InterruptedException {
    try (Distribution distribution = new Distribution()) {
      distribution.copy();
      serve(distribution);
      assertThat(distribution.mapped()).doesNotContain("jtgt.aot");
      expectDisk(distribution);
    }
  }

  private static void serve(Distribution distribution) throws IOException {
    distribution.dropDisk("disk", "1M");
    distribution.drop("org.jtgt.scsi.target-trained.cfg", "name=" + TARGET, "luns=0:disk");
    distribution.dropPortal();
    distribution.start();
  }

  private static void expectDisk(Distribution distribution) throws IOException {
    try (Session session = distribution.login(TARGET)) {
      assertThat(session.logicalUnit(0).capacity().blocks()).isEqualTo(2048);
    }
  }
}
