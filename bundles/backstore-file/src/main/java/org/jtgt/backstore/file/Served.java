// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Remembers over restarts which file a store has served, so that an image that is missing later, on
 * a disk that is not mounted, say, is not made again: initiators would find an empty disk in place
 * of theirs.
 */
final class Served {
  private final Path note;

  /** Of one store; the folder is made when it is needed. */
  Served(Surroundings surroundings) {
    String name = URLEncoder.encode(surroundings.store(), StandardCharsets.UTF_8);
    note = surroundings.state().resolve(name + ".served");
  }

  /** Whether the store has served the file of that path before. */
  boolean is(Path path) throws IOException {
    return Files.exists(note) && Files.readString(note).equals(path.toString());
  }

  /**
   * Remembers the file that is served from now on.
   *
   * @throws IOException when that cannot be kept
   */
  void remember(Path path) throws IOException {
    if (is(path)) {
      return;
    }
    Files.createDirectories(note.getParent());
    Path fresh = Files.createTempFile(note.getParent(), "new", ".served");
    try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(path.toString().getBytes(StandardCharsets.UTF_8)));
      channel.force(true);
    }
    Files.move(fresh, note, StandardCopyOption.ATOMIC_MOVE);
  }

  /** The store is no longer configured. One of its name may begin with a new file. */
  void forget() throws IOException {
    Files.deleteIfExists(note);
  }
}
