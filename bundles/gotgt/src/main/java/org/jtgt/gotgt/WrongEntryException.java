// SPDX-License-Identifier: Apache-2.0
package org.jtgt.gotgt;

/** An entry of the file is wrong; the message names its place, value and what is allowed. */
final class WrongEntryException extends Exception {
  private static final long serialVersionUID = 1L;

  WrongEntryException(String place, String what) {
    super(place + ": " + what);
  }
}
