// SPDX-License-Identifier: Apache-2.0
package org.jtgt.deploy;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Properties;
import java.util.Set;

/** Properties in a file, which is replaced whole when one of them changes. */
final class PropertyFile {
  private final Path file;
  private final String comment;
  private final Properties properties = new Properties();

  /**
   * @param file is made, with its folder, when there is something to keep
   * @param comment what a reader of the file should know
   * @throws IOException when it cannot be read
   */
  PropertyFile(Path file, String comment) throws IOException {
    this.file = file;
    this.comment = comment;
    try (Reader in = Files.newBufferedReader(file)) {
      properties.load(in);
    } catch (NoSuchFileException nothingKept) {
      properties.clear();
    } catch (IOException e) {
      throw new IOException(file + " cannot be read: " + e, e);
    }
  }

  Set<String> keys() {
    return properties.stringPropertyNames();
  }

  /** The value; empty when there is none. */
  String get(String key) {
    return properties.getProperty(key, "");
  }

  void put(String key, String value) throws IOException {
    properties.setProperty(key, value);
    store();
  }

  void remove(String key) throws IOException {
    if (properties.remove(key) != null) {
      store();
    }
  }

  private void store() throws IOException {
    Files.createDirectories(file.getParent());
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    try (Writer out = Files.newBufferedWriter(fresh)) {
      properties.store(out, comment);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
