// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.embedded;

import java.security.SecureRandom;
import java.util.HexFormat;
import org.jtgt.backstore.Backstore;

/**
 * A logical unit of a program: a store, and who it is for initiators. They take a disk of another
 * serial or NAA for another disk, so a program that serves the same data again gives the same.
 *
 * @param store what it holds; the program opens it before and closes it after
 * @param product PRODUCT IDENTIFICATION, at most 16 printable ASCII characters
 * @param serial PRODUCT SERIAL NUMBER, 1 to 36 printable ASCII characters
 * @param naa NAA designator, of type 3 (locally assigned, SPC-4 7.8.6.6.4) or another
 */
public record Disk(Backstore store, String product, String serial, long naa) {
  private static final SecureRandom RANDOM = new SecureRandom();

  /** Checks what initiators would stumble over. */
  public Disk {
    if (!product.matches("[ -~]{0,16}") || !serial.matches("[ -~]{1,36}")) {
      throw new IllegalArgumentException(
          "product '%s' with serial '%s'; allowed: 0 to 16 and 1 to 36 printable ASCII characters"
              .formatted(product, serial));
    }
  }

  /** A disk that nobody has seen before. */
  public static Disk of(Backstore store) {
    return new Disk(
        store,
        "embedded",
        HexFormat.of().toHexDigits(RANDOM.nextLong()),
        0x3L << 60 | RANDOM.nextLong() >>> 4);
  }
}
