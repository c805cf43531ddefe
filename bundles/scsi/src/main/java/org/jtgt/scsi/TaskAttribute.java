// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi;

/** The task attributes of SAM-5 8.6. */
public enum TaskAttribute {
  /** SAM-5 8.6.2. */
  SIMPLE,
  /** SAM-5 8.6.3. */
  ORDERED,
  /** SAM-5 8.6.4. */
  HEAD_OF_QUEUE,
  /** SAM-5 8.6.5. */
  ACA
}
