// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore;

import java.io.IOException;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * An I/O failure whose kind is known, so that the initiator gets the sense data that makes it do
 * the right thing.
 */
public final class BackstoreException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What kind of failure it is; the initiator's reaction follows from it. */
  public enum Kind {
    /** These bytes cannot be read or written: MEDIUM ERROR with the first bad block. */
    MEDIA,
    /** May work when tried again soon: BUSY, or held by policy. */
    TRANSIENT,
    /**
     * The store is away and may return: NOT READY, LOGICAL UNIT IS IN PROCESS OF BECOMING READY.
     */
    GONE,
    /** No space left for a thin store: DATA PROTECT, SPACE ALLOCATION FAILED WRITE PROTECT. */
    FULL,
    /** Writes are not allowed: DATA PROTECT, WRITE PROTECTED. */
    WRITE_PROTECTED,
    /** Anything else: HARDWARE ERROR. */
    OTHER
  }

  private final Kind kind;
  private final long offsetBytes;

  private BackstoreException(
      Kind kind, String message, long offsetBytes, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
    this.offsetBytes = offsetBytes;
  }

  /**
   * A failure of the given kind; {@code message} says what was done, where, and the value
   * concerned.
   */
  public static BackstoreException of(Kind kind, String message) {
    return new BackstoreException(kind, message, -1, null);
  }

  /** A failure of the given kind with its cause. */
  public static BackstoreException of(Kind kind, String message, Throwable cause) {
    return new BackstoreException(kind, message, -1, cause);
  }

  /** A {@link Kind#MEDIA} failure; {@code offsetBytes} is the first byte that is bad. */
  public static BackstoreException media(
      String message, long offsetBytes, @Nullable Throwable cause) {
    return new BackstoreException(Kind.MEDIA, message, offsetBytes, cause);
  }

  /** What kind of failure it is. */
  public Kind kind() {
    return kind;
  }

  /** Offset in bytes of the first bad byte, where known. */
  public OptionalLong offsetBytes() {
    return offsetBytes < 0 ? OptionalLong.empty() : OptionalLong.of(offsetBytes);
  }
}
