// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

/** The 8-byte LUN (SAM-5 4.6): single level, peripheral device or flat space addressing. */
final class Luns {
  /** Largest LUN number of the flat space method (SAM-5 4.6.8). */
  static final int MAXIMUM = 0x3FFF;

  private Luns() {}

  /** LUN number; -1 for another addressing method, bus or level. */
  static int number(long lun) {
    if ((lun & 0x0000_FFFF_FFFF_FFFFL) != 0) {
      return -1;
    }
    int first = (int) (lun >>> 48);
    return switch (first >>> 14) {
      case 0 -> first <= 0xFF ? first : -1;
      case 1 -> first & MAXIMUM;
      default -> -1;
    };
  }

  /** The peripheral device method up to 255 (SAM-5 4.6.7), the flat space method above. */
  static long encode(int number) {
    return (number <= 0xFF ? (long) number : 0x4000L | number) << 48;
  }
}
