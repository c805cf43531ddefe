// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.scsi;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jtgt.itests.initiator.LogicalUnit;

/** Parameter lists of EXTENDED COPY (SPC-4 6.4) and of token copies (SBC-3 5.7, 5.48). */
final class CopyLists {
  private static final int TOKEN_BYTES = 512;

  private CopyLists() {}

  /** EXTENDED COPY (LID1): one block device to block device segment between two units. */
  static byte[] extendedCopy(LogicalUnit from, long fromLba, LogicalUnit to, long toLba, int blocks)
      throws IOException {
    ByteBuffer list = ByteBuffer.allocate(16 + 2 * 32 + 28);
    list.put(0, (byte) 1).put(1, (byte) 0x00).putShort(2, (short) 64).putInt(8, 28);
    descriptor(list, 16, from);
    descriptor(list, 48, to);
    list.put(80, (byte) 0x02).putShort(82, (short) 24).putShort(84, (short) 0);
    list.putShort(86, (short) 1).putShort(90, (short) blocks);
    list.putLong(92, fromLba).putLong(100, toLba);
    return list.array();
  }

  /**
   * An identification descriptor CSCD descriptor (SPC-4 6.4.5.2): the NAA designator of page 83h.
   */
  private static void descriptor(ByteBuffer list, int at, LogicalUnit unit) throws IOException {
    byte[] naa =
        InquiryTest.Designator.all(InquiryTest.vpd(unit, 0x83)).stream()
            .filter(d -> d.association() == 0 && d.type() == 3)
            .findFirst()
            .orElseThrow()
            .bytes();
    list.put(at, (byte) 0xe4).put(at + 4, (byte) 1).put(at + 5, (byte) 3);
    list.put(at + 7, (byte) naa.length).put(at + 8, naa);
    int blockBytes = unit.capacity().blockBytes();
    list.put(at + 29, (byte) (blockBytes >> 16)).putShort(at + 30, (short) blockBytes);
  }

  /**
   * POPULATE TOKEN and WRITE USING TOKEN: service action, LIST IDENTIFIER, PARAMETER LIST LENGTH.
   */
  static byte[] cdb(int action, int listIdentifier, int bytes) {
    return ByteBuffer.allocate(16)
        .put(0, (byte) 0x83)
        .put(1, (byte) action)
        .putInt(6, listIdentifier)
        .putInt(10, bytes)
        .array();
  }

  static byte[] populateToken(long lba, int blocks) {
    ByteBuffer list = ByteBuffer.allocate(32);
    list.putShort(0, (short) 30).putShort(14, (short) 16).putLong(16, lba).putInt(24, blocks);
    return list.array();
  }

  static byte[] writeUsingToken(byte[] token, long lba, int blocks) {
    ByteBuffer list = ByteBuffer.allocate(552);
    list.putShort(0, (short) 550).put(16, token).putShort(534, (short) 16);
    list.putLong(536, lba).putInt(544, blocks);
    return list.array();
  }

  /** RECEIVE ROD TOKEN INFORMATION (SPC-4 6.28). */
  private static byte[] information(LogicalUnit unit, int listIdentifier) throws IOException {
    ByteBuffer cdb = ByteBuffer.allocate(16).put(0, (byte) 0x84).put(1, (byte) 0x07);
    cdb.putInt(2, listIdentifier).putInt(10, 1024);
    return unit.in(cdb.array(), 1024).requireGood().data();
  }

  /** COPY OPERATION STATUS; 01h: completed without errors. */
  static int status(LogicalUnit unit, int listIdentifier) throws IOException {
    return information(unit, listIdentifier)[5] & 0x7f;
  }

  static byte[] token(LogicalUnit unit, int listIdentifier) throws IOException {
    byte[] data = information(unit, listIdentifier);
    int status = data[5] & 0x7f;
    int sense = data[13] & 0xff;
    int descriptors = ByteBuffer.wrap(data).getInt(32 + sense);
    if (status != 1 || descriptors != 2 + TOKEN_BYTES) {
      throw new AssertionError("status " + status + ", " + descriptors + " bytes of descriptors");
    }
    int at = 32 + sense + 4 + 2;
    return Arrays.copyOfRange(data, at, at + TOKEN_BYTES);
  }
}
