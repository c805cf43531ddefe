// SPDX-License-Identifier: Apache-2.0
package org.jtgt.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jtgt.admin.AdminException;
import org.jtgt.admin.AdminException.Problem;
import org.jtgt.admin.Bundles;
import org.jtgt.admin.Category;
import org.jtgt.admin.Change;
import org.jtgt.admin.ManagedObject;
import org.jtgt.admin.Origin;
import org.jtgt.state.StateRow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandsTest {
  @TempDir Path state;
  private final MemoryAdmin admin = new MemoryAdmin();
  private Optional<Bundles> bundles = Optional.empty();
  private final StringBuilder notices = new StringBuilder();

  private Commands.Answer run(String line) {
    String[] words = line.split(" ");
    return new Commands(
            admin,
            new Disks(admin, Optional.of(state)),
            new Settling(admin, 0),
            () -> bundles,
            notices::append)
        .run(words[0], List.of(words).subList(1, words.length));
  }

  @Test
  void whatIsUnderWayIsToldToWhoWaitsForItAndToWhoLooks() {
    admin.add("file", Category.STORE, "disk1", "active", Map.of("path", "/srv/disk1"));
    admin.underWay = Optional.of("set file disk0 by a command, for 12 s");
    assertThat(run("list").errors())
        .isEqualTo("note: under way: set file disk0 by a command, for 12 s\n");
    assertThat(notices).isEmpty();
    run("set store disk1 path=/srv/other");
    assertThat(notices).hasToString("note: waits for: set file disk0 by a command, for 12 s\n");
    admin.underWay = Optional.empty();
    assertThat(run("list").errors()).isEmpty();
  }

  @Test
  void aBundleIsReplacedByWhoeverDeploys() {
    assertThat(run("update /tmp/a.jar").errors()).contains("no bundle that deploys");
    bundles =
        Optional.of(
            new Bundles() {
              @Override
              public String install(Path jar) {
                return "installed " + jar;
              }

              @Override
              public String update(Path jar, boolean force) {
                if (!force) {
                  throw new AdminException(
                      AdminException.Problem.IN_USE, "", "", "", "would be lost");
                }
                return "updated " + jar;
              }

              @Override
              public String uninstall(String symbolicName, boolean force) {
                return "uninstalled " + symbolicName;
              }
            });
    assertThat(run("install /tmp/a.jar").output()).isEqualTo("installed /tmp/a.jar\n");
    assertThat(run("uninstall a").output()).isEqualTo("uninstalled a\n");
    assertThat(run("update /tmp/a.jar").status()).isEqualTo(1);
    assertThat(run("update /tmp/a.jar --force").output()).isEqualTo("updated /tmp/a.jar\n");
    assertThat(run("update").status()).isEqualTo(2);
  }

  @Test
  void aListIsAnAlignedTableWithoutEmptyColumns() {
    admin.add("file", Category.STORE, "d", "active", Map.of("path", "/d"));
    admin.add("lu", Category.LU, "long-name", "ready", Map.of("store", "d"));

    assertThat(run("list").output())
        .isEqualTo(
            """
            CATEGORY  TYPE  NAME       STATE   DETAILS
            store     file  d          active  path=/d
            lu        lu    long-name  ready   store=d
            """);
    assertThat(run("list lu").output().lines()).hasSize(2);
    assertThat(run("list target").output()).isEqualTo("There is none.\n");
    assertThat(run("list fiel").status()).isEqualTo(1);
  }

  @Test
  void whatIsNeitherATypeNorACategoryIsToldWithBoth() {
    for (String command : List.of("list fiel", "show fiel d")) {
      assertThat(run(command).errors())
          .contains("no type fiel; or a category: store, lu, target, portal, login,");
      assertThat(run(command).status()).isEqualTo(1);
    }
    assertThat(run("show store d").errors()).isEqualTo("show: there is no store 'd'\n");
  }

  @Test
  void aDiskWithoutASizeNeedsAFileThatIsThere() throws IOException {
    assertThat(run("create disk d").errors())
        .isEqualTo(
            "create: size: is required, as in size=10G; or path=FILE for a file or device that is"
                + " there\n");
    assertThat(run("create disk d").status()).isEqualTo(2);
    assertThat(admin.changes).isEmpty();
    Files.createFile(state.resolve("disks").resolve("d.img"));
    assertThat(run("create disk d").status()).isZero();
    assertThat(admin.changes).isNotEmpty();
  }

  @Test
  void aLunThatIsNoNumberIsToldWithWhatIsAllowed() {
    for (String command : List.of("map t d x", "create disk d size=1M lun=x")) {
      assertThat(run(command).errors())
          .endsWithIgnoringCase("lun: 'x' is no number; allowed: integer 0..16383\n");
      assertThat(run(command).status()).isEqualTo(2);
    }
  }

  @Test
  void countersAreAlignedToTheRight() {
    admin.rows.add(new StateRow("1", "", Map.of("commands", 5L)));
    admin.rows.add(new StateRow("2", "", Map.of("commands", 12_345L)));

    assertThat(run("sessions").output())
        .isEqualTo(
            """
            SESSION  commands
                  1         5
                  2     12345
            """);
  }

  @Test
  void aDiskIsAStoreALogicalUnitATargetAndALunInOneStep() {
    run("create disk disk1 size=1G blockSize=4096");

    assertThat(admin.changes)
        .containsExactly(
            new Change.Create(
                "org.jtgt.backstore.file",
                "disk1",
                Map.of("size", "1G", "path", state.resolve("disks/disk1.img").toString())),
            new Change.Create("lu", "disk1", Map.of("blockSize", "4096", "store", "disk1")),
            new Change.Create("target", "disk1", Map.of()),
            new Change.MapLun("disk1", OptionalInt.empty(), "disk1"));
  }

  @Test
  void aDiskGoesIntoATargetThatIsThere() {
    admin.add("target", Category.TARGET, "t", "ready", Map.of());

    run("create disk disk1 size=1G target=t lun=7");

    assertThat(admin.changes)
        .hasSize(3)
        .endsWith(new Change.MapLun("t", OptionalInt.of(7), "disk1"));
  }

  @Test
  void removingADiskTakesItOutOfItsTargetsFirst() {
    admin.add("file", Category.STORE, "d", "active", Map.of());
    admin.add("lu", Category.LU, "d", "ready", Map.of("store", "d"));
    admin.add("target", Category.TARGET, "d", "ready", Map.of("luns", "0:d"));
    admin.add("target", Category.TARGET, "t", "ready", Map.of("luns", "0:x,1:d"));

    run("rm disk d");

    assertThat(admin.changes)
        .containsExactly(
            new Change.Remove("target", "d", false),
            new Change.UnmapLun("t", "d", false),
            new Change.Remove("lu", "d", false),
            new Change.Remove("store", "d", false));
  }

  @Test
  void wordsBecomeChanges() {
    run("set lu a store=b");
    run("set settings scsi transferBudget=");
    run("map t a");
    run("map t a 3");
    run("unmap t 3 --force");
    run("rm lu a b --force");

    assertThat(admin.changes)
        .containsExactly(
            new Change.Update("lu", "a", Map.of("store", "b")),
            new Change.Update("settings", "scsi", Map.of("transferBudget", "")),
            new Change.MapLun("t", OptionalInt.empty(), "a"),
            new Change.MapLun("t", OptionalInt.of(3), "a"),
            new Change.UnmapLun("t", "3", true),
            new Change.Remove("lu", "a", true),
            new Change.Remove("lu", "b", true));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          create            | write: create TYPE NAME [KEY=VALUE]...
          create lu         | write: create TYPE NAME [KEY=VALUE]...
          create lu a b     | 'b' is too much
          create lu a x=1 x=2 | 'x' is given twice
          rm lu a --forse   | unknown option --forse
          set lu a          | no key is given
          map t a x         | LUN: 'x' is no number
          stats nothing     | 'nothing' is not known; allowed: buffers, connection, lu, portal, session, target
          help nothing      | there is no command 'nothing'
          """)
  void whatIsNotUnderstoodHasStatusTwoAndSaysHowToWriteIt(String line, String message) {
    Commands.Answer answer = run(line);

    assertThat(answer.status()).isEqualTo(2);
    assertThat(answer.output()).isEmpty();
    assertThat(answer.errors()).contains(message).endsWith("\n");
    assertThat(admin.changes).isEmpty();
  }

  @Test
  void aRefusalHasStatusOneAndOneLine() {
    admin.refusal =
        Optional.of(new AdminException(Problem.BAD_VALUE, "pid", "key", "v", "is not allowed"));

    Commands.Answer answer = run("create lu a store=b");

    assertThat(answer.status()).isEqualTo(1);
    assertThat(answer.errors()).isEqualTo("create: pid: key: is not allowed\n");
  }

  @Test
  void anObjectThatIsMadeButDoesNotRunIsNotASuccess() {
    admin.add("file", Category.STORE, "d", "failed", Map.of());

    Commands.Answer answer = run("create file d path=/d");

    assertThat(answer.status()).isEqualTo(1);
    assertThat(answer.errors()).contains("org.jtgt.file~d does not run: path: gone");
  }

  @Test
  void whatOfAChangeIsNotInForceYetIsANote() {
    admin.objects.add(
        new ManagedObject(
            "org.jtgt.lu~d",
            "org.jtgt.lu",
            "lu",
            Category.LU,
            "d",
            Map.of(),
            Origin.COMMAND,
            "ready",
            "threads: from the next start on",
            List.of()));

    Commands.Answer answer = run("set lu d store=e");

    assertThat(answer.status()).isZero();
    assertThat(answer.output()).isEqualTo("org.jtgt.lu~d: changed, ready\n");
    assertThat(answer.errors()).isEqualTo("note: org.jtgt.lu~d: threads: from the next start on\n");
  }

  @Test
  void everyCommandHasHelpWithExamples() {
    for (String command : Usage.PAGES.keySet()) {
      Commands.Answer answer = run(command + " --help");
      assertThat(answer.status()).as(command).isZero();
      assertThat(answer.output()).as(command).contains("\nExamples:\n  " + command);
      assertThat(run("help " + command).output()).isEqualTo(answer.output());
      assertThat(run("help").output()).contains(command);
    }
  }
}
