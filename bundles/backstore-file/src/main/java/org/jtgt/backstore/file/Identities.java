// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.Optional;
import java.util.UUID;

/**
 * Gives a file an identity that stays with it when it is renamed or served again: in its extended
 * attribute {@code user.jtgt.uuid}; where the file cannot carry it, in a file of the state folder
 * named after device and inode.
 */
final class Identities {
  private static final String ATTRIBUTE = "jtgt.uuid";

  private final Path stateFolder;

  /** Keeps what files cannot carry in a folder, which is made when it is needed. */
  Identities(Path stateFolder) {
    this.stateFolder = stateFolder;
  }

  /**
   * The identity of a regular file, made on its first use.
   *
   * @param mayMark whether the file may get the attribute; a read-only store leaves it untouched
   * @throws IOException when a new identity cannot be kept
   */
  String of(Path file, String key, boolean mayMark) throws IOException {
    Optional<UUID> marked = marked(file);
    if (marked.isPresent()) {
      return marked.get().toString();
    }
    Path note = stateFolder.resolve(key.replaceAll("[^0-9A-Za-z]", "-") + ".uuid");
    Optional<UUID> noted = Files.exists(note) ? uuid(Files.readString(note)) : Optional.empty();
    UUID identity = noted.orElseGet(UUID::randomUUID);
    if (mayMark && mark(file, identity)) {
      Files.deleteIfExists(note);
    } else if (noted.isEmpty()) {
      Note.write(note, identity + "\n");
    }
    return identity.toString();
  }

  private static Optional<UUID> marked(Path file) {
    try {
      UserDefinedFileAttributeView view = view(file);
      if (view == null || !view.list().contains(ATTRIBUTE)) {
        return Optional.empty();
      }
      ByteBuffer value = ByteBuffer.allocate(view.size(ATTRIBUTE));
      view.read(ATTRIBUTE, value);
      return uuid(new String(value.array(), StandardCharsets.US_ASCII));
    } catch (IOException unsupported) {
      return Optional.empty();
    }
  }

  private static boolean mark(Path file, UUID identity) {
    try {
      UserDefinedFileAttributeView view = view(file);
      if (view == null) {
        return false;
      }
      view.write(ATTRIBUTE, StandardCharsets.US_ASCII.encode(identity.toString()));
      return true;
    } catch (IOException unsupported) {
      return false;
    }
  }

  private static UserDefinedFileAttributeView view(Path file) {
    return Files.getFileAttributeView(file, UserDefinedFileAttributeView.class);
  }

  private static Optional<UUID> uuid(String text) {
    try {
      return Optional.of(UUID.fromString(text.strip()));
    } catch (IllegalArgumentException foreign) {
      return Optional.empty();
    }
  }
}
