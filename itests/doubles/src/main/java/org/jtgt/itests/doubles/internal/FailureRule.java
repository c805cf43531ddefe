// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.doubles.internal;

import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BackstoreException.Kind;
import org.jtgt.backstore.StoreIo;

/**
 * One rule of {@link org.jtgt.itests.doubles.FailingStoreControl}, and how often it still holds.
 */
final class FailureRule {
  private static final Pattern TEXT =
      Pattern.compile(
          "(any|read|write|flush|unmap|write_zeroes)"
              + "\\s+(media|transient|gone|full|write_protected|other|io|bug)"
              + "(?:\\s+(\\d{1,18})-(\\d{1,18}))?(?:\\s+x(\\d{1,9}))?");

  private final String operation;
  private final String kind;
  private final long firstByte;
  private final long lastByte;
  private final AtomicLong left;

  private FailureRule(Matcher text) {
    operation = text.group(1).toUpperCase(Locale.ROOT);
    kind = text.group(2);
    firstByte = text.group(3) == null ? 0 : Long.parseLong(text.group(3));
    lastByte = text.group(4) == null ? Long.MAX_VALUE : Long.parseLong(text.group(4));
    left = new AtomicLong(text.group(5) == null ? Long.MAX_VALUE : Long.parseLong(text.group(5)));
  }

  static FailureRule parse(String text) {
    Matcher matcher = TEXT.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "rules: '" + text + "'; allowed: OPERATION KIND [FIRST-LAST] [xCOUNT]");
    }
    return new FailureRule(matcher);
  }

  /** Whether the I/O fails by this rule; it is used once thereby. */
  boolean takes(StoreIo io) {
    if (!operation.equals("ANY") && !operation.equals(io.operation().name())) {
      return false;
    }
    // A flush touches every byte.
    boolean touches =
        io.operation() == StoreIo.Operation.FLUSH
            || io.offsetBytes() <= lastByte && io.offsetBytes() + io.lengthBytes() > firstByte;
    return touches && left.getAndUpdate(n -> Math.max(0, n - 1)) > 0;
  }

  /**
   * What the I/O fails with.
   *
   * @throws IllegalStateException for the kind {@code bug}
   */
  IOException failureOf(StoreIo io) {
    return switch (kind) {
      case "bug" -> throw new IllegalStateException("told to be a bug");
      case "io" -> new IOException("told to fail");
      case "media" ->
          BackstoreException.media("told to be bad", Math.max(firstByte, io.offsetBytes()), null);
      default ->
          BackstoreException.of(Kind.valueOf(kind.toUpperCase(Locale.ROOT)), "told to be " + kind);
    };
  }
}
