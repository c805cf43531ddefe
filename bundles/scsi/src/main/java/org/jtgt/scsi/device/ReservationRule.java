// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.device;

/**
 * What a reservation held by another I_T nexus does to a command (SPC-4 table 65, SBC-3 table 13).
 * The five columns of those tables; a command of the holder, or of a registered nexus under an
 * all-registrants or registrants-only type, is judged by {@link #conflictsWhenRegistered}.
 */
public enum ReservationRule {
  /** Runs under any reservation. */
  ALLOWED(false, false, false),
  /** Reads the medium or state that exclusive access protects. */
  READ(false, true, false),
  /** Changes the medium or state that every reservation protects. */
  WRITE(true, true, false);

  private final boolean writeExclusive;
  private final boolean exclusiveAccess;
  private final boolean registered;

  ReservationRule(boolean writeExclusive, boolean exclusiveAccess, boolean registered) {
    this.writeExclusive = writeExclusive;
    this.exclusiveAccess = exclusiveAccess;
    this.registered = registered;
  }

  /** Conflict under a Write Exclusive type for a nexus that the type does not admit. */
  public boolean conflictsWithWriteExclusive() {
    return writeExclusive;
  }

  /** Conflict under an Exclusive Access type for a nexus that the type does not admit. */
  public boolean conflictsWithExclusiveAccess() {
    return exclusiveAccess;
  }

  /** Conflict for a registered nexus under a registrants-only or all-registrants type. */
  public boolean conflictsWhenRegistered() {
    return registered;
  }
}
