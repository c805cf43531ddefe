// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin;

import java.nio.file.Path;

/**
 * Who made a configuration. It is kept in the configuration itself under {@link #KEY}, so that a
 * file and a command on the same name never overwrite each other unnoticed.
 *
 * @param kind what made it
 * @param source the file's absolute path; empty when no file made it
 */
public record Origin(Kind kind, String source) {
  /** Reserved configuration key. */
  public static final String KEY = "org.jtgt.origin";

  /** An operator's command. */
  public static final Origin COMMAND = new Origin(Kind.COMMAND, "");

  /** Something that wrote to Configuration Admin directly. */
  public static final Origin OTHER = new Origin(Kind.OTHER, "");

  /** What makes configurations. */
  public enum Kind {
    COMMAND,
    /** A {@code .cfg} file: the object lives as long as the file. */
    FILE,
    /** Another program's configuration, read at each start. */
    IMPORT,
    OTHER
  }

  /** Made by that {@code .cfg} file. */
  public static Origin file(Path path) {
    return new Origin(Kind.FILE, path.toAbsolutePath().normalize().toString());
  }

  /** Made by the import of that file. */
  public static Origin imported(Path path) {
    return new Origin(Kind.IMPORT, path.toAbsolutePath().normalize().toString());
  }

  /** The text kept in the configuration, the inverse of {@link #parse}. */
  public String text() {
    return switch (kind) {
      case COMMAND -> "command";
      case FILE -> "file:" + source;
      case IMPORT -> "import:" + source;
      case OTHER -> "other";
    };
  }

  /** Reads {@link #text}; anything else is {@link #OTHER}. */
  public static Origin parse(String text) {
    if (text.equals("command")) {
      return COMMAND;
    }
    if (text.startsWith("file:")) {
      return new Origin(Kind.FILE, text.substring(5));
    }
    if (text.startsWith("import:")) {
      return new Origin(Kind.IMPORT, text.substring(7));
    }
    return OTHER;
  }

  /** In words, for a message: {@code the file /etc/x.cfg}. */
  public String words() {
    return switch (kind) {
      case COMMAND -> "a command";
      case FILE -> "the file " + source;
      case IMPORT -> "the import of " + source;
      case OTHER -> "another program through Configuration Admin";
    };
  }
}
