// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.spi;

import java.security.MessageDigest;

/**
 * A CHAP secret. Its text form never shows it, and comparing takes the same time whatever differs.
 */
public final class ChapSecret {
  /** Shortest secret without IPsec: 96 bits (RFC 7143 9.2.1). */
  public static final int LEAST_BYTES = 12;

  private final byte[] bytes;

  /**
   * @param bytes the secret, copied
   * @throws IllegalArgumentException when it is shorter than {@value #LEAST_BYTES} bytes
   */
  public ChapSecret(byte[] bytes) {
    if (bytes.length < LEAST_BYTES) {
      throw new IllegalArgumentException(
          "a CHAP secret of " + bytes.length + " bytes; allowed: 12 or more (RFC 7143 9.2.1)");
    }
    this.bytes = bytes.clone();
  }

  /** Puts the secret into a digest. */
  public void update(MessageDigest digest) {
    digest.update(bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ChapSecret secret && MessageDigest.isEqual(bytes, secret.bytes);
  }

  @Override
  public int hashCode() {
    // A hash of the bytes would tell something about them.
    return ChapSecret.class.hashCode();
  }

  @Override
  public String toString() {
    return "(secret)";
  }
}
