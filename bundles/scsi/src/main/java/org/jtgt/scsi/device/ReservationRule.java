// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.device;

/**
 * What a reservation does to a command of a nexus that it does not admit (SPC-4 table 65, SBC-3
 * table 13): the columns of Write Exclusive and Exclusive Access types. The holder, and under
 * Registrants Only and All Registrants types every registered nexus, is admitted to all commands.
 */
public enum ReservationRule {
  /** Runs under any reservation. */
  ALLOWED(false, false),
  /** Reads the medium or state that exclusive access protects. */
  READ(false, true),
  /** Changes the medium or state that every reservation protects. */
  WRITE(true, true),
  /**
   * Is about persistent reservations: runs under any of them, to be judged by its service action,
   * and under no RESERVE (SPC-2 5.5.1).
   */
  PERSISTENT(false, false),
  /** START STOP UNIT: {@link #ALLOWED} when it only starts the unit, else {@link #WRITE}. */
  WRITE_UNLESS_STARTING(true, true),
  /** PREVENT ALLOW MEDIUM REMOVAL: {@link #ALLOWED} when it allows, else {@link #WRITE}. */
  WRITE_UNLESS_ALLOWING(true, true);

  private final boolean writeExclusive;
  private final boolean exclusiveAccess;

  ReservationRule(boolean writeExclusive, boolean exclusiveAccess) {
    this.writeExclusive = writeExclusive;
    this.exclusiveAccess = exclusiveAccess;
  }

  /**
   * The rule for one CDB.
   *
   * @param cdbByte4 its byte 4, 0 to 255
   */
  public ReservationRule of(int cdbByte4) {
    return switch (this) {
      // POWER CONDITION 0, START 1
      case WRITE_UNLESS_STARTING -> (cdbByte4 & 0xF1) == 0x01 ? ALLOWED : WRITE;
      // PREVENT 00b
      case WRITE_UNLESS_ALLOWING -> (cdbByte4 & 0x03) == 0 ? ALLOWED : WRITE;
      case ALLOWED, READ, WRITE, PERSISTENT -> this;
    };
  }

  /** Conflict under a Write Exclusive type for a nexus that the type does not admit. */
  public boolean conflictsWithWriteExclusive() {
    return writeExclusive;
  }

  /** Conflict under an Exclusive Access type for a nexus that the type does not admit. */
  public boolean conflictsWithExclusiveAccess() {
    return exclusiveAccess;
  }
}
