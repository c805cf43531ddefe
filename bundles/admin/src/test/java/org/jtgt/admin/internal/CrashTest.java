// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jtgt.admin.AdminException;
import org.jtgt.admin.Change;
import org.jtgt.admin.Origin;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that ends between the changes of one command, at each of them. */
class CrashTest {
  private static final String FILE_TEXT = "# mine\nstore=disk0\nserial=A,B=\"C\n";

  /** More than any command here changes. */
  private static final int MANY = 20;

  @TempDir Path folder;

  private FakeConfigurationAdmin configurations = new FakeConfigurationAdmin();
  private Path file = Path.of("");
  private Path state = Path.of("");

  /** A store and a target by commands, and a unit by a file. */
  @BeforeEach
  void begin() throws IOException {
    configurations = new FakeConfigurationAdmin();
    state = folder.resolve("state");
    file = folder.resolve("org.jtgt.scsi.lu-disk0.cfg");
    Files.writeString(file, FILE_TEXT);
    Fixture before = new Fixture(configurations, state);
    before.command(
        new Change.Create("memory", "disk0", Map.of("size", "1M")),
        new Change.Create("target", "t", Map.of("luns", "0:disk0,7:other")));
    before.as(Origin.file(file), new Change.Declare("lu", "disk0", CfgFile.read(file)));
  }

  /** Configurations and the file, as one text. */
  private String all() throws IOException {
    return configurations.all() + (Files.exists(file) ? Files.readString(file) : "no file");
  }

  private static final List<Change> REMOVED =
      List.of(
          new Change.UnmapLun("t", "disk0", false),
          new Change.Remove("lu", "disk0", false),
          new Change.Remove("store", "disk0", false));

  private static final List<Change> COVERED =
      List.of(
          new Change.Create("memory", "second", Map.of("size", "1M")),
          new Change.Update("lu", "disk0", Map.of("store", "second", "holdSeconds", "5")),
          new Change.Remove("store", "disk0", false),
          new Change.Create("target", "u", Map.of("name", "iqn.2026-11.org.jtgt:u", "secret", "p")),
          new Change.MapLun("u", OptionalInt.of(3), "disk0"));

  @Test
  void whatWasBegunIsCarriedOutAtTheNextStart() throws IOException {
    for (List<Change> changes : List.of(REMOVED, COVERED)) {
      begin();
      new Fixture(configurations, state).admin.apply(changes, Origin.COMMAND);
      final String done = all();
      int crashes = 0;
      for (int step = 0; step < MANY; step++) {
        begin();
        configurations.crashAfter(step);
        Fixture dying = new Fixture(configurations, state);
        if (!crashes(() -> dying.admin.apply(changes, Origin.COMMAND))) {
          break;
        }
        crashes++;
        startAgainAndAgain();
        assertThat(all()).as("crash after %d", step).isEqualTo(done);
        assertThat(left()).isEmpty();
      }
      assertThat(crashes).isGreaterThanOrEqualTo(3);
    }
  }

  @Test
  void whatFailedIsTakenBackAtTheNextStart() throws IOException {
    final String before = all();
    int crashes = 0;
    for (int step = 0; step < MANY; step++) {
      begin();
      configurations.failOn("org.jtgt.scsi.target~u");
      configurations.crashAfter(step);
      Fixture dying = new Fixture(configurations, state);
      boolean turned;
      try {
        dying.admin.apply(COVERED, Origin.COMMAND);
        throw new AssertionError("it does not fail");
      } catch (AdminException failed) {
        assertThat(all()).isEqualTo(before);
        break;
      } catch (FakeConfigurationAdmin.Crash crash) {
        crashes++;
        turned = Files.exists(state.resolve("changes.back"));
      }
      configurations.failOnNothing();
      startAgainAndAgain();
      if (turned) {
        assertThat(all()).as("crash after %d", step).isEqualTo(before);
      } else {
        assertThat(configurations.exists("org.jtgt.scsi.target~u")).isTrue();
      }
      assertThat(left()).isEmpty();
    }
    assertThat(crashes).isGreaterThanOrEqualTo(6);
  }

  /** A start may be interrupted too. */
  private void startAgainAndAgain() {
    configurations.restart();
    for (int step = 0; step < MANY; step++) {
      configurations.crashAfter(step);
      var starting = new Configurations(configurations.service(), new ChangeRecord(state));
      boolean crashed = crashes(starting::finish);
      configurations.restart();
      if (!crashed) {
        return;
      }
    }
    throw new AssertionError("no start ends");
  }

  private static boolean crashes(Runnable what) {
    try {
      what.run();
      return false;
    } catch (FakeConfigurationAdmin.Crash crash) {
      return true;
    }
  }

  private List<Path> left() throws IOException {
    try (Stream<Path> files = Files.list(state)) {
      return files.toList();
    }
  }

  @Test
  void nothingIsChangedWhileWhatWasInterruptedCannotBeEnded() throws IOException {
    configurations.crashAfter(1);
    Fixture dying = new Fixture(configurations, state);
    assertThat(crashes(() -> dying.admin.apply(COVERED, Origin.COMMAND))).isTrue();
    configurations.restart();
    configurations.failOn("org.jtgt.scsi.target~u");
    Fixture next = new Fixture(configurations, state);
    assertThatThrownBy(() -> next.command(new Change.Create("memory", "m", Map.of("size", "1M"))))
        .hasMessage(
            "changes that were interrupted cannot be ended: no space left on device; it is tried"
                + " again with each change");
    assertThat(configurations.exists("org.jtgt.backstore.memory~m")).isFalse();

    configurations.failOnNothing();
    next.command(new Change.Create("memory", "m", Map.of("size", "1M")));
    assertThat(configurations.exists("org.jtgt.backstore.memory~m")).isTrue();
    assertThat(configurations.exists("org.jtgt.scsi.target~u")).isTrue();
    assertThat(left()).isEmpty();
  }

  @Test
  void nothingIsChangedWhenWhatIsToBeDoneCannotBeKept() throws IOException {
    Fixture fixture = new Fixture(configurations, state);
    Files.deleteIfExists(state);
    Files.writeString(state, "in the way");
    final String before = all();
    assertThatThrownBy(() -> fixture.admin.apply(COVERED, Origin.COMMAND))
        .isInstanceOf(AdminException.class)
        .hasMessageContaining("cannot be stored");
    assertThat(all()).isEqualTo(before);
  }

  @Test
  void onlyTheOwnerMayReadWhatIsKept() throws IOException {
    configurations.crashAfter(1);
    Fixture dying = new Fixture(configurations, state);
    assertThat(crashes(() -> dying.admin.apply(COVERED, Origin.COMMAND))).isTrue();
    assertThat(
            PosixFilePermissions.toString(Files.getPosixFilePermissions(state.resolve("changes"))))
        .isEqualTo("rw-------");
  }
}
