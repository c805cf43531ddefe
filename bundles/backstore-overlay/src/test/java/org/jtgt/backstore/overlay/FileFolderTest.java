// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BackstoreException.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the files of an overlay say of a write that failed. */
class FileFolderTest {
  @TempDir Path folder;

  @Test
  void aFullDiskIsKnownInAnyLanguage() {
    Path file = folder.resolve("data");
    IOException failure = new IOException("Auf dem Gerät ist kein Speicherplatz mehr verfügbar");
    assertThat(FileFolder.classified(file, failure, Long.MAX_VALUE))
        .isInstanceOfSatisfying(
            BackstoreException.class, full -> assertThat(full.kind()).isEqualTo(Kind.FULL))
        .hasMessageContaining("data: Auf dem Gerät");
    assertThat(FileFolder.classified(file, failure, 0)).isSameAs(failure);
    assertThat(FileFolder.classified(file, new IOException("No space left on device"), 0))
        .isInstanceOf(BackstoreException.class);
  }
}
