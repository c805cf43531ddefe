// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.pdu;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The Basic Header Segment of a received PDU, with its Additional Header Segments, read in place
 * (RFC 7143 11.2). One object serves all PDUs of a connection: it is valid during the call that
 * hands it over; {@link #copy()} keeps it.
 *
 * <p>Fields that share a place are named by the PDU that they belong to. Numbers are as on the
 * wire: unsigned values of 32 bits come as int.
 */
public final class Bhs {
  /** Bytes of the Basic Header Segment. */
  public static final int BYTES = 48;

  /** Largest total of Additional Header Segments: TotalAHSLength counts words in one byte. */
  public static final int MAX_AHS_BYTES = 255 * 4;

  /** The tag that stands for none (RFC 7143 11.2.1.8, 11.7.4). */
  public static final int NO_TAG = 0xffffffff;

  /** AHS type Extended CDB (RFC 7143 11.2.2.3). */
  private static final int AHS_EXTENDED_CDB = 1;

  /** AHS type Bidirectional Read Expected Data Transfer Length (RFC 7143 11.2.2.4). */
  private static final int AHS_BIDIRECTIONAL_READ = 2;

  private final ByteBuffer bytes;

  Bhs(byte[] head) {
    bytes = ByteBuffer.wrap(head);
  }

  /** A header on given bytes: 48, and those of the AHS. */
  public static Bhs of(byte[] head) {
    return new Bhs(head.clone());
  }

  /** A copy that stays valid. */
  public Bhs copy() {
    return new Bhs(Arrays.copyOf(bytes.array(), BYTES + totalAhsBytes()));
  }

  /** The 48 bytes, as a Reject attaches them (RFC 7143 11.17.4). */
  public byte[] toBytes() {
    return Arrays.copyOf(bytes.array(), BYTES);
  }

  public int opcode() {
    return bytes.get(0) & 0x3f;
  }

  /** The I bit: immediate delivery (RFC 7143 11.2.1.1). */
  public boolean immediate() {
    return (bytes.get(0) & 0x40) != 0;
  }

  /** Byte 1: the opcode-specific flags. */
  public int flags() {
    return bytes.get(1) & 0xff;
  }

  /** The F bit. */
  public boolean finalBit() {
    return bytes.get(1) < 0;
  }

  public int byteAt(int index) {
    return bytes.get(index) & 0xff;
  }

  /** PRI of a SCSI Command, from iSCSIProtocolLevel 2 on (RFC 7144, Command Priority). */
  public int commandPriority() {
    return byteAt(2) >> 4;
  }

  public int shortAt(int index) {
    return bytes.getShort(index) & 0xffff;
  }

  public int totalAhsBytes() {
    return (bytes.get(4) & 0xff) * 4;
  }

  public int dataSegmentLength() {
    return bytes.getInt(4) & 0xffffff;
  }

  public long lun() {
    return bytes.getLong(8);
  }

  public int initiatorTaskTag() {
    return bytes.getInt(16);
  }

  /** Bytes 20 to 23 of a SCSI Command. */
  public int expectedDataTransferLength() {
    return bytes.getInt(20);
  }

  /** Bytes 20 to 23 of a Data-Out, NOP-Out, Text Request or SNACK. */
  public int targetTransferTag() {
    return bytes.getInt(20);
  }

  /** Bytes 20 to 23 of a Task Management Function Request. */
  public int referencedTaskTag() {
    return bytes.getInt(20);
  }

  public int cmdSn() {
    return bytes.getInt(24);
  }

  public int expStatSn() {
    return bytes.getInt(28);
  }

  /** Bytes 32 to 35 of a Task Management Function Request. */
  public int refCmdSn() {
    return bytes.getInt(32);
  }

  /** Bytes 36 to 39 of a Data-Out. */
  public int dataSn() {
    return bytes.getInt(36);
  }

  /** Bytes 40 to 43 of a Data-Out. */
  public int bufferOffset() {
    return bytes.getInt(40);
  }

  /** Bytes 36 to 39 of a Task Management Function Request. */
  public int expDataSn() {
    return bytes.getInt(36);
  }

  /** Bytes 40 to 43 of a SNACK Request. */
  public int begRun() {
    return bytes.getInt(40);
  }

  /** Bytes 44 to 47 of a SNACK Request. */
  public int runLength() {
    return bytes.getInt(44);
  }

  /** Copies the CDB field of a SCSI Command: 16 bytes. */
  public void copyCdb(byte[] to) {
    System.arraycopy(bytes.array(), 32, to, 0, 16);
  }

  /** True when the AHSs fill TotalAHSLength exactly and are of known types with right lengths. */
  public boolean ahsWellFormed() {
    int end = BYTES + totalAhsBytes();
    int at = BYTES;
    while (at < end) {
      int ahsLength = shortAt(at);
      int type = byteAt(at + 2) & 0x3f;
      boolean known =
          switch (type) {
            case AHS_EXTENDED_CDB -> ahsLength >= 1 && ahsLength <= 260 - 15;
            case AHS_BIDIRECTIONAL_READ -> ahsLength == 5;
            default -> false;
          };
      if (!known) {
        return false;
      }
      at += (3 + ahsLength + 3) & ~3;
    }
    return at == end;
  }

  /**
   * The CDB of a SCSI Command with an Extended CDB AHS: the 16 bytes of the header and what
   * follows; empty without such an AHS.
   */
  public byte[] extendedCdb() {
    int at = findAhs(AHS_EXTENDED_CDB);
    if (at < 0) {
      return new byte[0];
    }
    int more = shortAt(at) - 1;
    byte[] cdb = new byte[16 + more];
    copyCdb(cdb);
    System.arraycopy(bytes.array(), at + 4, cdb, 16, more);
    return cdb;
  }

  /** The read length of a bidirectional command; 0 without that AHS. */
  public int bidirectionalReadLength() {
    int at = findAhs(AHS_BIDIRECTIONAL_READ);
    return at < 0 ? 0 : bytes.getInt(at + 4);
  }

  private int findAhs(int type) {
    int end = BYTES + totalAhsBytes();
    for (int at = BYTES; at < end; at += (3 + shortAt(at) + 3) & ~3) {
      if ((byteAt(at + 2) & 0x3f) == type) {
        return at;
      }
    }
    return -1;
  }
}
