// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** What the state folder remembers of a file: a line in a file of its own. */
final class Note {
  private Note() {}

  /** Keeps it in place of what was there; whole, and on stable storage when this returns. */
  static void write(Path note, String text) throws IOException {
    Files.createDirectories(note.resolveSibling(""));
    Path fresh = Files.createTempFile(note.resolveSibling(""), "new", ".note");
    try {
      try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      Files.move(fresh, note, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(fresh);
    }
    try (FileChannel folder = FileChannel.open(note.resolveSibling(""), StandardOpenOption.READ)) {
      folder.force(true);
    }
  }
}
