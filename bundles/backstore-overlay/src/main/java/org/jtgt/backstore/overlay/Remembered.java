// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Remembers over restarts that a store has an overlay, so that one that is missing later, on a disk
 * that is not mounted, say, is not made again: initiators would find the base in place of their
 * disk.
 */
final class Remembered {
  private final Path note;

  /**
   * @param state folder for what must outlive the process; made when it is needed
   */
  Remembered(Path state, String store) {
    note = state.resolve(URLEncoder.encode(store, StandardCharsets.UTF_8) + ".overlay");
  }

  /**
   * Looks whether an overlay may be opened in a folder, or made where the store never had one.
   *
   * @throws IOException in one line, when the one that the store had is not there
   */
  void check(Path folder) throws IOException {
    if (Files.exists(note) && !Files.exists(folder.resolve(MapLog.FILE))) {
      throw new IOException(
          "path: %s has no overlay, and this store had one; bring it back, or remove the store and"
                  .formatted(folder)
              + " create it for an empty one");
    }
  }

  /**
   * The store has an overlay from now on.
   *
   * @throws IOException when that cannot be kept
   */
  void remember(String identity) throws IOException {
    if (Files.exists(note)) {
      return;
    }
    Files.createDirectories(note.getParent());
    String name = note.getFileName().toString();
    new FileFolder(note.getParent())
        .replace(name, file -> file.write(0, StandardCharsets.UTF_8.encode(identity + "\n")))
        .close();
  }

  /** The store is no longer configured. One of its name may begin with an empty overlay. */
  void forget() throws IOException {
    Files.deleteIfExists(note);
  }
}
