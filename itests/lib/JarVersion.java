// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** Writes copies of a bundle that differ in their version: JAR FOLDER VERSION... */
public final class JarVersion {
  private JarVersion() {}

  /** The copies are called as their versions. */
  public static void main(String[] words) throws IOException {
    try (JarFile jar = new JarFile(words[0])) {
      for (int i = 2; i < words.length; i++) {
        Manifest manifest = new Manifest(jar.getManifest());
        manifest.getMainAttributes().putValue("Bundle-Version", words[i]);
        write(jar, manifest, Path.of(words[1], words[i] + ".jar"));
      }
    }
  }

  private static void write(JarFile jar, Manifest manifest, Path copy) throws IOException {
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(copy), manifest)) {
      for (JarEntry entry : Collections.list(jar.entries())) {
        if (!entry.getName().equals(JarFile.MANIFEST_NAME)) {
          out.putNextEntry(new JarEntry(entry.getName()));
          try (InputStream in = jar.getInputStream(entry)) {
            in.transferTo(out);
          }
        }
      }
    }
  }
}
