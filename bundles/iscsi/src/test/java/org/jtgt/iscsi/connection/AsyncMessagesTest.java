// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.iscsi.connection.Initiator.NONE;

import org.jtgt.iscsi.connection.Initiator.Answer;
import org.junit.jupiter.api.Test;

/** SCSI events, and what RFC 7144 adds to task management. */
class AsyncMessagesTest extends ConnectionFixture {
  private static final byte[] SENSE = {0x70, 0, 6, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x3f, 0x0e};

  @Test
  void aScsiEventCarriesItsLunAndSenseData_11_9() {
    environment.scsiEvents = true;
    initiator.logIn();
    int statSn = nextStatSn() + 1;
    target.nexuses.iterator().next().listener.asynchronousEvent(0x0003_0000_0000_0000L, SENSE);
    initiator.wire.runLoop();

    Answer event = initiator.answer();
    assertThat(event.opcode()).isEqualTo(0x32);
    assertThat(event.byteAt(36)).as("AsyncEvent").isZero();
    assertThat(event.shortAt(8)).as("LUN").isEqualTo(3);
    assertThat(event.at(16)).isEqualTo(NONE);
    assertThat(event.at(24)).as("StatSN, which it uses up").isEqualTo(statSn);
    assertThat(event.data()).hasSize(2 + SENSE.length).startsWith(0, SENSE.length).endsWith(SENSE);
    assertThat(nextStatSn()).isEqualTo(statSn + 1);
  }

  @Test
  void withoutBeingAskedForNoScsiEventIsSent_11_9_1() {
    initiator.logIn();
    target.nexuses.iterator().next().listener.asynchronousEvent(0, SENSE);
    initiator.wire.runLoop();

    assertThat(initiator.answers()).isEmpty();
  }

  @Test
  void queryAsynchronousEventTellsWhatIsPending_7144_6_2() {
    initiator.logIn("iSCSIProtocolLevel=2");
    target.nexuses.iterator().next().pendingEvent = 0x16_2a_09;
    initiator.send(initiator.taskManagement(12, 7, NONE, 0));

    Answer answer = initiator.answer();
    assertThat(answer.byteAt(2)).as("FUNCTION SUCCEEDED").isEqualTo(7);
    assertThat(answer.at(8) >>> 8).as("Additional Response Information").isEqualTo(0x162a09);
  }

  @Test
  void otherFunctionsHaveNoAdditionalResponse_7144_6_2() {
    initiator.logIn("iSCSIProtocolLevel=2");
    target.nexuses.iterator().next().pendingEvent = 0x16_2a_09;
    initiator.send(initiator.taskManagement(5, 7, NONE, 0));

    assertThat(initiator.answer().at(8)).isZero();
  }

  /** StatSN of a ping's answer. */
  private int nextStatSn() {
    initiator.send(
        new Initiator.Pdu(0x40, 0x80).set(16, 0x99).set(20, NONE).set(24, initiator.cmdSn()));
    return initiator.answer().at(24);
  }
}
