// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CfgFileTest {
  @TempDir Path folder;

  private static String permissions(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  @Test
  void aRewrittenFileKeepsItsPermissionsAndLeavesNothingBeside() throws IOException {
    Path file = Files.writeString(folder.resolve("x.cfg"), "a=1\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));

    CfgFile.write(file, "a=2\n");

    assertThat(file).hasContent("a=2\n");
    assertThat(permissions(file)).isEqualTo("rw-r-----");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void aNewFileIsItsOwnersAlone() throws IOException {
    Path file = folder.resolve("x.cfg");
    CfgFile.write(file, "secret=xyz\n");
    assertThat(permissions(file)).isEqualTo("rw-------");
  }

  @Test
  void aLinkStaysALinkAndWhatItLeadsToIsRewritten() throws IOException {
    Path real =
        Files.writeString(Files.createDirectory(folder.resolve("real")).resolve("x.cfg"), "a=1\n");
    Path link = Files.createSymbolicLink(folder.resolve("x.cfg"), Path.of("real/x.cfg"));

    CfgFile.write(link, "a=2\n");

    assertThat(link).isSymbolicLink();
    assertThat(real).hasContent("a=2\n");
  }
}
