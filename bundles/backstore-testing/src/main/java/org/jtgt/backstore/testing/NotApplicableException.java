// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.testing;

/** A check that says nothing about this store; the message says why. */
public final class NotApplicableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NotApplicableException(String why) {
    super(why);
  }
}
