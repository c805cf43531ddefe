// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.crypt;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.crypt.spi.KeyService;

/** Where the secret of a store comes from. */
@FunctionalInterface
interface SecretSource {
  int LEAST_BYTES = 16;
  int MOST_BYTES = 1 << 16;

  /**
   * The secret; the caller overwrites it.
   *
   * @throws UnavailableException when it cannot be had now
   */
  byte[] secret() throws UnavailableException;

  /** There is no secret now; there may be one later. */
  final class UnavailableException extends IOException {
    private static final long serialVersionUID = 1L;

    UnavailableException(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** A file that nobody but its owner can read. */
  static SecretSource file(Path file) {
    Set<PosixFilePermission> others =
        EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);
    return () -> {
      try {
        if (!Files.isRegularFile(file)) {
          throw new UnavailableException("keyFile: %s is no file".formatted(file), null);
        }
        for (PosixFilePermission each : Files.getPosixFilePermissions(file)) {
          if (others.contains(each)) {
            throw new UnavailableException(
                "keyFile: %s can be read or written by others; allowed: its owner alone (mode 0600)"
                    .formatted(file),
                null);
          }
        }
        long bytes = Files.size(file);
        checkLength("keyFile: " + file, bytes);
        return Files.readAllBytes(file);
      } catch (UnavailableException known) {
        throw known;
      } catch (IOException failure) {
        throw new UnavailableException("keyFile: " + failure, failure);
      }
    };
  }

  /** A key service, as far as it is there. */
  static SecretSource service(String name, String key, Supplier<@Nullable KeyService> service) {
    return () -> {
      KeyService present = service.get();
      if (present == null) {
        throw new UnavailableException("keyService: %s is not there".formatted(name), null);
      }
      byte[] secret;
      try {
        secret = present.secret(key);
      } catch (IOException | RuntimeException failure) {
        throw new UnavailableException(
            "keyService: %s has no key %s: %s".formatted(name, key, failure.getMessage()), failure);
      }
      checkLength("keyService: the secret of %s for %s".formatted(name, key), secret.length);
      return secret;
    };
  }

  private static void checkLength(String what, long bytes) throws UnavailableException {
    if (bytes < LEAST_BYTES || bytes > MOST_BYTES) {
      throw new UnavailableException(
          "%s has %d bytes; allowed: %d to %d".formatted(what, bytes, LEAST_BYTES, MOST_BYTES),
          null);
    }
  }
}
