// SPDX-License-Identifier: Apache-2.0
package org.jtgt.shell;

/** A command cannot be understood or did not do its work; the message is one line. */
final class Refusal extends RuntimeException {
  /** Exit status when the command failed. */
  static final int FAILED = 1;

  /** Exit status when the words were not understood. */
  static final int USAGE = 2;

  private static final long serialVersionUID = 1L;

  private final int status;

  Refusal(int status, String message) {
    super(message);
    this.status = status;
  }

  int status() {
    return status;
  }
}
