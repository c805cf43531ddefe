// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.jtgt.admin.AdminException;
import org.jtgt.admin.AdminException.Problem;

/** A {@code .cfg} file: {@link Properties} syntax in UTF-8, nothing expanded, no key twice. */
final class CfgFile {
  private CfgFile() {}

  /**
   * @throws AdminException when it cannot be read or understood
   */
  static Map<String, String> read(Path file) {
    try {
      return parse(Files.readString(file));
    } catch (CharacterCodingException notUtf8) {
      throw wrong(file, "is not UTF-8 text");
    } catch (IllegalArgumentException malformed) {
      throw wrong(file, String.valueOf(malformed.getMessage()));
    } catch (IOException unreadable) {
      throw wrong(file, "cannot be read: " + unreadable);
    }
  }

  private static AdminException wrong(Path file, String what) {
    return new AdminException(Problem.BAD_VALUE, file.toString(), "", "", what);
  }

  static Map<String, String> parse(String text) {
    var values = new LinkedHashMap<String, String>();
    for (String line : logicalLines(text)) {
      properties(line)
          .forEach((key, value) -> {
            if (values.put((String) key, (String) value) != null) {
              throw new IllegalArgumentException("gives the key " + key + " twice");
            }
          });
    }
    return values;
  }

  /**
   * The text with other values: lines of keys that stay as they are, and comments, are kept.
   *
   * @param wanted all keys that the file shall give
   */
  static String edit(String text, Map<String, String> wanted) {
    var missing = new LinkedHashMap<>(wanted);
    var edited = new StringBuilder();
    for (String line : logicalLines(text)) {
      Properties parsed = properties(line);
      if (parsed.isEmpty()) {
        edited.append(line).append('\n');
        continue;
      }
      String key = (String) parsed.keySet().iterator().next();
      String value = missing.remove(key);
      if (value != null) {
        boolean same = value.equals(parsed.getProperty(key, "").strip());
        edited.append(same ? line : line(key, value)).append('\n');
      }
    }
    missing.forEach((key, value) -> edited.append(line(key, value)).append('\n'));
    return edited.toString();
  }

  /** Replaces the file as a whole, so that no reader ever sees half of it. */
  static void write(Path file, String text) throws IOException {
    StableFiles.write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  private static String line(String key, String value) {
    String escaped = value.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r");
    return key + "=" + (escaped.startsWith(" ") ? "\\" + escaped : escaped);
  }

  private static Properties properties(String logicalLine) {
    var parsed = new Properties();
    try {
      parsed.load(new StringReader(logicalLine));
    } catch (IOException neverFromAString) {
      throw new IllegalStateException(neverFromAString);
    }
    return parsed;
  }

  /** Lines with their continuations: a line that ends in an odd number of backslashes goes on. */
  private static List<String> logicalLines(String text) {
    var lines = new ArrayList<String>();
    var current = new StringBuilder();
    for (String line : text.lines().toList()) {
      boolean begins = current.isEmpty();
      current.append(begins ? "" : "\n").append(line);
      String stripped = line.stripLeading();
      boolean comment = begins && (stripped.startsWith("#") || stripped.startsWith("!"));
      if (comment || !goesOn(line)) {
        lines.add(current.toString());
        current.setLength(0);
      }
    }
    if (!current.isEmpty()) {
      lines.add(current.toString());
    }
    return lines;
  }

  private static boolean goesOn(String line) {
    int backslashes = 0;
    while (backslashes < line.length() && line.charAt(line.length() - 1 - backslashes) == '\\') {
      backslashes++;
    }
    return backslashes % 2 == 1;
  }
}
