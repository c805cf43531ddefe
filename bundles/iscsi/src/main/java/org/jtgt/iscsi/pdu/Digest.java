// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.pdu;

import io.netty.buffer.ByteBuf;
import java.util.zip.CRC32C;

/** The CRC32C digest of header and data (RFC 7143 13.1). Not for several threads at once. */
public final class Digest {
  /** Bytes of a digest. */
  public static final int BYTES = 4;

  private final CRC32C crc = new CRC32C();

  /** The digest as an int whose little-endian bytes stand on the wire (RFC 7143 13.1). */
  public int of(ByteBuf buffer, int index, int length) {
    crc.reset();
    // The buffer's own view of itself, used up before anyone else needs it, where it has just one.
    crc.update(
        buffer.nioBufferCount() == 1
            ? buffer.internalNioBuffer(index, length)
            : buffer.nioBuffer(index, length));
    return (int) crc.getValue();
  }

  /** The digest of heap bytes. */
  public int of(byte[] bytes, int length) {
    crc.reset();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }
}
