// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The field PRI of SCSI Commands (RFC 7144). */
class CommandPriorityTest extends ConnectionFixture {
  @ParameterizedTest(name = "iSCSIProtocolLevel={0}, PRI {1}: priority {2}")
  @CsvSource({"2,9,9", "2,15,15", "2,0,0", "1,9,0", "0,9,0"})
  void thePriorityCountsFromProtocolLevel2On(int level, int field, int priority) {
    initiator.logIn("iSCSIProtocolLevel=" + level);
    initiator.send(initiator.read10(1, 0, 1).setByte(2, field << 4 | 5));
    assertThat(initiator.answers()).hasSize(1);
    assertThat(target.nexuses.iterator().next().priorities).containsExactly(priority);
  }
}
