// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/** Which of the two CRC32C digests a connection carries (RFC 7143 11.2.3, 13.1). */
public record Digests(boolean header, boolean data) {
  public static final Digests NONE = new Digests(false, false);

  /**
   * The digest's four bytes in the order of transmission: the CRC's lowest byte first, as the
   * examples of RFC 7143 appendix A.4 print them.
   */
  public static byte[] crc32c(byte[] covered) {
    CRC32C crc = new CRC32C();
    crc.update(covered);
    return ByteBuffer.allocate(4)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt((int) crc.getValue())
        .array();
  }
}
