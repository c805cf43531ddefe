// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Remembers over restarts which file a store has served, and with which size: so that an image that
 * is missing later, on a disk that is not mounted, say, is not made again, and one that is being
 * brought back is not taken before it is whole. Initiators would find another disk in place of
 * theirs.
 */
final class Served {
  private final Path note;

  /** Of one store; the folder is made when it is needed. */
  Served(Surroundings surroundings) {
    String name = URLEncoder.encode(surroundings.store(), StandardCharsets.UTF_8);
    note = surroundings.state().resolve(name + ".served");
  }

  /**
   * A file as it was served.
   *
   * @param path absolute
   */
  record Last(String path, long sizeBytes) {
    private String text() {
      return sizeBytes + " " + path;
    }

    private static Optional<Last> of(String text) {
      int space = text.indexOf(' ');
      return space > 0 && text.substring(0, space).chars().allMatch(c -> c >= '0' && c <= '9')
          ? Optional.of(
              new Last(text.substring(space + 1), Long.parseLong(text.substring(0, space))))
          : Optional.empty();
    }
  }

  /** What the store has served last; empty when it never has. */
  Optional<Last> last() throws IOException {
    return Files.exists(note) ? Last.of(Files.readString(note)) : Optional.empty();
  }

  /**
   * Remembers the file that is served from now on.
   *
   * @throws IOException when that cannot be kept
   */
  void remember(Path path, long sizeBytes) throws IOException {
    Last now = new Last(path.toString(), sizeBytes);
    if (last().filter(now::equals).isPresent()) {
      return;
    }
    Note.write(note, now.text());
  }

  /** The store is no longer configured. One of its name may begin with a new file. */
  void forget() throws IOException {
    Files.deleteIfExists(note);
  }
}
