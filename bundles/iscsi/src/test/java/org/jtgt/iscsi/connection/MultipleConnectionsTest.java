// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.iscsi.connection.Initiator.NONE;
import static org.jtgt.iscsi.connection.Initiator.dataOut;
import static org.jtgt.iscsi.connection.Initiator.pattern;

import java.util.List;
import org.jtgt.iscsi.connection.Initiator.Answer;
import org.jtgt.iscsi.connection.Initiator.Pdu;
import org.jtgt.iscsi.text.Key;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A session of several connections at recovery level 0 (RFC 7143 4.2.2, 4.2.5.1). */
class MultipleConnectionsTest extends TwoConnectionsFixture {
  @BeforeEach
  void aSessionHasTwoConnections() {
    environment.own.put(Key.MAX_CONNECTIONS, "2");
    first.logIn("MaxConnections=2", "ImmediateData=No");
    tsih = environment.sessions.sessions().getFirst().tsih();
    second.join(tsih, 2, first.cmdSn());
    Answer login = second.answer();
    assertThat(login.shortAt(36)).isZero();
    assertThat(login.shortAt(14)).isEqualTo(tsih);
  }

  private Pdu testUnitReady(Initiator on, int itt, int cmdSn) {
    on.cmdSn(cmdSn);
    return on.command(0x81, itt, 0, 0, 0, 0);
  }

  @Test
  void commandsAreDeliveredInOrderAndAnsweredWhereTheyCame_4_2_2_1() {
    second.send(testUnitReady(second, 2, 101));
    first.send(testUnitReady(first, 3, 102));
    assertThat(second.answers()).isEmpty();
    assertThat(first.answers()).isEmpty();
    first.send(testUnitReady(first, 1, 100));
    settle();
    List<Answer> onFirst = first.answers();
    assertThat(onFirst).extracting(a -> a.at(16)).containsExactly(1, 3);
    assertThat(second.answer().at(16)).isEqualTo(2);
    assertThat(onFirst.getLast().at(28)).as("ExpCmdSN").isEqualTo(103);
  }

  @Test
  void aThirdConnectionIsTooMany_11_13_5() {
    Initiator third = new Initiator(environment);
    third.join(tsih, 3, 100);
    assertThat(third.answer().shortAt(36)).isEqualTo(0x0206);
    third.drop();
  }

  @Test
  void dataOfATaskCountsOnlyOnItsOwnConnection_4_2_5_1() {
    first.send(first.write10(1, 0, 1, true));
    Answer r2t = first.answer();
    second.send(dataOut(1, r2t.at(20), 0, 0, true, pattern(512, 1)));
    assertThat(second.answers()).isEmpty();
    assertThat(first.answers()).isEmpty();
    first.send(dataOut(1, r2t.at(20), 0, 0, true, pattern(512, 2)));
    assertThat(first.answer().byteAt(3)).isZero();
    assertThat(target.disk().get(0)).isEqualTo(pattern(512, 2)[0]);
  }

  @Test
  void aTagInUseOnAnotherConnectionIsRejected_11_17_1() {
    first.send(first.write10(1, 0, 1, true));
    first.answer();
    second.send(testUnitReady(second, 1, 101));
    assertReject(second.answer(), 0x07);
  }

  @Test
  void aTaskIsAbortedFromAnotherConnection_11_5_1() {
    first.send(first.write10(1, 0, 1, true));
    first.answer();
    second.cmdSn(101);
    second.send(second.taskManagement(1, 9, 1, 100));
    settle();
    assertThat(second.answer().byteAt(2)).isZero();
    assertThat(target.log).containsExactly("ABORT_TASK 1");
  }

  @Test
  void aFunctionOnManyTasksWaitsForTheCommandsBeforeIt_4_2_3_3() {
    second.cmdSn(101);
    second.send(second.taskManagement(2, 9, NONE, 0));
    settle();
    assertThat(target.log).isEmpty();
    first.send(testUnitReady(first, 1, 100));
    settle();
    assertThat(target.log).hasSize(1);
    assertThat(first.answers()).extracting(Answer::opcode).containsExactly(0x21, 0x20);
    assertThat(second.answers()).as("until its status is acknowledged").isEmpty();
    first.send(first.acknowledge(2));
    settle();
    assertThat(second.answer().opcode()).isEqualTo(0x22);
  }

