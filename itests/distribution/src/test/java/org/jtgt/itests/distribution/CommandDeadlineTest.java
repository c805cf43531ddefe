// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.LogicalUnit;
import org.jtgt.itests.initiator.ScsiResult;
import org.jtgt.itests.initiator.Sense;
import org.jtgt.itests.initiator.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A store stops answering: initiators are told at the deadline, the operator sees why. */
class CommandDeadlineTest {
  private static final String TARGET = "iqn.2026-11.org.jtgt.itests:deadline";
  private static final int BLOCKS = 8;

  private Distribution jtgt;

  @BeforeEach
  void begin() throws Exception {
    jtgt = new Distribution();
    Path doubles = Path.of(System.getProperty("jtgt.doubles.jar"));
    Files.copy(doubles, jtgt.work().resolve("deploy").resolve("doubles.jar"));
    jtgt.drop(
        "org.jtgt.scsi.lu-disk0.cfg", "store=slow", "commandDeadlineSeconds=2", "writeCache=false");
    jtgt.drop("org.jtgt.scsi.target-deadline.cfg", "name=" + TARGET, "luns=0:disk0");
    jtgt.dropPortal();
  }

  @AfterEach
  void end() throws Exception {
    try {
      hold(false);
    } finally {
      jtgt.close();
    }
  }

  private void hold(boolean held) throws Exception {
    jtgt.drop(
        "org.jtgt.itests.doubles.slow-slow.cfg", "size=1M", "completion=blocking", "held=" + held);
  }

  private static byte[] pattern(int seed) {
    byte[] data = new byte[BLOCKS * 512];
    new Random(seed).nextBytes(data);
    return data;
  }

  private static String sense(ScsiResult result) {
    Sense sense = result.sense().orElseThrow();
    return "%x/%02x/%02x".formatted(sense.key(), sense.asc(), sense.ascq());
  }

  private String shown() throws Exception {
    return jtgt.jtgt("list", "lu").out();
  }

  @Test
  void aCommandThatItsStoreDoesNotAnswerIsAnsweredAndChangesNothingLater() throws Exception {
    hold(false);
    jtgt.start();
    try (Session session = jtgt.login(TARGET)) {
      LogicalUnit unit = session.logicalUnit(0);
      unit.write(0, pattern(1), 512);
      hold(true);
      // The file is taken a moment later: until then writes are good.
      List<Integer> late = new ArrayList<>();
      for (int seed = 2; late.isEmpty(); seed++) {
        ScsiResult result = unit.out(Cdb.write16(0, BLOCKS), pattern(seed));
        if (result.status() != ScsiResult.GOOD) {
          assertThat(sense(result)).isEqualTo("b/2e/02");
          late.add(seed);
        }
      }
      ScsiResult behind = unit.out(Cdb.write16(4, BLOCKS), pattern(99));
      assertThat(sense(behind)).as("its blocks wait for the store").isEqualTo("b/2e/01");
      assertThat(sense(unit.in(Cdb.read16(100, BLOCKS), BLOCKS * 512))).isEqualTo("b/2e/02");
      assertThat(shown())
          .contains("blocked", "store slow is blocked", "commands were answered without it");
      assertThat(jtgt.log().split("store slow is late", -1)).as("told once").hasSize(2);

      hold(false);
      jtgt.eventually(() -> {
        assertThat(shown()).contains("ready").doesNotContain("blocked");
        return true;
      });
      assertThat(unit.read(0, BLOCKS, 512)).isEqualTo(pattern(late.getFirst()));
      unit.write(0, pattern(5), 512);
      assertThat(unit.read(0, BLOCKS, 512)).as("no late surprise").isEqualTo(pattern(5));
      jtgt.eventually(() -> {
        assertThat(jtgt.log()).contains("store slow has given back all that was overdue");
        return true;
      });
    }
  }
}
