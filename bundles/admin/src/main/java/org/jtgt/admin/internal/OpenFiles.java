// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Optional;
import org.jtgt.admin.Attribute;
import org.jtgt.admin.ObjectType;
import org.jtgt.admin.Origin;
import org.jtgt.admin.ValueType;

/**
 * Sees files with a password that others can read. Such a file is told and yet applied: without its
 * account the target would be open.
 */
final class OpenFiles {
  private OpenFiles() {}

  /** What an operator should know of the file that made an object; empty when it is well. */
  static Optional<String> warning(ObjectType type, Entry entry, Origin origin) {
    if (origin.kind() != Origin.Kind.FILE || !hasPassword(type, entry)) {
      return Optional.empty();
    }
    try {
      return Files.getPosixFilePermissions(Path.of(origin.source()))
              .contains(PosixFilePermission.OTHERS_READ)
          ? Optional.of(
              entry.pid()
                  + ": others can read the password in "
                  + origin.source()
                  + "; allowed: mode 0640 or stricter")
          : Optional.empty();
    } catch (IOException | UnsupportedOperationException e) {
      // A file that is gone, or a file system without modes, tells nothing.
      return Optional.empty();
    }
  }

  private static boolean hasPassword(ObjectType type, Entry entry) {
    return type.attributes().stream()
        .filter(attribute -> attribute.type() == ValueType.PASSWORD)
        .map(Attribute::key)
        .anyMatch(key -> !entry.text(key).isEmpty());
  }
}
