// SPDX-License-Identifier: Apache-2.0
package org.jtgt.launcher;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * What the command line asks for.
 *
 * @param folders where everything lies
 * @param gotgtConfig the configuration file of gotgt to bring up; nothing else is configured then
 * @param rest the words behind the options
 */
record Arguments(Folders folders, Optional<Path> gotgtConfig, List<String> rest) {
  /** A command line that cannot be understood; the message says which word and what is allowed. */
  static final class UsageException extends Exception {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
      super(message);
    }
  }

  /**
   * Reads options up to the first word that is none.
   *
   * @param home the unpacked distribution
   * @param words the command line
   * @throws UsageException for an unknown option or one without its value
   */
  static Arguments parse(Path home, List<String> words) throws UsageException {
    Path etc = home.resolve("etc");
    Path deploy = home.resolve("deploy");
    Path state = home.resolve("state");
    Optional<Path> config = Optional.empty();
    boolean etcGiven = false;
    int next = 0;
    while (next < words.size() && words.get(next).startsWith("--")) {
      String option = words.get(next);
      if (next + 1 == words.size()) {
        throw new UsageException(option + " needs a value");
      }
      Path value = Path.of(words.get(next + 1)).toAbsolutePath().normalize();
      switch (option) {
        case "--etc" -> {
          etc = value;
          etcGiven = true;
        }
        case "--deploy" -> deploy = value;
        case "--state" -> state = value;
        case "--config" -> config = Optional.of(value);
        default ->
            throw new UsageException(
                "unknown option " + option + ", allowed: --etc, --deploy, --state, --config");
      }
      next += 2;
    }
    if (config.isPresent()) {
      Path file = config.get();
      if (!Files.isReadable(file)) {
        throw new UsageException("--config " + file + ": no such file, or it cannot be read");
      }
      // The file says everything: neither the folder's own configurations nor another file's state
      // take part.
      if (etcGiven) {
        throw new UsageException("--config and --etc exclude each other: the file says everything");
      }
      state = state.resolve("config-" + nameOf(file));
      etc = state.resolve("etc");
      deploy = state.resolve("deploy");
    }
    return new Arguments(
        new Folders(home, etc, deploy, state), config, words.subList(next, words.size()));
  }

  private static String nameOf(Path file) {
    CRC32C crc = new CRC32C();
    crc.update(file.toString().getBytes(StandardCharsets.UTF_8));
    return file.getFileName() + "-" + HexFormat.of().toHexDigits((int) crc.getValue());
  }
}
