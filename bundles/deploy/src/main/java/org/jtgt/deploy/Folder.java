// SPDX-License-Identifier: Apache-2.0
package org.jtgt.deploy;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One watched folder. A file counts as complete when it looked the same at the look before, or was
 * last written a while ago; until then it is not taken.
 */
final class Folder {
  private static final Logger LOG = LoggerFactory.getLogger("org.jtgt.deploy");
  private static final Duration QUIET = Duration.ofSeconds(2);

  /** At so many looks in a row a file is missing before it counts as gone. */
  static final int LOOKS_UNTIL_GONE = 3;

  /** Length of a file that cannot be looked at. */
  private static final long UNREADABLE = -1;

  /** What tells one content of a file from another without reading it. */
  record Stamp(long bytes, long modifiedNanoseconds, String key) {}

  /**
   * What a look found.
   *
   * @param complete files that may be taken
   * @param incomplete files that are being written, or that were replaced just now
   */
  record Look(Map<Path, Stamp> complete, Map<Path, Stamp> incomplete) {
    boolean has(Path file) {
      return complete.containsKey(file) || incomplete.containsKey(file);
    }
  }

  private final Path path;
  private final String suffix;
  private final Clock clock;
  private Map<Path, Stamp> last = Map.of();
  private final Map<Path, Integer> absent = new TreeMap<>();

  /**
   * @param suffix end of the names to look at, such as {@code .cfg}; hidden files are left out
   */
  Folder(Path path, String suffix, Clock clock) {
    this.path = path.toAbsolutePath().normalize();
    this.suffix = suffix;
    this.clock = clock;
  }

  Path path() {
    return path;
  }

  /**
   * Looks once.
   *
   * @throws IOException when the folder cannot be read: then nothing is known about its files
   */
  Look look() throws IOException {
    Map<Path, Stamp> now = list();
    Map<Path, Stamp> complete = new TreeMap<>();
    Map<Path, Stamp> incomplete = new TreeMap<>();
    long quietSince = clock.instant().minus(QUIET).toEpochMilli() * 1_000_000L;
    now.forEach((file, stamp) -> {
      boolean quiet = stamp.modifiedNanoseconds() < quietSince;
      boolean same = Objects.equals(last.get(file), stamp);
      boolean whole = same || (quiet && !last.containsKey(file));
      (whole && stamp.bytes() != UNREADABLE ? complete : incomplete).put(file, stamp);
    });
    absent.keySet().removeAll(now.keySet());
    last.forEach((file, stamp) -> {
      if (!now.containsKey(file) && absent.merge(file, 1, Integer::sum) < LOOKS_UNTIL_GONE) {
        // Editors take a file away for a moment to save it: what it made must not go.
        incomplete.put(file, stamp);
      }
    });
    Map<Path, Stamp> seen = new TreeMap<>(now);
    incomplete.forEach(seen::putIfAbsent);
    absent.keySet().retainAll(seen.keySet());
    last = seen;
    return new Look(complete, incomplete);
  }

  private Map<Path, Stamp> list() throws IOException {
    var found = new TreeMap<Path, Stamp>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        if (name.endsWith(suffix) && !name.startsWith(".")) {
          stamp(file, found);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return found;
  }

  private void stamp(Path file, Map<Path, Stamp> found) {
    try {
      var attributes = Files.readAttributes(file, BasicFileAttributes.class);
      if (attributes.isRegularFile()) {
        found.put(
            file,
            new Stamp(
                attributes.size(),
                attributes.lastModifiedTime().to(java.util.concurrent.TimeUnit.NANOSECONDS),
                String.valueOf(attributes.fileKey())));
      }
    } catch (NoSuchFileException goneMeanwhile) {
      return;
    } catch (IOException e) {
      // One file that cannot be looked at says nothing about the others, nor about what it made.
      Stamp unreadable = new Stamp(UNREADABLE, 0, e.toString());
      found.put(file, unreadable);
      if (!unreadable.equals(last.get(file))) {
        LOG.warn("{} cannot be read; what it made is left as it is: {}", file, e.toString());
      }
    }
  }
}
