// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

/** Serial number arithmetic over 32 bits (RFC 7143 4.2.2, RFC 1982). */
public final class Serial {
  private Serial() {}

  public static boolean lessThan(int a, int b) {
    return a - b < 0;
  }

  public static boolean atMost(int a, int b) {
    return a - b <= 0;
  }
}
