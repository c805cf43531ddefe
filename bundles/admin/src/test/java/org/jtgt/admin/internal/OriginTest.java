// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jtgt.admin.AdminException;
import org.jtgt.admin.Change;
import org.jtgt.admin.Origin;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OriginTest {
  private static final String TEXT =
      """
      # the first disk
      store = s

      ! how long commands wait
      holdSeconds: 5
      """;

  @TempDir Path etc;
  private final Fixture fixture = new Fixture();
  private Path file;

  @BeforeEach
  void aFileMadeLu() throws IOException {
    file = etc.resolve("org.jtgt.scsi.lu-a.cfg");
    Files.writeString(file, TEXT);
    declare(file);
  }

  private void declare(Path of) {
    fixture.as(Origin.file(of), new Change.Declare("lu", "a", fixture.admin.read(of)));
  }

  @Test
  void aCommandDoesNotCreateOverAFile() {
    assertThatThrownBy(() -> fixture.command(new Change.Create("lu", "a", Map.of("store", "x"))))
        .hasMessage("org.jtgt.scsi.lu~a: exists already, made by the file " + file);
  }

  @Test
  void aFileDoesNotOverwriteWhatACommandMade() throws IOException {
    fixture.command(new Change.Create("lu", "b", Map.of("store", "s")));
    Path other = Files.writeString(etc.resolve("b.cfg"), "store=x");

    assertThatThrownBy(() ->
            fixture.as(Origin.file(other), new Change.Declare("lu", "b", Map.of("store", "x"))))
        .hasMessage(
            "org.jtgt.scsi.lu~b: was made by a command and is left as it is; remove that one"
                + " first");
  }

  @Test
  void aSecondFileOfTheSameObjectIsRefusedWhileTheFirstExists() throws IOException {
    Path second = etc.resolve("second.cfg");
    Files.writeString(second, "store=y");

    assertThatThrownBy(() -> declare(second)).hasMessageContaining("was made by the file " + file);

    Files.delete(file);
    declare(second);
    assertThat(fixture.admin.object("lu", "a").orElseThrow().origin())
        .isEqualTo(Origin.file(second));
  }

  @Test
  void aChangedFileChangesItsObject() throws IOException {
    Files.writeString(file, "store=t\nblockSize=4096\n");

    declare(file);

    assertThat(fixture.admin.object("lu", "a").orElseThrow().values())
        .containsOnly(Map.entry("store", "t"), Map.entry("blockSize", "4096"));
  }

  @Test
  void aCommandThatChangesAFileMadeObjectChangesItsFileAndKeepsTheRestOfIt() throws IOException {
    fixture.command(
        new Change.Update(
            "lu", "a", Map.of("holdSeconds", "7", "blockSize", "4096", "serial", "C:\\1")));

    assertThat(Files.readString(file))
        .isEqualTo(
            """
            # the first disk
            store = s

            ! how long commands wait
            holdSeconds=7
            blockSize=4096
            serial=C:\\\\1
            """);
    assertThat(fixture.admin.read(file)).containsEntry("serial", "C:\\1");
    assertThat(fixture.admin.object("lu", "a").orElseThrow().origin()).isEqualTo(Origin.file(file));
    assertThat(etc).isDirectoryContaining(p -> p.equals(file));
    assertThat(etc.toFile().list()).hasSize(1);
  }

  /** As below, and the command has removed the object with its file. */
  @Test
  void whatACommandHasRemovedIsNotMadeAgainByWhatWasReadOfTheFileBefore() {
    Change stale = new Change.Declare("lu", "a", fixture.admin.read(file));
    fixture.command(new Change.Remove("lu", "a", true));
    assertThat(file).doesNotExist();

    assertThatThrownBy(() -> fixture.as(Origin.file(file), stale))
        .isInstanceOf(AdminException.class);

    assertThat(fixture.admin.object("lu", "a")).isEmpty();
  }

  /** Whoever looks at files has read this one before the command, and applies it after. */
  @Test
  void whatACommandHasChangedIsNotUndoneByWhatWasReadOfTheFileBefore() {
    Change stale = new Change.Declare("lu", "a", fixture.admin.read(file));
    fixture.command(new Change.Update("lu", "a", Map.of("holdSeconds", "7")));

    assertThat(fixture.as(Origin.file(file), stale).pids()).isEmpty();

    assertThat(fixture.admin.object("lu", "a").orElseThrow().values())
        .containsEntry("holdSeconds", "7");
    fixture.command(new Change.Update("lu", "a", Map.of("holdSeconds", "8")));
  }

  @Test
  void aCommandDoesNotChangeAFileWhoseOwnChangesAreNotApplied() throws IOException {
    Files.writeString(file, "store=t\n");

    assertThatThrownBy(
            () -> fixture.command(new Change.Update("lu", "a", Map.of("blockSize", "4096"))))
        .hasMessageContaining("has changes that are not applied yet");

    Files.writeString(file, "stor=t\n");
    assertThatThrownBy(
            () -> fixture.command(new Change.Update("lu", "a", Map.of("blockSize", "4096"))))
        .hasMessageContaining("its file is wrong, correct it first");
  }

  @Test
  void removingAFileMadeObjectRemovesItsFile() {
    fixture.command(new Change.Remove("lu", "a", false));

    assertThat(file).doesNotExist();
    assertThat(fixture.admin.object("lu", "a")).isEmpty();
  }

  @Test
  void aFileIsRestoredWhenTheRemovalFails() {
    fixture.configurations.failOn("org.jtgt.backstore.memory~m");

    assertThatThrownBy(() ->
            fixture.command(
                new Change.Remove("lu", "a", false),
                new Change.Create("memory", "m", Map.of("size", "1M"))))
        .hasMessageContaining("cannot be stored");

    assertThat(file).hasContent(TEXT);
    assertThat(fixture.admin.object("lu", "a")).isPresent();
  }

  @Test
  void whatAnImportMakesIsChangedOnlyInItsFile() {
    Origin imported = Origin.imported(Path.of("/etc/gotgt/config.json"));
    fixture.as(imported, new Change.Declare("memory", "m", Map.of("size", "1M")));

    assertThatThrownBy(() -> fixture.command(new Change.Remove("memory", "m", true)))
        .hasMessage(
            "org.jtgt.backstore.memory~m: comes from /etc/gotgt/config.json at each start; change"
                + " it in that file");
  }

  @Test
  void whatAnotherProgramMadeIsListedAndMayBeChanged() {
    fixture.configurations.put("org.jtgt.backstore.memory", "m", Map.of("size", "1M"));

    fixture.command(new Change.Update("memory", "m", Map.of("size", "2M")));

    assertThat(fixture.admin.object("memory", "m").orElseThrow().values())
        .containsEntry("size", "2M");
  }

  @Test
  void aFileThatGivesAKeyTwiceIsRefused() throws IOException {
    Files.writeString(file, "store=a\nstore=b\n");

    assertThatThrownBy(() -> fixture.admin.read(file))
        .hasMessage(file + ": gives the key store twice");
  }

  @Test
  void continuedLinesAndEscapesAreReadAsJavaDoes() {
    assertThat(CfgFile.parse("a = 1,\\\n    2\nb\\ c=\\u00e9\n# x \\\nd=#4"))
        .containsExactly(Map.entry("a", "1,2"), Map.entry("b c", "é"), Map.entry("d", "#4"));
  }

  /** Configurations are read again only when Configuration Admin tells of them. */
  @Test
  void whatAnotherProgramDeletesAndMakesAnewIsSeen() {
    fixture.configurations.put("org.jtgt.backstore.memory", "m", Map.of("size", "1M"));
    assertThat(fixture.admin.object("memory", "m").orElseThrow().values())
        .containsEntry("size", "1M");

    fixture.configurations.put("org.jtgt.backstore.memory", "m", Map.of("size", "2M"));
    assertThat(fixture.admin.object("memory", "m").orElseThrow().values())
        .containsEntry("size", "2M");

    fixture.configurations.remove("org.jtgt.backstore.memory~m");
    fixture.configurations.put("org.jtgt.backstore.memory", "m", Map.of("size", "3M"));
    fixture.configurations.put("org.jtgt.backstore.memory", "m", Map.of("size", "4M"));
    assertThat(fixture.admin.object("memory", "m").orElseThrow().values())
        .containsEntry("size", "4M");
  }
}
