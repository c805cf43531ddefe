// SPDX-License-Identifier: Apache-2.0
package org.jtgt.deploy;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.Properties;

/** Which jar each deployed bundle is of, remembered in the state folder. */
final class DeployedBundles {
  private final Path folder;
  private final Properties digests = new Properties();

  /**
   * @param folder the deployer's own part of the state folder
   * @throws IOException when what was remembered cannot be read
   */
  DeployedBundles(Path folder) throws IOException {
    this.folder = folder;
    try (Reader in = Files.newBufferedReader(file())) {
      digests.load(in);
    } catch (NoSuchFileException firstStart) {
      digests.clear();
    }
  }

  List<String> names() {
    return digests.stringPropertyNames().stream().sorted().toList();
  }

  Optional<Path> jar(String symbolicName) {
    return Optional.ofNullable(digests.getProperty(symbolicName))
        .map(value -> Path.of(value.substring(value.indexOf(' ') + 1)));
  }

  boolean isDeployed(String symbolicName, String digest) {
    return digests.getProperty(symbolicName, "").startsWith(digest + " ");
  }

  void remember(Jar jar) throws IOException {
    digests.setProperty(jar.symbolicName(), jar.digest() + " " + jar.path());
    store();
  }

  void forget(String symbolicName) throws IOException {
    digests.remove(symbolicName);
    store();
  }

  /** Whether that jar was taken back, because what depends on it did not survive it. */
  boolean isRefused(Jar jar) throws IOException {
    Path note = refused(jar.symbolicName());
    return Files.exists(note) && Files.readString(note).strip().equals(jar.digest());
  }

  /** Remembers that a jar was taken back, so that it is not tried again at the next start. */
  void refuse(Jar jar) throws IOException {
    Path note = refused(jar.symbolicName());
    Files.createDirectories(note.getParent());
    Files.writeString(note, jar.digest());
  }

  private Path refused(String symbolicName) {
    return folder.resolve("refused").resolve(symbolicName);
  }

  /** Where the last jar of that name that started is kept. */
  Path kept(String symbolicName) {
    return folder.resolve("kept").resolve(symbolicName + ".jar");
  }

  private Path file() {
    return folder.resolve("bundles.properties");
  }

  private void store() throws IOException {
    Files.createDirectories(folder);
    Path fresh = folder.resolve("bundles.properties.new");
    try (Writer out = Files.newBufferedWriter(fresh)) {
      digests.store(out, "symbolic name = SHA-256 and path of its jar");
    }
    Files.move(fresh, file(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
