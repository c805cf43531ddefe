// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

/** The eight-byte logical unit number of SAM-5 4.7, as a field value. */
public final class Lun {
  private Lun() {}

  /**
   * A single level LUN: peripheral device addressing below 256, flat space addressing below 16,384.
   */
  public static long of(int number) {
    if (number < 0 || number > 0x3fff) {
      throw new IllegalArgumentException("LUN " + number + " is not in 0..16383");
    }
    return number < 256 ? (long) number << 48 : (0x4000L | number) << 48;
  }
}