  @Test
  void aTargetResetTakesMissingCommandsAsReceived_4_2_3_3() {
    second.cmdSn(103);
    second.send(second.taskManagement(6, 9, NONE, 0));
    settle();
    assertThat(target.log).hasSize(1);
    assertThat(second.answer().at(28)).as("ExpCmdSN").isEqualTo(103);
  }

  @Test
  void aLogoutOfOneConnectionLeavesTheOther_11_14() {
    first.send(first.write10(1, 0, 1, true));
    first.answer();
    second.cmdSn(101);
    second.send(second.logout(1, 9, 1));
    settle();
    assertThat(second.answer().byteAt(2)).isZero();
    assertThat(first.wire.closed).isTrue();
    assertThat(target.log).containsExactly("ABORT_TASK 1");
    assertThat(target.cleared).as("LUNs that are told (11.14.5)").containsExactly(0L);
    second.send(testUnitReady(second, 2, 101));
    assertThat(second.answer().opcode()).isEqualTo(0x21);
    second.send(second.logout(1, 9, 1));
    assertThat(second.answer().byteAt(2)).as("CID not found").isEqualTo(1);
  }

  @Test
  void aLogoutOfTheSessionClosesAllConnections_11_14() {
    second.cmdSn(100);
    second.send(second.logout(0, 9, 0));
    settle();
    assertThat(second.answer().byteAt(2)).isZero();
    assertThat(first.wire.closed).isTrue();
    assertThat(second.wire.closed).isTrue();
    assertThat(environment.sessions.sessions()).isEmpty();
  }

  @Test
  void theSessionLivesOnWhenOneConnectionIsLost_8_1() {
    first.send(first.write10(1, 0, 1, true));
    first.answer();
    first.drop();
    settle();
    assertThat(target.log).containsExactly("ABORT_TASK 1");
    second.send(testUnitReady(second, 2, 101));
    assertThat(second.answer().opcode()).isEqualTo(0x21);
  }

  @Test
  void aDroppedConnectionIsAnnouncedOnTheOther_11_9_1() {
    first.send(
        new Pdu(0x01, 0x81).ahs(new byte[4]).set(16, 1).set(24, 100).data(new byte[300_000]));
    Answer event = second.answer();
    assertThat(event.opcode()).isEqualTo(0x32);
    assertThat(event.byteAt(36)).isEqualTo(2);
    assertThat(event.shortAt(38)).as("CID").isEqualTo(1);
    assertThat(first.wire.closed).isTrue();
  }

  @Test
  void aLogoutIsAskedForOnEveryConnectionAndThenAllAreDropped_11_9_1() {
    environment.sessions.sessions().getFirst().owner().requestLogout(2, "test");
    settle();
    assertThat(first.answer().byteAt(36)).isEqualTo(1);
    Answer asked = second.answer();
    assertThat(asked.byteAt(36)).isEqualTo(1);
    assertThat(asked.shortAt(42)).as("seconds").isEqualTo(2);
    first.wire.pass(2000);
    settle();
    assertThat(first.answer().byteAt(36)).isEqualTo(3);
    assertThat(second.answer().byteAt(36)).isEqualTo(3);
    assertThat(first.wire.closed).isTrue();
    assertThat(second.wire.closed).isTrue();
    assertThat(environment.sessions.sessions()).isEmpty();
  }

  @Test
  void aChangedLengthIsNegotiatedWithoutANewLogin_11_9_1() {
    environment.own.put(Key.MAX_RECV_DATA_SEGMENT_LENGTH, "65536");
    environment.sessions.sessions().getFirst().owner().settingsChanged();
    settle();
    Answer asks = second.answer();
    assertThat(asks.opcode()).isEqualTo(0x32);
    assertThat(asks.byteAt(36)).isEqualTo(4);
    first.answers();
    second.cmdSn(100);
    second.send(new Pdu(0x44, 0x80).set(16, 3).set(20, NONE).set(24, 100));
    assertThat(second.answer().text()).isEqualTo("MaxRecvDataSegmentLength=65536\n");
  }
}
