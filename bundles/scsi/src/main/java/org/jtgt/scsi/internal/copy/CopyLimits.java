// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.copy;

/** What RECEIVE COPY RESULTS, OPERATING PARAMETERS and VPD page 8Fh promise (SPC-4 6.20). */
final class CopyLimits {
  static final int CSCD_DESCRIPTORS = 16;
  static final int SEGMENT_DESCRIPTORS = 128;
  static final int CSCD_BYTES = 32;

  /** MAXIMUM DESCRIPTOR LIST LENGTH: all of both kinds. */
  static final int DESCRIPTOR_LIST_BYTES = CSCD_DESCRIPTORS * CSCD_BYTES + SEGMENT_DESCRIPTORS * 28;

  /** MAXIMUM SEGMENT LENGTH in bytes: what a block count of 16 bits can say of blocks of 4096. */
  static final int SEGMENT_BYTES = 0xFFFF * 4096;

  /** TOTAL and MAXIMUM CONCURRENT COPIES. */
  static final int CONCURRENT = 64;

  /** MAXIMUM RANGE DESCRIPTORS of a token. */
  static final int RANGES = 128;

  /** MAXIMUM TOKEN TRANSFER SIZE in bytes. */
  static final long TOKEN_BYTES = 1L << 30;

  /** Seconds. */
  static final int DEFAULT_INACTIVITY_TIMEOUT = 60;

  /** Seconds. */
  static final int MAXIMUM_INACTIVITY_TIMEOUT = 600;

  // Descriptor type codes (SPC-4 tables 91, 111).
  static final int BLOCK_TO_BLOCK = 0x02;
  static final int VERIFY_CSCD = 0x07;
  static final int IDENTIFICATION = 0xE4;

  /** CSCD descriptor ID of the unit that the command was sent to (SPC-4 table 148). */
  static final int OWN_CSCD = 0xFFFF;

  private CopyLimits() {}
}
