// SPDX-License-Identifier: Apache-2.0
package org.jtgt.deploy;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Properties;

/**
 * Of which jar the content of each bundle is, that was not installed as it ships. The state folder
 * knows which jars were deployed; this knows which of them the framework still has.
 */
final class Contents {
  private final Path file;
  private final Properties digests = new Properties();

  Contents(Path file) {
    this.file = file;
    try (Reader in = Files.newBufferedReader(file)) {
      digests.load(in);
    } catch (NoSuchFileException emptyCache) {
      digests.clear();
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read: " + e, e);
    }
  }

  boolean is(String symbolicName, String digest) {
    return digest.equals(digests.getProperty(symbolicName));
  }

  void are(String symbolicName, Path jar) throws IOException {
    digests.setProperty(symbolicName, Jar.digest(jar));
    store();
  }

  void forget(String symbolicName) throws IOException {
    if (digests.remove(symbolicName) != null) {
      store();
    }
  }

  private void store() throws IOException {
    try (Writer out = Files.newBufferedWriter(file)) {
      digests.store(out, "symbolic name = SHA-256 of its jar");
    }
  }
}
