// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.device;

/** What the Block Limits VPD page promises and the commands hold to (SBC-3 6.6.4). */
public final class Limits {
  /** MAXIMUM UNMAP BLOCK DESCRIPTOR COUNT. */
  public static final int UNMAP_DESCRIPTORS = 256;

  /** MAXIMUM COMPARE AND WRITE LENGTH. */
  public static final int COMPARE_AND_WRITE_BLOCKS = 255;

  private static final long UNMAP_BYTES = 4L << 30;
  private static final long WRITE_SAME_BYTES = 256L << 20;

  private Limits() {}

  /** MAXIMUM UNMAP LBA COUNT, over all descriptors. */
  public static int unmapBlocks(int blockBytes) {
    return (int) (UNMAP_BYTES / blockBytes);
  }

  /** MAXIMUM WRITE SAME LENGTH. */
  public static long writeSameBlocks(int blockBytes) {
    return WRITE_SAME_BYTES / blockBytes;
  }
}
