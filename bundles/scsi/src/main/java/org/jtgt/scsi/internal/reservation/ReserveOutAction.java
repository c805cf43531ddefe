// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.reservation;

/** The service actions of PERSISTENT RESERVE OUT (SPC-4 table 203), in the order of their codes. */
enum ReserveOutAction {
  REGISTER,
  RESERVE,
  RELEASE,
  CLEAR,
  PREEMPT,
  PREEMPT_AND_ABORT,
  REGISTER_AND_IGNORE_EXISTING_KEY,
  REGISTER_AND_MOVE;

  /** Whether SCOPE and TYPE of the CDB mean something. */
  boolean needsType() {
    return this == RESERVE || this == RELEASE || this == PREEMPT || this == PREEMPT_AND_ABORT;
  }

  /** Whether it registers with the basic parameter list. */
  boolean registers() {
    return this == REGISTER || this == REGISTER_AND_IGNORE_EXISTING_KEY;
  }

  /** The standard's name. */
  String title() {
    return name().replace('_', ' ');
  }
}
