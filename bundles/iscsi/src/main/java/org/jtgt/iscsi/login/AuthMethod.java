// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.login;

import java.util.List;
import java.util.Optional;
import org.jtgt.iscsi.text.TextPair;

/**
 * An authentication method (RFC 7143 clause 12), chosen by its name in AuthMethod. {@code None} is
 * no method: the login machine knows it itself.
 */
public interface AuthMethod {
  /** The name in AuthMethod lists. */
  String name();

  /** Begins an exchange for one login. */
  Exchange begin(String initiatorName, Optional<String> targetName);

  /** One run of the method. */
  interface Exchange {
    /** Takes the method's keys of one request and gives the answers. */
    Step step(List<TextPair> pairs);
  }

  /**
   * What follows.
   *
   * @param answers pairs to send
   * @param state whether more is needed
   */
  record Step(List<TextPair> answers, State state) {}

  /** How an exchange stands. */
  enum State {
    GOING_ON,
    AUTHENTICATED,
    /** Login status 0201 (RFC 7143 11.13.5). */
    FAILED
  }
}
