// SPDX-License-Identifier: Apache-2.0
package org.jtgt.deploy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.zip.ZipException;
import org.osgi.framework.Constants;
import org.osgi.framework.Version;

/** A bundle's jar: who it is and what it contains. */
record Jar(Path path, String symbolicName, Version version, String digest) {

  /**
   * @throws IOException when it cannot be read or is no bundle; the message says so in one line
   */
  static Jar read(Path path) throws IOException {
    Manifest manifest;
    try (JarFile jar = new JarFile(path.toFile(), false)) {
      manifest = jar.getManifest();
    } catch (ZipException noZip) {
      throw new IOException("is no jar: " + noZip.getMessage(), noZip);
    }
    String name =
        manifest == null
            ? null
            : manifest.getMainAttributes().getValue(Constants.BUNDLE_SYMBOLICNAME);
    if (name == null) {
      throw new IOException("is no bundle: its manifest has no Bundle-SymbolicName");
    }
    String version = manifest.getMainAttributes().getValue(Constants.BUNDLE_VERSION);
    try {
      return new Jar(
          path,
          name.split(";", 2)[0].strip(),
          version == null ? Version.emptyVersion : Version.parseVersion(version),
          digest(path));
    } catch (IllegalArgumentException badVersion) {
      throw new IOException("is no bundle: Bundle-Version " + version, badVersion);
    }
  }

  /** Puts a copy where another jar may lie: whole, or not at all. */
  void copyTo(Path target) throws IOException {
    // Hidden, so that it is not taken before it is whole.
    Path half = target.resolveSibling("." + target.getFileName());
    Files.copy(path, half, StandardCopyOption.REPLACE_EXISTING);
    Files.move(half, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** SHA-256 of a file. */
  static String digest(Path path) throws IOException {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      try (InputStream in = new DigestInputStream(Files.newInputStream(path), sha256)) {
        in.transferTo(java.io.OutputStream.nullOutputStream());
      }
      return HexFormat.of().formatHex(sha256.digest());
    } catch (NoSuchAlgorithmException everyJdkHasIt) {
      throw new IllegalStateException(everyJdkHasIt);
    }
  }
}
