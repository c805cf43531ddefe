// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.jtgt.backstore.ByteSize;

/**
 * A configuration that has been checked as far as that is possible without the file.
 *
 * @param path absolute
 * @param sizeBytes the size that the file must have or get
 */
record FileSettings(Path path, OptionalLong sizeBytes, boolean readOnly, boolean shared) {
  FileSettings {
    if (shared && !readOnly) {
      throw new IllegalArgumentException("shared: 'true' is allowed with readOnly=true only");
    }
  }

  /**
   * Reads a configuration.
   *
   * @param home where relative paths start
   * @throws IllegalArgumentException with one line: key, value and what is allowed
   */
  static FileSettings of(FileStoreConfig config, Path home) {
    String path = config.path() == null ? "" : config.path().strip();
    if (path.isEmpty()) {
      throw new IllegalArgumentException("path: missing; a file or block device is needed");
    }
    String size = config.size() == null ? "" : config.size().strip();
    try {
      return new FileSettings(
          home.resolve(path).toAbsolutePath(),
          size.isEmpty()
              ? OptionalLong.empty()
              : OptionalLong.of(ByteSize.parseStoreSize("size", size)),
          config.readOnly(),
          config.shared());
    } catch (InvalidPathException notAPath) {
      throw new IllegalArgumentException(
          "path: '%s' is not a path: %s".formatted(path, notAPath.getReason()), notAPath);
    }
  }
}
