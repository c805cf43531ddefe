// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.device;

/** The unit attention conditions, in the order in which they are reported (SAM-5 table 40). */
public enum UnitAttention {
  /** POWER ON, RESET, OR BUS DEVICE RESET OCCURRED: a new nexus. */
  POWER_ON(0x2900),
  /** BUS DEVICE RESET FUNCTION OCCURRED: LOGICAL UNIT RESET, target reset. */
  RESET(0x2903),
  /** I_T NEXUS LOSS OCCURRED. */
  NEXUS_LOSS(0x2907),
  /** NOT READY TO READY CHANGE, MEDIUM MAY HAVE CHANGED. */
  MEDIUM_CHANGED(0x2800),
  /** MODE PARAMETERS CHANGED. */
  MODE_PARAMETERS_CHANGED(0x2A01),
  /** RESERVATIONS PREEMPTED. */
  RESERVATIONS_PREEMPTED(0x2A03),
  /** RESERVATIONS RELEASED. */
  RESERVATIONS_RELEASED(0x2A04),
  /** REGISTRATIONS PREEMPTED. */
  REGISTRATIONS_PREEMPTED(0x2A05),
  /** CAPACITY DATA HAS CHANGED. */
  CAPACITY_CHANGED(0x2A09),
  /** TIMESTAMP CHANGED. */
  TIMESTAMP_CHANGED(0x2A10),
  /** LOG PARAMETERS CHANGED. */
  LOG_PARAMETERS_CHANGED(0x2A02),
  /** COMMANDS CLEARED BY ANOTHER INITIATOR. */
  COMMANDS_CLEARED(0x2F00),
  /** SOME COMMANDS CLEARED BY ISCSI PROTOCOL EVENT (RFC 7143 11.14.5). */
  CLEARED_BY_PROTOCOL(0x477F),
  /** THIN PROVISIONING SOFT THRESHOLD REACHED. */
  SOFT_THRESHOLD_REACHED(0x3807),
  /** INQUIRY DATA HAS CHANGED. */
  INQUIRY_DATA_CHANGED(0x3F03),
  /** DEVICE IDENTIFIER CHANGED. */
  DEVICE_IDENTIFIER_CHANGED(0x3F05),
  /** REPORTED LUNS DATA HAS CHANGED. */
  REPORTED_LUNS_CHANGED(0x3F0E);

  private final Sense sense;

  UnitAttention(int code) {
    this.sense = Sense.of(SenseKey.UNIT_ATTENTION, code);
  }

  /** The sense data that reports it. */
  public Sense sense() {
    return sense;
  }

  /** Its bit in a set of conditions. */
  public int bit() {
    return 1 << ordinal();
  }
}
