// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

/** ExpCmdSN and MaxCmdSN as the next PDU to the initiator shows them (RFC 7143 4.2.2.1). */
interface SequenceNumbers {
  int expCmdSn();

  int maxCmdSn();
}
