// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.iscsi.connection.Initiator.NONE;
import static org.jtgt.iscsi.connection.Initiator.pattern;

import java.util.Arrays;
import java.util.List;
import org.jtgt.iscsi.connection.Initiator.Answer;
import org.jtgt.iscsi.connection.Initiator.Pdu;
import org.jtgt.iscsi.text.Key;
import org.jtgt.iscsi.text.TextPair;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Order, window, pings, task management, text and what is rejected (RFC 7143 clauses 4 and 11). */
class ConnectionTest extends ConnectionFixture {
  @Test
  void aTagInUseIsRejected_11_17_1() {
    initiator.logIn();
    engineWaits = true;
    initiator.send(initiator.read10(1, 0, 1));
    Pdu again = initiator.read10(1, 0, 1);
    initiator.send(again);
    assertReject(initiator.answer(), 0x07, again);
    runEngine();
    assertThat(initiator.answer().opcode()).isEqualTo(0x25);
  }

  @Test
  void commandsAreHeldUntilTheirTurn_4_2_2_1() {
    initiator.logIn();
    Pdu first = initiator.read10(1, 0, 1);
    Pdu second = initiator.read10(2, 0, 1);
    initiator.send(second);
    assertThat(initiator.answers()).isEmpty();
    initiator.send(first);
    assertThat(initiator.answers()).extracting(a -> a.at(16)).containsExactly(1, 2);
  }

  @Test
  void heldDataIsReleasedWhenTheConnectionEnds() {
    initiator.logIn();
    initiator.nextCmdSn();
    initiator.send(initiator.write10(2, 0, 1, true).data(new byte[512]));
    assertThat(initiator.answers()).isEmpty();
  }

  @Test
  void theWindowShrinksWhileCommandsPileUpAndCommandsBeyondAreIgnored_4_2_2_1() {
    environment.commandWindow = 4;
    environment.maxCommands = 4;
    initiator.logIn();
    engineWaits = true;
    for (int i = 1; i <= 5; i++) {
      initiator.send(initiator.read10(i, 0, 1));
    }
    assertThat(engine).hasSize(4);
    initiator.send(new Pdu(0x40, 0x80).set(16, 9).set(20, NONE).set(24, initiator.cmdSn()));
    Answer nop = initiator.answer();
    assertThat(nop.at(32)).as("MaxCmdSN").isEqualTo(nop.at(28) - 1);
    runEngine();
    Answer last = initiator.answers().getLast();
    assertThat(last.at(32) - last.at(28) + 1).as("open slots").isEqualTo(4);
  }

  @Test
  void heldUnsolicitedDataClosesTheWindowAndAnAbortOpensItAgain_11_19_2() {
    environment.unsolicitedBytes = 1024;
    environment.commandWindow = 2;
    initiator.logIn();
    engineWaits = true;
    initiator.send(initiator.write10(1, 0, 2, true).data(new byte[1024]));
    initiator.send(initiator.write10(2, 0, 2, true).data(new byte[1024]));
    initiator.send(initiator.taskManagement(1, 9, 1, 100));
    List<Answer> answers = initiator.answers();
    Answer last = answers.getLast();
    assertThat(last.opcode()).isEqualTo(0x22);
    assertThat(last.at(32) - last.at(28) + 1).as("open slots").isEqualTo(2);
    runEngine();
    initiator.answers();
  }

  @Test
  void aPingIsAnsweredWithItsDataCutToTheInitiatorsLength_11_19() {
    initiator.logIn("MaxRecvDataSegmentLength=512");
    initiator.send(
        new Pdu(0x40, 0x80).set(16, 5).set(20, NONE).set(24, 100).data(pattern(1000, 8)));
    Answer nop = initiator.answer();
    assertThat(nop.opcode()).isEqualTo(0x20);
    assertThat(nop.at(16)).isEqualTo(5);
    assertThat(nop.at(20)).isEqualTo(NONE);
    assertThat(nop.data()).isEqualTo(pattern(512, 8));
  }

