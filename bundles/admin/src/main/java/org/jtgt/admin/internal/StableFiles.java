// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Files that are replaced as a whole: a reader or a crash at any moment finds the old one or the
 * new one. What a method did is on stable storage when it returns.
 */
final class StableFiles {
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  private StableFiles() {}

  /** Writes one. It keeps its permissions; a new one is its owner's alone: it may hold secrets. */
  static void write(Path file, byte[] content) throws IOException {
    // The name does not end in .cfg: whoever watches the folder does not take it for a file.
    Path fresh = file.resolveSibling("." + file.getFileName() + ".new");
    var old = Files.getFileAttributeView(file, PosixFileAttributeView.class);
    boolean replaces = Files.exists(file);
    try {
      Files.deleteIfExists(fresh);
      try (FileChannel out =
          old == null
              ? FileChannel.open(fresh, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)
              : FileChannel.open(
                  fresh,
                  Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                  PosixFilePermissions.asFileAttribute(OWNER_ONLY))) {
        var bytes = ByteBuffer.wrap(content);
        while (bytes.hasRemaining()) {
          out.write(bytes);
        }
        out.force(true);
      }
      if (old != null && replaces) {
        Files.setPosixFilePermissions(fresh, old.readAttributes().permissions());
      }
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(fresh);
    }
    force(file);
  }

  /** Gives one another name in its folder. */
  static void rename(Path file, Path name) throws IOException {
    Files.move(file, name, StandardCopyOption.ATOMIC_MOVE);
    force(name);
  }

  /** Deletes one; nothing happens when it is not there. */
  static void delete(Path file) throws IOException {
    if (Files.deleteIfExists(file)) {
      force(file);
    }
  }

  private static void force(Path file) throws IOException {
    try (FileChannel entries = FileChannel.open(file.resolveSibling(""), StandardOpenOption.READ)) {
      entries.force(true);
    }
  }
}
