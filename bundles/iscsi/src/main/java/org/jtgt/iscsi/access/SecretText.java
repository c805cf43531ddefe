// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.access;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import org.jtgt.iscsi.spi.ChapSecret;
import org.jtgt.iscsi.text.LargeBinary;

/** Secrets as configurations and files write them: text, or binary as in RFC 7143 6.1. */
public final class SecretText {
  private static final long MOST_FILE_BYTES = 4096;

  private SecretText() {}

  /**
   * Reads a secret.
   *
   * @param text the text itself; with 0x or 0b in front the bytes in hex or base64
   * @throws IllegalArgumentException when it cannot be one; the message does not show it
   */
  public static ChapSecret parse(String text) {
    boolean binary = text.startsWith("0x") || text.startsWith("0X") || text.startsWith("0b");
    byte[] bytes =
        binary
            ? LargeBinary.parse(text)
                .orElseThrow(() ->
                    new IllegalArgumentException(
                        "a secret begins as a binary value but is none; allowed: 0x and hex"
                            + " digits, 0b and base64, or text"))
            : text.getBytes(StandardCharsets.UTF_8);
    return new ChapSecret(bytes);
  }

  /**
   * Reads a secret from the first line of a file that nobody else can read.
   *
   * @throws IllegalArgumentException when others can read the file, or nobody
   */
  public static ChapSecret read(Path file) {
    try {
      if (Files.size(file) > MOST_FILE_BYTES) {
        throw new IllegalArgumentException(file + " is too long for a secret");
      }
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
      if (permissions.contains(PosixFilePermission.OTHERS_READ)
          || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
        throw new IllegalArgumentException(
            file + " can be read or written by others; allowed: mode 0640 or stricter");
      }
      return parse(Files.readString(file).lines().findFirst().orElse("").strip());
    } catch (IOException | UnsupportedOperationException e) {
      throw new IllegalArgumentException(file + " cannot be read: " + e.getClass().getSimpleName());
    }
  }
}