  @Test
  void aSilentInitiatorIsPingedAndThenClosed_11_19() {
    initiator.logIn();
    initiator.wire.pass(30_000);
    Answer nop = initiator.answer();
    assertThat(nop.opcode()).isEqualTo(0x20);
    assertThat(nop.at(16)).isEqualTo(NONE);
    assertThat(nop.at(20)).isNotEqualTo(NONE);
    initiator.send(new Pdu(0x40, 0x80).set(16, NONE).set(20, nop.at(20)).set(24, 100));
    initiator.wire.pass(15_000);
    assertThat(initiator.wire.closed).isFalse();
    initiator.wire.pass(30_000);
    initiator.wire.pass(15_000);
    assertThat(initiator.wire.closed).isTrue();
  }

  @Test
  void abortTaskIsAnsweredAfterTheTaskHasEnded_11_6_1() {
    initiator.logIn();
    engineWaits = true;
    initiator.send(initiator.read10(1, 0, 1));
    initiator.send(initiator.taskManagement(1, 2, 1, 100));
    Answer answer = initiator.answer();
    assertThat(answer.opcode()).isEqualTo(0x22);
    assertThat(answer.byteAt(2)).isZero();
    runEngine();
    assertThat(initiator.answers()).isEmpty();
  }

  @ParameterizedTest(name = "RefCmdSN {0}: response {1}")
  @CsvSource({"99,1", "100,0", "101,1"})
  void abortOfACommandNotArrivedDependsOnRefCmdSn_11_6_1(int refCmdSn, int response) {
    initiator.logIn();
    Pdu late = initiator.read10(1, 0, 1);
    initiator.send(initiator.taskManagement(1, 2, 1, refCmdSn));
    assertThat(initiator.answer().byteAt(2)).isEqualTo(response);
    initiator.send(late);
    assertThat(initiator.answers()).hasSize(response);
  }

  @ParameterizedTest(name = "function {0}: response {1}")
  @CsvSource({"2,0", "3,0", "4,0", "5,0", "6,0", "8,4", "9,5", "11,5", "13,5", "99,5"})
  void taskManagementFunctionsHaveTheirResponses_11_6_1(int function, int response) {
    initiator.logIn();
    initiator.send(initiator.taskManagement(function, 2, NONE, 0));
    assertThat(initiator.answer().byteAt(2)).isEqualTo(response);
  }

  @Test
  void theFunctionsOfRfc7144NeedProtocolLevel2() {
    initiator.logIn("iSCSIProtocolLevel=2");
    initiator.send(initiator.taskManagement(9, 2, NONE, 0));
    assertThat(initiator.answer().byteAt(2)).isZero();
    assertThat(target.log).containsExactly("QUERY_TASK 4294967295");
  }

  @Test
  void discoveryListsTargetsOverSeveralResponses_11_11() {
    for (int i = 0; i < 300; i++) {
      environment.listing.add(new TextPair("TargetName", "iqn.2026-11.org.jtgt:target" + i));
    }
    initiator.discover();
    initiator.send(new Pdu(0x44, 0x80).set(16, 1).set(20, NONE).text("SendTargets=All"));
    Answer first = initiator.answer();
    assertThat(first.flags()).as("F=0, C=1").isEqualTo(0x40);
    assertThat(first.data()).hasSize(8192);
    initiator.send(new Pdu(0x44, 0x80).set(16, 1).set(20, first.at(20)));
    Answer second = initiator.answer();
    assertThat(second.flags()).isEqualTo(0x80);
    assertThat(second.at(20)).isEqualTo(NONE);
    assertThat((first.text() + second.text()).split("\n")).hasSize(300);
  }

  @Test
  void sendTargetsAllIsForDiscoveryOnly_13_3() {
    initiator.logIn();
    initiator.send(new Pdu(0x44, 0x80).set(16, 1).set(20, NONE).text("SendTargets=All"));
    assertThat(initiator.answer().text()).isEqualTo("SendTargets=Reject\n");
    environment.listing.add(new TextPair("TargetName", Initiator.TARGET));
    initiator.send(new Pdu(0x44, 0x80).set(16, 1).set(20, NONE).text("SendTargets="));
    assertThat(initiator.answer().text()).contains(Initiator.TARGET);
  }

