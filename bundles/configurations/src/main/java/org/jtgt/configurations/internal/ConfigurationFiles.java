// SPDX-License-Identifier: Apache-2.0
package org.jtgt.configurations.internal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Dictionary;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.felix.cm.file.ConfigurationHandler;

/**
 * A folder with one file for each configuration, in Felix's own text format, named by its PID.
 *
 * <p>What {@link #write} or {@link #remove} did is on stable storage when it returns, and a crash
 * or a power loss at any moment leaves the old content or the new: the new one is written beside,
 * forced, and takes the name in one step. Only the owner may read the files: they hold secrets.
 * Safe for use by several threads.
 */
final class ConfigurationFiles {
  static final String ENDING = ".config";
  private static final String UNFINISHED = ".new";
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY_FOLDER =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private final Path folder;

  /**
   * Makes the folder when it is not there and sweeps away what a crash left unfinished: nobody was
   * told that it is kept.
   */
  ConfigurationFiles(Path folder) throws IOException {
    this.folder = folder.toAbsolutePath();
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(this.folder, OWNER_ONLY_FOLDER);
      force(this.folder.resolve(".."));
    }
    for (Path file : filesEndingWith(UNFINISHED)) {
      Files.delete(file);
    }
  }

  /** The PIDs of all configurations. */
  List<String> pids() throws IOException {
    return filesEndingWith(ENDING).stream().map(ConfigurationFiles::pid).sorted().toList();
  }

  boolean has(String pid) {
    return Files.isRegularFile(file(pid));
  }

  /** Reads one; fails, with the name of the file, when it is not there or no configuration. */
  Dictionary<String, ?> read(String pid) throws IOException {
    return read(file(pid));
  }

  @SuppressWarnings("unchecked") // the handler's raw type
  static Dictionary<String, ?> read(Path file) throws IOException {
    Dictionary<String, ?> properties;
    try (InputStream in = Files.newInputStream(file)) {
      properties = ConfigurationHandler.read(in);
    } catch (IOException
        | RuntimeException e) { // the handler tells of a number cut off by the latter
      throw new IOException(
          "the configuration in " + file + " cannot be read: " + e.getMessage(), e);
    }
    if (properties == null || properties.isEmpty()) {
      throw new IOException("the configuration in " + file + " is empty");
    }
    return properties;
  }

  /** Keeps one, in place of what was kept for the PID before. */
  synchronized void write(String pid, Dictionary<String, ?> properties) throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    ConfigurationHandler.write(text, properties);
    Path file = file(pid);
    Path unfinished = folder.resolve(file.getFileName() + UNFINISHED);
    Files.deleteIfExists(unfinished);
    try (FileChannel out =
        FileChannel.open(
            unfinished,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            OWNER_ONLY)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.toByteArray());
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      out.force(true);
    }
    Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    force(folder);
  }

  /** Forgets one; nothing happens when it is not there. */
  synchronized void remove(String pid) throws IOException {
    if (Files.deleteIfExists(file(pid))) {
      force(folder);
    }
  }

  private List<Path> filesEndingWith(String ending) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(
              file -> file.getFileName().toString().endsWith(ending) && Files.isRegularFile(file))
          .toList();
    }
  }

  Path file(String pid) {
    // A tilde parts a factory's PID from the name and is harmless in a file's name.
    return folder.resolve(
        URLEncoder.encode(pid, StandardCharsets.UTF_8).replace("%7E", "~") + ENDING);
  }

  private static String pid(Path file) {
    String name = file.getFileName().toString();
    return URLDecoder.decode(
        name.substring(0, name.length() - ENDING.length()), StandardCharsets.UTF_8);
  }

  /** Makes the entries of a folder stable. */
  private static void force(Path folder) throws IOException {
    try (FileChannel entries = FileChannel.open(folder, StandardOpenOption.READ)) {
      entries.force(true);
    }
  }
}
