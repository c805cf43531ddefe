// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.device;

/** What the Block Limits VPD page promises and the commands hold to (SBC-3 6.6.4). */
public final class Limits {
  /** MAXIMUM UNMAP BLOCK DESCRIPTOR COUNT. */
  public static final int UNMAP_DESCRIPTORS = 256;

  /** MAXIMUM COMPARE AND WRITE LENGTH. */
  public static final int COMPARE_AND_WRITE_BLOCKS = 255;

  /** MAXIMUM UNMAP LBA COUNT, over all descriptors. */
  public static final int UNMAP_BLOCKS = 1 << 20;

  /** MAXIMUM WRITE SAME LENGTH: what WRITE SAME(10) can ask for. */
  public static final int WRITE_SAME_BLOCKS = 0xFFFF;

  private Limits() {}
}
