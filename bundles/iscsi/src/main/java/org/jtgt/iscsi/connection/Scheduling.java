// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import org.jtgt.iscsi.pdu.Bhs;
import org.jtgt.iscsi.text.Parameters;
import org.jtgt.scsi.TaskAttribute;

/** What a SCSI Command says of its place among others (RFC 7143 11.3.1, RFC 7144). */
final class Scheduling {
  private static final TaskAttribute[] ATTRIBUTES = {
    TaskAttribute.SIMPLE, // untagged (RFC 7143 11.3.1): the task set of one nexus orders it so
    TaskAttribute.SIMPLE,
    TaskAttribute.ORDERED,
    TaskAttribute.HEAD_OF_QUEUE,
    TaskAttribute.ACA
  };

  /** From this iSCSIProtocolLevel on the bits of PRI are not reserved (RFC 7144 7.1.1). */
  private static final int PRIORITY_LEVEL = 2;

  private Scheduling() {}

  static TaskAttribute attribute(Bhs header) {
    return ATTRIBUTES[Math.min(header.flags() & 7, ATTRIBUTES.length - 1)];
  }

  /** The command priority; 0 when there is none (SAM-5 8.7). */
  static int priority(Bhs header, Parameters parameters) {
    return parameters.protocolLevel() >= PRIORITY_LEVEL ? header.commandPriority() : 0;
  }
}
