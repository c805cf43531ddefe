// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

import java.io.IOException;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BackstoreException.Kind;

/** What an errno means to the initiator. */
final class Failures {
  private Failures() {}

  /**
   * A failed call on an open file.
   *
   * @param action what was done, as a verb: {@code read}
   * @param offsetBytes first byte concerned; -1 when the call concerns the whole file
   */
  static IOException of(int errno, String action, String path, long offsetBytes) {
    String message =
        "%s %s%s: %s"
            .formatted(
                action,
                path,
                offsetBytes < 0 ? "" : " at byte " + offsetBytes,
                Errno.message(errno));
    return switch (errno) {
      case Errno.ENOSPC, Errno.EDQUOT -> BackstoreException.of(Kind.FULL, message);
      case Errno.EIO ->
          offsetBytes < 0
              ? BackstoreException.of(Kind.MEDIA, message)
              : BackstoreException.media(message, offsetBytes, null);
      case Errno.EROFS, Errno.EACCES, Errno.EPERM ->
          BackstoreException.of(Kind.WRITE_PROTECTED, message);
      case Errno.ENODEV, Errno.ENXIO, Errno.ESTALE -> BackstoreException.of(Kind.GONE, message);
      case Errno.EAGAIN -> BackstoreException.of(Kind.TRANSIENT, message);
      default -> BackstoreException.of(Kind.OTHER, message);
    };
  }

  /** The file ends before the bytes that were asked for: somebody has made it shorter. */
  static BackstoreException truncated(String path, long offsetBytes) {
    return BackstoreException.media(
        "%s has been made shorter by somebody: it ends before byte %d".formatted(path, offsetBytes),
        offsetBytes,
        null);
  }

  static BackstoreException closed(String path) {
    return BackstoreException.of(Kind.GONE, path + " has been closed");
  }
}
