// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi;

/**
 * A condition that the transport finds and the engine turns into CHECK CONDITION with sense data
 * (RFC 7143 11.4.7.2): the transport names it, only the engine knows sense keys.
 */
public enum TransportCondition {
  /**
   * Unsolicited data came although none was allowed, or not the amount agreed: ABORTED COMMAND
   * 0C/0C.
   */
  UNEXPECTED_UNSOLICITED_DATA,
  /** Less data came than announced: ABORTED COMMAND 0C/0D. */
  INCORRECT_AMOUNT_OF_DATA,
  /**
   * A Data-Out PDU was lost or damaged and recovery is not possible: ABORTED COMMAND 47/05
   * (PROTOCOL SERVICE CRC ERROR).
   */
  PROTOCOL_SERVICE_CRC_ERROR,
  /** A SNACK was rejected: ABORTED COMMAND 11/13. */
  SNACK_REJECTED
}
