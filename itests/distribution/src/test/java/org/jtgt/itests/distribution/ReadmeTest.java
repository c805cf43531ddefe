// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.jtgt.itests.distribution.Distribution.Outcome;
import org.jtgt.itests.initiator.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What README.md says to type into the shell does what it says. Its initiators' commands are those
 * of the suites libiscsi, qemu and guest.
 */
class ReadmeTest {
  private static final String PROMPT = "tgt> ";

  private Distribution jtgt;
  private String readme;

  @BeforeEach
  void start() throws Exception {
    readme = Files.readString(Path.of(System.getProperty("jtgt.top"), "README.md"));
    jtgt = new Distribution();
    jtgt.dropPortal();
    jtgt.start();
  }

  @AfterEach
  void end() throws Exception {
    jtgt.close();
  }

  @Test
  void theShellsLinesMakeATargetThatServesItsDisk() throws Exception {
    String lines =
        readme
            .lines()
            .filter(line -> line.startsWith(PROMPT))
            .map(line -> line.substring(PROMPT.length()))
            .map(line -> line.replace("/srv/", jtgt.work() + "/"))
            .collect(Collectors.joining("\n", "", "\n"));
    assertThat(lines).contains("create file", "create lu", "create target", "list");
    Outcome outcome = jtgt.jtgtWithInput(lines, "shell");
    assertThat(outcome.out()).contains("disk1", "mine", "ready");
    assertThat(outcome.status()).as(outcome.out()).isZero();
    try (Session session = jtgt.login("iqn.2026-11.com.example:mine")) {
      assertThat(session.logicalUnit(0).capacity().blocks()).isEqualTo((10L << 30) / 512);
    }
  }

  @Test
  void theLineThatDropsAFileMakesTheObject() throws Exception {
    String line = readme.lines().filter(text -> text.startsWith("echo ")).findFirst().orElseThrow();
    String here = line.replace("distribution/work/jtgt/etc", jtgt.etc().toString());
    assertThat(here).isNotEqualTo(line);
    assertThat(new ProcessBuilder("sh", "-c", here).start().waitFor()).isZero();
    jtgt.eventually(() -> assertThat(jtgt.jtgt("show", "memory", "fast").out()).contains("4G"));
  }
}
