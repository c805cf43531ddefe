// SPDX-License-Identifier: Apache-2.0
package org.jtgt.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Which jar each deployed bundle is of, remembered in the state folder. */
final class DeployedBundles {
  private final Path folder;
  private final PropertyFile digests;

  /**
   * @param folder the deployer's own part of the state folder
   * @throws IOException when what was remembered cannot be read
   */
  DeployedBundles(Path folder) throws IOException {
    this.folder = folder;
    digests =
        new PropertyFile(
            folder.resolve("bundles.properties"), "symbolic name = SHA-256 and path of its jar");
  }

  List<String> names() {
    return digests.keys().stream().sorted().toList();
  }

  Optional<Path> jar(String symbolicName) {
    return Optional.of(digests.get(symbolicName))
        .filter(value -> !value.isEmpty())
        .map(value -> Path.of(value.substring(value.indexOf(' ') + 1)));
  }

  boolean isDeployed(String symbolicName, String digest) {
    return digests.get(symbolicName).startsWith(digest + " ");
  }

  void remember(Jar jar) throws IOException {
    digests.put(jar.symbolicName(), jar.digest() + " " + jar.path());
  }

  void forget(String symbolicName) throws IOException {
    digests.remove(symbolicName);
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
}
