// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.login;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import org.jtgt.iscsi.spi.ChapSecret;

/** The digests of CHAP and their CHAP_A numbers (RFC 7143 12.1.3, IANA "PPP Authentication"). */
public enum ChapAlgorithm {
  MD5(5, "MD5"),
  SHA1(6, "SHA-1"),
  SHA256(7, "SHA-256"),
  SHA3_256(8, "SHA3-256");

  private final int number;
  private final String digest;

  ChapAlgorithm(int number, String digest) {
    this.number = number;
    this.digest = digest;
  }

  /** CHAP_A. */
  public int number() {
    return number;
  }

  /** How a configuration calls it: MD5, SHA1, SHA-256, SHA3-256. */
  public String label() {
    return this == SHA1 ? "SHA1" : digest;
  }

  /** The algorithm of a label; empty when there is none. */
  public static Optional<ChapAlgorithm> of(String label) {
    for (ChapAlgorithm algorithm : values()) {
      if (algorithm.label().equals(label)) {
        return Optional.of(algorithm);
      }
    }
    return Optional.empty();
  }

  /** The response to a challenge: digest of identifier, secret and challenge (RFC 1994 4.1). */
  byte[] response(int identifier, ChapSecret secret, byte[] challenge) {
    MessageDigest running = start();
    running.update((byte) identifier);
    secret.update(running);
    return running.digest(challenge);
  }

  private MessageDigest start() {
    try {
      return MessageDigest.getInstance(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
