// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import org.jtgt.itests.distribution.Distribution.Outcome;
import org.jtgt.itests.initiator.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the command line makes, shows and removes in a running daemon. */
class CommandsTest {
  private static final String TARGET = "iqn.2026-11.org.jtgt.itests:commands";

  private Distribution jtgt;

  @BeforeEach
  void startEmpty() throws Exception {
    jtgt = new Distribution();
    jtgt.start();
  }

  @AfterEach
  void end() throws Exception {
    jtgt.close();
  }

  private String good(String... words) throws Exception {
    Outcome outcome = jtgt.jtgt(words);
    assertThat(outcome.status()).as(outcome.out()).isZero();
    return outcome.out();
  }

  private void createAll() throws Exception {
    good("create", "file", "d0", "path=" + jtgt.work().resolve("d0.img"), "size=16M");
    good("create", "lu", "d0", "store=d0");
    good("create", "target", "t0", "name=" + TARGET, "luns=0:d0");
    good("create", "portal", "p0", "address=127.0.0.1", "port=" + jtgt.portal().getPort());
  }

  @Test
  void aDiskMadeByCommandsIsServedListedAndSurvivesARestart() throws Exception {
    createAll();
    jtgt.login(TARGET).close();
    assertThat(good("list")).contains("d0", "t0", "p0", TARGET);
    jtgt.stop();
    jtgt.start();
    try (Session session = jtgt.login(TARGET)) {
      assertThat(session.logicalUnit(0).capacity().blocks()).isEqualTo((16 << 20) / 512);
      assertThat(good("sessions")).contains("iqn.2026-11.org.jtgt.itests:distribution", TARGET);
    }
  }

  @Test
  void whatIsInUseIsRemovedOnlyByForce() throws Exception {
    createAll();
    try (Session session = jtgt.login(TARGET)) {
      session.logicalUnit(0).read(0, 1, 512);
      Outcome refused = jtgt.jtgt("rm", "target", "t0");
      assertThat(refused.status()).isNotZero();
      assertThat(refused.out()).contains("--force");
      session.logicalUnit(0).read(0, 1, 512);
    }
    good("rm", "target", "t0", "--force");
    assertThat(good("list")).doesNotContain(TARGET);
  }

  @Test
  void removingAnObjectThatAFileMadeRemovesTheFile() throws Exception {
    jtgt.drop("org.jtgt.backstore.memory-m0.cfg", "size=4M");
    jtgt.eventually(() -> assertThat(good("list")).contains("m0"));
    good("rm", "memory", "m0");
    assertThat(jtgt.etc().resolve("org.jtgt.backstore.memory-m0.cfg")).doesNotExist();
    assertThat(good("list")).doesNotContain("m0");
  }

  @Test
  void aWrongArgumentNamesItsValueAndWhatIsAllowed() throws Exception {
    Outcome outcome = jtgt.jtgt("create", "memory", "m1", "size=lots");
    assertThat(outcome.status()).isNotZero();
    assertThat(outcome.out()).contains("size", "lots");
    assertThat(good("list")).doesNotContain("m1");
  }

  @Test
  void theSocketIsItsOwnersAlone() throws Exception {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(jtgt.state())))
        .isEqualTo("rwx------");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(jtgt.state().resolve("jtgt.sock"))))
        .isEqualTo("rw-------");
  }

  /** 0 done, 1 refused or failed, 2 not understood: what scripts rely on. */
  @Test
  void theExitStatusTellsHowACommandEnded() throws Exception {
    assertThat(jtgt.jtgt("create", "memory", "m2", "size=4M").status()).isZero();
    assertThat(jtgt.jtgt("create", "memory", "m2", "size=4M").status()).isEqualTo(1);
    assertThat(jtgt.jtgt("rm", "memory", "nobody").status()).isEqualTo(1);
    assertThat(jtgt.jtgt("creat", "memory", "m3").status()).isEqualTo(2);
    assertThat(jtgt.jtgt("create", "memory").status()).isEqualTo(2);
    assertThat(good("list", "store")).contains("m2").doesNotContain("m3");
  }

  /** `--help` and `help` show examples; each of them is a line that the parser takes. */
  @Test
  void everyCommandHasHelpWithExamples() throws Exception {
    String overview = good("help");
    for (String command :
        "create list show set rm types map unmap sessions stats help".split(" ")) {
      assertThat(overview).contains(command);
      assertThat(good("help", command)).contains("Examples:\n  " + command);
      assertThat(good(command, "--help")).isEqualTo(good("help", command));
    }
  }

  @Test
  void tablesAlignTheirColumns() throws Exception {
    createAll();
    good("create", "memory", "aVeryLongNameOfAStore", "size=4M");
    var lines = good("list").lines().filter(line -> !line.isBlank()).toList();
    int column = lines.getFirst().indexOf("NAME");
    assertThat(column).isPositive();
    for (String line : lines.subList(1, lines.size())) {
      assertThat(line.charAt(column - 1)).as(line).isEqualTo(' ');
      assertThat(line.charAt(column)).as(line).isNotEqualTo(' ');
    }
  }

  @Test
  void aCommandWithoutADaemonSaysSo() throws Exception {
    jtgt.stop();
    Outcome outcome = jtgt.jtgt("list");
    assertThat(outcome.status()).isNotZero();
    assertThat(outcome.out().lines()).hasSize(1);
    assertThat(outcome.out()).contains("daemon", jtgt.state().toString());
  }
}
