// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

/**
 * One field of the 48-byte basic header segment: {@code bytes} big-endian bytes from {@code
 * offset}, narrowed to {@code width} bits starting {@code shift} bits above the lowest. Names and
 * places are those of the figures in RFC 7143 section 11.
 *
 * <p>The same bytes carry different fields in different PDUs; nothing stops a test from writing a
 * field that its PDU does not define.
 */
public record Field(String name, int offset, int bytes, int shift, int width) {

  // RFC 7143 11.2.1, every PDU
  public static final Field IMMEDIATE = bit("I", 0, 6);
  public static final Field OPCODE = bits("Opcode", 0, 0, 6);
  public static final Field FINAL = bit("F", 1, 7);
  public static final Field FLAGS = bits("flags", 1, 0, 8);
  public static final Field TOTAL_AHS_LENGTH = whole("TotalAHSLength", 4, 1);
  public static final Field DATA_SEGMENT_LENGTH = whole("DataSegmentLength", 5, 3);
  public static final Field LUN = whole("LUN", 8, 8);
  public static final Field ITT = whole("Initiator Task Tag", 16, 4);
  public static final Field TTT = whole("Target Transfer Tag", 20, 4);

  // requests
  public static final Field CMD_SN = whole("CmdSN", 24, 4);
  public static final Field EXP_STAT_SN = whole("ExpStatSN", 28, 4);

  // responses
  public static final Field STAT_SN = whole("StatSN", 24, 4);
  public static final Field EXP_CMD_SN = whole("ExpCmdSN", 28, 4);
  public static final Field MAX_CMD_SN = whole("MaxCmdSN", 32, 4);

  // SCSI Command, 11.3
  public static final Field READ = bit("R", 1, 6);
  public static final Field WRITE = bit("W", 1, 5);
  public static final Field ATTRIBUTES = bits("ATTR", 1, 0, 3);
  public static final Field PRIORITY = bits("PRI", 2, 4, 4);
  public static final Field EXPECTED_DATA_TRANSFER_LENGTH =
      whole("Expected Data Transfer Length", 20, 4);

  // SCSI Response, 11.4, and Data-In, 11.7
  public static final Field BIDI_READ_OVERFLOW = bit("o", 1, 4);
  public static final Field BIDI_READ_UNDERFLOW = bit("u", 1, 3);
  public static final Field OVERFLOW = bit("O", 1, 2);
  public static final Field UNDERFLOW = bit("U", 1, 1);
  public static final Field RESPONSE = whole("Response", 2, 1);
  public static final Field STATUS = whole("Status", 3, 1);
  public static final Field SNACK_TAG = whole("SNACK Tag", 20, 4);
  public static final Field EXP_DATA_SN = whole("ExpDataSN", 36, 4);
  public static final Field BIDI_READ_RESIDUAL_COUNT = whole("Bidi Read Residual Count", 40, 4);
  public static final Field RESIDUAL_COUNT = whole("Residual Count", 44, 4);

  // Data-In and Data-Out, 11.7; R2T, 11.8
  public static final Field ACKNOWLEDGE = bit("A", 1, 6);
  public static final Field STATUS_PRESENT = bit("S", 1, 0);
  public static final Field DATA_SN = whole("DataSN", 36, 4);
  public static final Field R2T_SN = whole("R2TSN", 36, 4);
  public static final Field BUFFER_OFFSET = whole("Buffer Offset", 40, 4);
  public static final Field DESIRED_DATA_TRANSFER_LENGTH =
      whole("Desired Data Transfer Length", 44, 4);

  // Task Management Function Request, 11.5
  public static final Field FUNCTION = bits("Function", 1, 0, 7);
  public static final Field REFERENCED_TASK_TAG = whole("Referenced Task Tag", 20, 4);
  public static final Field REF_CMD_SN = whole("RefCmdSN", 32, 4);

