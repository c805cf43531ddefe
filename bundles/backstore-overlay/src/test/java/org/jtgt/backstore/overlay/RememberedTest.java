// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RememberedTest {
  @TempDir Path folder;
  private Path overlay;
  private Path state;

  @BeforeEach
  void begin() {
    overlay = folder.resolve("overlay");
    state = folder.resolve("state");
  }

  private Remembered disk() {
    return new Remembered(state, "a/disk");
  }

  @Test
  void anOverlayMayBeMadeWhereTheStoreNeverHadOne() throws Exception {
    disk().check(overlay);
  }

  @Test
  void oneThatIsMissingIsNotMadeAgainWhetherItsFolderIsThereOrNot() throws Exception {
    disk().remember("overlay-1");
    assertThat(state).isDirectoryContaining("glob:**/a%2Fdisk.overlay");
    assertThat(state.toFile().list()).hasSize(1);
    assertThatThrownBy(() -> disk().check(overlay))
        .hasMessage(
            "path: %s has no overlay, and this store had one; bring it back, or remove the store"
                    .formatted(overlay)
                + " and create it for an empty one");
    Files.createDirectory(overlay);
    assertThatThrownBy(() -> disk().check(overlay)).hasMessageContaining("has no overlay");
    assertThat(overlay).isEmptyDirectory();
    Files.createFile(overlay.resolve(MapLog.FILE));
    disk().check(overlay);
    new Remembered(state, "other").check(folder.resolve("its own"));
  }

  @Test
  void aStoreThatWasRemovedMayBeginAnew() throws Exception {
    disk().remember("overlay-1");
    disk().forget();
    disk().check(overlay);
  }
}
