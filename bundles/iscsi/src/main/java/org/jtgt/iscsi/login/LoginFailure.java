// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.login;

import java.util.List;
import org.jtgt.iscsi.pdu.LoginStatus;
import org.jtgt.iscsi.text.TextPair;

/** Carries a login failure up to the one place that answers it. */
final class LoginFailure extends Exception {
  private static final long serialVersionUID = 1;

  private final LoginStatus status;
  private final String reason;
  private final transient List<TextPair> answers;

  LoginFailure(LoginStatus status, String reason) {
    this(status, reason, List.of());
  }

  /**
   * @param answers pairs that the response carries all the same
   */
  LoginFailure(LoginStatus status, String reason, List<TextPair> answers) {
    super(reason, null, false, false);
    this.reason = reason;
    this.status = status;
    this.answers = List.copyOf(answers);
  }

  /** For the log. */
  String reason() {
    return reason;
  }

  LoginStatus status() {
    return status;
  }

  List<TextPair> answers() {
    return answers;
  }
}
