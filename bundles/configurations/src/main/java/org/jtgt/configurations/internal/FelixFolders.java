// SPDX-License-Identifier: Apache-2.0
package org.jtgt.configurations.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.osgi.framework.Constants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes over what Felix's own file manager kept in folders below ours ({@code
 * org/jtgt/scsi/lu%007edisk.config}).
 *
 * <p>Felix replaces a file by removing it and renaming {@code NAME.configDIGITS.tmp}; killed
 * between both, only the latter is left, whole, and is taken over too.
 */
final class FelixFolders {
  private static final Logger LOG = LoggerFactory.getLogger(FelixFolders.class);
  private static final Pattern NAME = Pattern.compile("(.+\\.config)(\\d+\\.tmp)?");

  private FelixFolders() {}

  static void takeOver(Path folder, ConfigurationFiles files) throws IOException {
    List<Path> found;
    try (Stream<Path> all =
        Files.find(folder, Integer.MAX_VALUE, (path, type) -> type.isRegularFile())) {
      found = all.filter(path -> folder.relativize(path).getNameCount() > 1).sorted().toList();
    }
    for (Path file : found) {
      Matcher name = NAME.matcher(file.getFileName().toString());
      if (name.matches()
          && (name.group(2) == null || !Files.exists(file.resolveSibling(name.group(1))))) {
        take(file, files);
      }
    }
  }

  private static void take(Path file, ConfigurationFiles files) {
    try {
      var properties = ConfigurationFiles.read(file);
      if (properties.get(Constants.SERVICE_PID) instanceof String pid && !files.has(pid)) {
        files.write(pid, properties);
        Files.delete(file);
      }
    } catch (IOException e) {
      LOG.error("{}; the file is left where it is", e.getMessage());
    }
  }
}
