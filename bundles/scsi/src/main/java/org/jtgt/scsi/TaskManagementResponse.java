// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi;

/** The service responses of SAM-5 clause 7. */
public enum TaskManagementResponse {
  /** Done; for the QUERY functions: nothing is there. */
  FUNCTION_COMPLETE,
  /** A QUERY function found what it asked for. */
  FUNCTION_SUCCEEDED,
  /** Not supported. */
  FUNCTION_REJECTED,
  /** No logical unit has that LUN. */
  INCORRECT_LOGICAL_UNIT_NUMBER,
  /** ABORT TASK or QUERY TASK found no command with that tag. */
  TASK_DOES_NOT_EXIST,
  /** The function failed. */
  SERVICE_DELIVERY_OR_TARGET_FAILURE
}
