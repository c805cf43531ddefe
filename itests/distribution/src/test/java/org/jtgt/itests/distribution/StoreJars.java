// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.distribution;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/** Bundles as a test drops them: other versions of a jar, the file appearing at once and whole. */
final class StoreJars {
  private StoreJars() {}

  /** A bundle of the distribution by its symbolic name. */
  static Path shipped(Path home, String symbolicName) throws IOException {
    try (Stream<Path> jars = Files.list(home.resolve("bundles"))) {
      for (Path jar : jars.filter(path -> path.toString().endsWith(".jar")).toList()) {
        try (JarFile file = new JarFile(jar.toFile())) {
          String name = file.getManifest().getMainAttributes().getValue("Bundle-SymbolicName");
          if (name != null && name.split(";", 2)[0].equals(symbolicName)) {
            return jar;
          }
        }
      }
    }
    throw new AssertionError("the distribution has no bundle " + symbolicName);
  }

  /**
   * Drops a changed copy of a jar.
   *
   * @param headers manifest headers to set; an empty value removes one
   * @param entries files to add or replace, by their path
   */
  static void drop(
      Path original, Path target, Map<String, String> headers, Map<String, String> entries)
      throws IOException {
    Path half = target.resolveSibling("." + target.getFileName() + ".half");
    try (JarFile source = new JarFile(original.toFile())) {
      Manifest manifest = source.getManifest();
      headers.forEach((key, value) -> {
        if (value.isEmpty()) {
          manifest.getMainAttributes().remove(new Attributes.Name(key));
        } else {
          manifest.getMainAttributes().putValue(key, value);
        }
      });
      try (OutputStream file = Files.newOutputStream(half);
          JarOutputStream out = new JarOutputStream(file, manifest)) {
        for (JarEntry entry : java.util.Collections.list(source.entries())) {
          if (!entry.isDirectory()
              && !entry.getName().equals(JarFile.MANIFEST_NAME)
              && !entries.containsKey(entry.getName())) {
            out.putNextEntry(new JarEntry(entry.getName()));
            try (InputStream in = source.getInputStream(entry)) {
              in.transferTo(out);
            }
          }
        }
        for (Map.Entry<String, String> entry : entries.entrySet()) {
          out.putNextEntry(new JarEntry(entry.getKey()));
          out.write(entry.getValue().getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
      }
    }
    Files.move(half, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Drops a bundle without classes. */
  static void dropEmpty(Path target, Map<String, String> headers) throws IOException {
    Path half = target.resolveSibling("." + target.getFileName() + ".half");
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().putValue("Bundle-ManifestVersion", "2");
    headers.forEach((key, value) -> manifest.getMainAttributes().putValue(key, value));
    new JarOutputStream(Files.newOutputStream(half), manifest).close();
    Files.move(half, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
