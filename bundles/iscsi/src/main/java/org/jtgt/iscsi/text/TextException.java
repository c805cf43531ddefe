// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.text;

/** Text that breaks the rules of RFC 7143 clause 6: the peer's error. */
public final class TextException extends Exception {
  public TextException(String message) {
    super(message, null, false, false);
  }
}
