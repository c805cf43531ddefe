// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.text;

/** Text that breaks the rules of RFC 7143 clause 6: the peer's error. */
public final class TextException extends Exception {
  private static final long serialVersionUID = 1;

  private final String reason;

  public TextException(String reason) {
    super(reason, null, false, false);
    this.reason = reason;
  }

  /** What is wrong, for the log. */
  public String reason() {
    return reason;
  }
}
