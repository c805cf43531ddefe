// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.spi;

import java.util.Optional;

/**
 * What an initiator proves itself with, and what the target proves itself with to it.
 *
 * @param user CHAP_N of the initiator
 * @param secret its secret
 * @param own how the target answers an initiator that asks for mutual authentication; empty when it
 *     cannot
 */
public record ChapCredential(String user, ChapSecret secret, Optional<Own> own) {
  /**
   * @throws IllegalArgumentException when both directions have the same secret (RFC 7143 9.2.1)
   */
  public ChapCredential {
    if (own.isPresent() && own.get().secret().equals(secret)) {
      throw new IllegalArgumentException(
          "the secrets of both directions are the same; allowed: two different ones (RFC 7143"
              + " 9.2.1)");
    }
  }

  /**
   * The target's own proof.
   *
   * @param user CHAP_N of the target
   * @param secret its secret, another one than the initiator's
   */
  public record Own(String user, ChapSecret secret) {}
}