  @Test
  void aTextRequestWithAnUnknownTransferTagIsRejected_11_10_4() {
    initiator.logIn();
    Pdu wrong = new Pdu(0x44, 0x80).set(16, 1).set(20, 55);
    initiator.send(wrong);
    assertReject(initiator.answer(), 0x09, wrong);
  }

  @Test
  void aScsiCommandInADiscoverySessionIsRejected_4_3() {
    initiator.discover();
    Pdu read = initiator.read10(1, 0, 1);
    initiator.send(read);
    assertReject(initiator.answer(), 0x04, read);
  }

  @ParameterizedTest(name = "opcode {0}: reason {1}")
  @CsvSource({"0x10,3", "0x03,4", "0x1f,5", "0x25,5", "0x3f,5"})
  void unexpectedPdusAreRejected_11_17_1(String opcode, int reason) {
    initiator.logIn();
    Pdu pdu = new Pdu(Integer.decode(opcode), 0x80).set(16, 1);
    initiator.send(pdu);
    assertReject(initiator.answer(), reason, pdu);
    assertThat(environment.refusals).hasSize(1);
  }

  @Test
  void tooManyImmediateCommandsAreRejected_4_2_2_1() {
    initiator.logIn();
    engineWaits = true;
    for (int i = 1; i <= 16; i++) {
      initiator.send(initiator.read10(i, 0, 1).immediate());
    }
    Pdu more = initiator.read10(17, 0, 1).immediate();
    initiator.send(more);
    assertReject(initiator.answer(), 0x06, more);
    runEngine();
    assertThat(initiator.answers()).hasSize(16);
  }

  @Test
  void aDataSegmentLongerThanDeclaredClosesTheConnection_7_7() {
    environment.own.put(Key.MAX_RECV_DATA_SEGMENT_LENGTH, "1024");
    initiator.logIn();
    initiator.send(initiator.write10(1, 0, 4, true).data(new byte[2048]));
    // The target says that it drops the connection (RFC 7143 11.9.1, AsyncEvent 2).
    Answer drop = initiator.answer();
    assertThat(drop.opcode()).isEqualTo(0x32);
    assertThat(drop.byteAt(36)).isEqualTo(2);
    assertThat(drop.shortAt(38)).as("CID").isEqualTo(1);
    assertThat(initiator.wire.closed).isTrue();
  }

  @Test
  void tcpLossUnderIoLeavesNothingBehind() {
    initiator.logIn("InitialR2T=No", "FirstBurstLength=4096");
    engineWaits = true;
    initiator.send(
        initiator.read10(1, 0, 64),
        initiator.write10(2, 0, 8, false).data(new byte[1024]),
        initiator.write10(3, 0, 8, true).data(new byte[512]));
    List.copyOf(engine).forEach(Runnable::run);
    initiator.connection.closed();
    initiator.wire.runLoop();
  }

  @Test
  void aTextOver64KiBIsRejectedAndTheNextOneIsAnswered_11_10() {
    initiator.logIn();
    byte[] part = new byte[8192];
    Arrays.fill(part, (byte) 'x');
    int tag = NONE;
    for (int i = 0; i < 8; i++) {
      initiator.send(new Pdu(0x44, 0x40).set(16, 1).set(20, tag).data(part));
      tag = initiator.answer().at(20);
      assertThat(tag).isNotEqualTo(NONE);
    }
    initiator.send(new Pdu(0x44, 0x40).set(16, 1).set(20, tag).data(new byte[] {'x'}));
    assertReject(initiator.answer(), 0x04);
    initiator.send(new Pdu(0x44, 0x80).set(16, 2).set(20, NONE).text("X-org.example=1"));
    assertThat(initiator.answer().text()).isEqualTo("X-org.example=NotUnderstood\n");
  }
}
