// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

/** What becomes of commands whose store is away. */
public enum Outage {
  /** They wait for the hold time, then they are NOT READY. */
  HOLD,
  /** They are BUSY: the initiator tries again by itself. */
  BUSY,
  /** They are NOT READY at once: the initiator takes another path soon. */
  FAIL
}
