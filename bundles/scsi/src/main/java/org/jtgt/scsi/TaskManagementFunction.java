// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi;

/** The task management functions of SAM-5 clause 7. */
public enum TaskManagementFunction {
  /** SAM-5 7.2. */
  ABORT_TASK,
  /** SAM-5 7.3: the commands of this nexus on the logical unit. */
  ABORT_TASK_SET,
  /** SAM-5 7.4. */
  CLEAR_ACA,
  /** SAM-5 7.5: the commands of every nexus on the logical unit. */
  CLEAR_TASK_SET,
  /** SAM-5 7.6. */
  I_T_NEXUS_RESET,
  /** SAM-5 7.7. */
  LOGICAL_UNIT_RESET,
  /**
   * A hard reset of the target device as RFC 7143 11.5.1 TARGET WARM RESET asks: every logical unit
   * of the target.
   */
  TARGET_RESET,
  /** SAM-5 7.8. */
  QUERY_TASK,
  /** SAM-5 7.9. */
  QUERY_TASK_SET,
  /** SAM-5 7.10. */
  QUERY_ASYNCHRONOUS_EVENT
}
