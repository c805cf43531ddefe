// SPDX-License-Identifier: Apache-2.0
package org.jtgt.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderTest {
  @TempDir Path path;
  private final ManualClock clock = new ManualClock();

  private Folder folder() {
    return new Folder(path, ".cfg", clock);
  }

  @Test
  void aFileJustWrittenIsTakenWhenItLooksTheSameTwice() throws IOException {
    Folder folder = folder();
    Path file = Files.writeString(path.resolve("a.cfg"), "a");

    assertThat(folder.look().complete()).isEmpty();
    assertThat(folder.look().complete()).containsOnlyKeys(file);
  }

  @Test
  void aFileThatGrowsIsNotTaken() throws IOException {
    Folder folder = folder();
    Path file = Files.writeString(path.resolve("a.cfg"), "a");
    folder.look();

    Files.writeString(file, "ab");
    assertThat(folder.look().complete()).isEmpty();
    assertThat(folder.look().complete()).containsOnlyKeys(file);
  }

  @Test
  void aFileThatIsOldAtTheFirstLookIsTakenAtOnce() throws IOException {
    Path file = Files.writeString(path.resolve("a.cfg"), "a");
    clock.advance(Duration.ofMinutes(1));

    assertThat(folder().look().complete()).containsOnlyKeys(file);
  }

  /** As editors save: away, written anew. */
  @Test
  void aFileThatIsMissingForAMomentIsStillThere() throws IOException {
    Folder folder = folder();
    Path file = Files.writeString(path.resolve("a.cfg"), "a");
    clock.advance(Duration.ofMinutes(1));
    folder.look();
    Files.delete(file);
    assertThat(folder.look().has(file)).isTrue();
    assertThat(folder.look().has(file)).isTrue();
    Files.writeString(file, "ab");
    assertThat(folder.look().incomplete()).containsOnlyKeys(file);
    assertThat(folder.look().complete()).containsOnlyKeys(file);

    Files.delete(file);
    folder.look();
    folder.look();
    assertThat(folder.look().has(file)).isFalse();
  }

  @Test
  void hiddenFilesOtherEndingsAndFoldersAreLeftOut() throws IOException {
    Files.writeString(path.resolve(".a.cfg"), "a");
    Files.writeString(path.resolve("a.cfg~"), "a");
    Files.createDirectory(path.resolve("b.cfg"));
    clock.advance(Duration.ofMinutes(1));

    assertThat(folder().look()).isEqualTo(new Folder.Look(java.util.Map.of(), java.util.Map.of()));
  }

  @Test
  void aFolderThatIsGoneIsNotAnEmptyFolder() throws IOException {
    Files.delete(path);

    assertThatThrownBy(folder()::look).isInstanceOf(IOException.class);
    Files.createDirectory(path);
  }
}
