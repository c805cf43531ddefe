// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.sbc;

import java.util.List;
import org.jtgt.scsi.device.ModePage;

/**
 * The mode pages of a block device (SPC-4 7.5, SBC-3 6.5). A bit is changeable where changing it
 * changes something.
 */
final class BlockModePages {
  /** Logical Block Provisioning (SBC-3 6.5.9). */
  static final int PROVISIONING = 0x1C << 8 | 0x02;

  /** All pages that a block device may have, by code and subpage. */
  static final List<ModePage> ALL =
      List.of(
          // SBC-3 6.5.8: AWRE, ARRE; the store recovers, or it fails
          ModePage.of(0x01, 0, "Read-Write Error Recovery", "C0 00 00 00 00 00 00 00 00 00", ""),
          // SPC-4 7.5.10
          ModePage.of(0x02, 0, "Disconnect-Reconnect", "00".repeat(14), ""),
          // SBC-3 6.5.5: WCE; no read cache to disable, no prefetch to tune
          ModePage.of(0x08, 0, "Caching", "04" + "00".repeat(17), "04" + "00".repeat(17)),
          // SPC-4 7.5.8: D_SENSE, GLTSD; QUEUE ALGORITHM MODIFIER 1, QERR; UA_INTLCK_CTRL, SWP;
          // TAS; BUSY
          // TIMEOUT PERIOD
          ModePage.of(
              0x0A, 0, "Control", "02 10 00 00 00 00 FF FF 00 00", "04 06 38 40 00 00 00 00 00 00"),
          // SPC-4 7.5.9: SCSIP, TCMOS: SET TIMESTAMP sets the clock
          ModePage.of(0x0A, 1, "Control Extension", "06" + "00".repeat(27), ""),
          // SPC-4 7.5.13: no timers
          ModePage.of(0x1A, 0, "Power Condition", "00".repeat(38), ""),
          // SBC-3 6.5.7: DEXCPT; nothing is predicted
          ModePage.of(
              0x1C, 0, "Informational Exceptions Control", "08 00 00 00 00 00 00 00 00 00", ""),
          // SBC-3 6.5.9: one descriptor, soft threshold of the space in use, armed increasing;
          // ENABLED and
          // THRESHOLD COUNT change
          ModePage.of(
              0x1C,
              2,
              "Logical Block Provisioning",
              "00".repeat(12) + "01 02 00 00 00 00 00 00",
              "00".repeat(12) + "80 00 00 00 FF FF FF FF"));

  private BlockModePages() {}
}