  // Async Message, 11.9
  public static final Field ASYNC_EVENT = whole("AsyncEvent", 36, 1);
  public static final Field ASYNC_VCODE = whole("AsyncVCode", 37, 1);
  public static final Field PARAMETER_1 = whole("Parameter1", 38, 2);
  public static final Field PARAMETER_2 = whole("Parameter2", 40, 2);
  public static final Field PARAMETER_3 = whole("Parameter3", 42, 2);

  // Text, 11.10, and Login, 11.12
  public static final Field CONTINUE = bit("C", 1, 6);
  public static final Field TRANSIT = bit("T", 1, 7);
  public static final Field CSG = bits("CSG", 1, 2, 2);
  public static final Field NSG = bits("NSG", 1, 0, 2);
  public static final Field VERSION_MAX = whole("Version-max", 2, 1);
  public static final Field VERSION_MIN = whole("Version-min", 3, 1);
  public static final Field VERSION_ACTIVE = whole("Version-active", 3, 1);
  public static final Field ISID = whole("ISID", 8, 6);
  public static final Field TSIH = whole("TSIH", 14, 2);
  public static final Field CID = whole("CID", 20, 2);
  public static final Field STATUS_CLASS = whole("Status-Class", 36, 1);
  public static final Field STATUS_DETAIL = whole("Status-Detail", 37, 1);

  // Logout, 11.14 and 11.15
  public static final Field REASON_CODE = bits("Reason Code", 1, 0, 7);
  public static final Field TIME2WAIT = whole("Time2Wait", 40, 2);
  public static final Field TIME2RETAIN = whole("Time2Retain", 42, 2);

  // SNACK, 11.16
  public static final Field SNACK_TYPE = bits("Type", 1, 0, 4);
  public static final Field BEG_RUN = whole("BegRun", 40, 4);
  public static final Field RUN_LENGTH = whole("RunLength", 44, 4);

  // Reject, 11.17
  public static final Field REASON = whole("Reason", 2, 1);

  /** A field of any place and width, for bits that the RFC reserves. */
  public Field {
    if (offset < 0 || bytes < 1 || bytes > 8 || offset + bytes > Pdu.BHS_BYTES) {
      throw new IllegalArgumentException(
          name + ": bytes " + offset + ".." + (offset + bytes - 1) + " are not in the 48-byte BHS");
    }
    if (shift < 0 || width < 1 || shift + width > 8 * bytes) {
      throw new IllegalArgumentException(name + ": bits do not fit into " + bytes + " bytes");
    }
  }

  /** A field of {@code bytes} whole bytes from {@code offset}. */
  public static Field whole(String name, int offset, int bytes) {
    return new Field(name, offset, bytes, 0, 8 * bytes);
  }

  /**
   * A field of {@code width} bits in byte {@code offset}, {@code shift} bits above bit 0 (2**0).
   */
  public static Field bits(String name, int offset, int shift, int width) {
    return new Field(name, offset, 1, shift, width);
  }

  /** One bit, counted from 0 for 2**0, in byte {@code offset}. */
  public static Field bit(String name, int offset, int bit) {
    return bits(name, offset, bit, 1);
  }

  /** Reads the field, unsigned except for eight whole bytes. */
  long get(byte[] bhs) {
    return (word(bhs) >>> shift) & mask();
  }

  /** Writes the lowest {@code width} bits of {@code value} into the field. */
  void put(byte[] bhs, long value) {
    long word = (word(bhs) & ~(mask() << shift)) | ((value & mask()) << shift);
    for (int i = bytes - 1; i >= 0; i--) {
      bhs[offset + i] = (byte) word;
      word >>>= 8;
    }
  }

  private long word(byte[] bhs) {
    long word = 0;
    for (int i = 0; i < bytes; i++) {
      word = word << 8 | (bhs[offset + i] & 0xff);
    }
    return word;
  }

  private long mask() {
    return width == 64 ? -1L : (1L << width) - 1;
  }
}
