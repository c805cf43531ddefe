// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.login;

import java.util.List;
import org.jtgt.iscsi.pdu.LoginStatus;
import org.jtgt.iscsi.spi.LoginContext;
import org.jtgt.iscsi.text.TextPair;

/**
 * An authentication method (RFC 7143 clause 12), chosen by its name in AuthMethod. {@code None} is
 * no method: the login machine knows it itself.
 */
public interface AuthMethod {
  /** The name in AuthMethod lists. */
  String name();

  /** True for the method's own keys. */
  boolean owns(String key);

  /** Begins an exchange for one login. */
  Exchange begin(LoginContext login);

  /** One run of the method. */
  interface Exchange {
    /** Takes the method's keys of one request and says what follows. */
    Step step(List<TextPair> pairs);
  }

  /** What follows. */
  sealed interface Step {
    /** More is to come. */
    record GoesOn(List<TextPair> answers) implements Step {}

    /** The initiator is who it claims to be. */
    record Authenticated(List<TextPair> answers) implements Step {}

    /**
     * The login ends.
     *
     * @param status mostly 0201 (RFC 7143 11.13.5)
     * @param reason for the log; tells no secret and no response
     */
    record Failed(LoginStatus status, String reason) implements Step {}
  }
}
