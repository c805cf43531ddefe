// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.iscsi.connection.Initiator.dataOut;
import static org.jtgt.iscsi.connection.Initiator.pattern;

import java.util.Arrays;
import java.util.List;
import org.jtgt.iscsi.connection.Initiator.Answer;
import org.jtgt.iscsi.connection.Initiator.Pdu;
import org.junit.jupiter.api.Test;

/** Recovery of connections: reassigned tasks and the times that they wait (RFC 7143 7.2.2). */
class ReassignmentTest extends RecoveryFixture {
  @Test
  void aReadThatEndedMeanwhileIsAnsweredAfterItsReassignment_7_2_2() {
    logIn(2);
    byte[] data = pattern(4096, 11);
    target.disk().put(0, data);
    engineWaits = true;
    first.send(first.read10(1, 0, 8));
    first.drop();
    runEngine();
    second.join(tsih, 2, first.cmdSn(), "MaxRecvDataSegmentLength=1024");
    assertThat(second.answer().shortAt(36)).isZero();
    second.send(second.taskManagement(8, 50, 1, 0));
    assertThat(second.answer().byteAt(2)).as("still allegiant").isEqualTo(3);
    second.send(second.logout(2, 51, 1));
    Answer logout = second.answer();
    assertThat(logout.byteAt(2)).isZero();
    assertThat(logout.shortAt(40)).as("Time2Wait").isEqualTo(2);
    assertThat(logout.shortAt(42)).as("Time2Retain").isEqualTo(20);
    second.send(second.taskManagement(8, 52, 77, 0));
    assertThat(second.answer().byteAt(2)).as("does not exist").isEqualTo(1);
    second.send(second.taskManagement(8, 53, 1, 0));
    List<Answer> answers = second.answers();
    assertThat(answers)
        .extracting(Answer::opcode)
        .containsExactly(0x22, 0x25, 0x25, 0x25, 0x25, 0x21);
    assertThat(answers.getFirst().byteAt(2)).isZero();
    byte[] all = new byte[4096];
    answers.subList(1, 5).forEach(a -> System.arraycopy(a.data(), 0, all, a.at(40), 1024));
    assertThat(all).isEqualTo(data);
    assertGood(answers.getLast(), 1);
  }

  @Test
  void aReadIsSentFromTheAcknowledgedDataOn_11_5_6() {
    logIn(2, "MaxRecvDataSegmentLength=1024");
    target.disk().put(0, pattern(4096, 12));
    first.send(first.read10(1, 0, 8));
    assertThat(first.answers()).hasSize(5);
    second.join(tsih, 1, first.cmdSn(), "MaxRecvDataSegmentLength=512");
    assertThat(second.answer().shortAt(36)).isZero();
    second.send(second.taskManagement(8, 53, 1, 0).set(36, 2));
    List<Answer> answers = second.answers();
    assertThat(answers)
        .extracting(Answer::opcode)
        .containsExactly(0x22, 0x25, 0x25, 0x25, 0x25, 0x21);
    assertThat(answers.subList(1, 5)).extracting(a -> a.at(36)).containsExactly(2, 3, 4, 5);
    assertThat(answers.get(1).at(40)).isEqualTo(2048);
    assertThat(answers.getLast().at(36)).as("ExpDataSN").isEqualTo(6);
  }

  @Test
  void aWriteGoesOnWithR2tsForWhatIsMissing_7_2_2() {
    logIn(2, "MaxBurstLength=1024");
    byte[] data = pattern(3072, 13);
    first.send(first.write10(1, 0, 6, true));
    Answer r2t = first.answer();
    first.send(dataOut(1, r2t.at(20), 0, 0, true, Arrays.copyOf(data, 1024)));
    assertThat(first.answer().at(40)).isEqualTo(1024);
    first.drop();
    second.join(tsih, 2, first.cmdSn());
    second.answer();
    second.send(second.logout(2, 51, 1));
    second.answer();
    second.send(second.taskManagement(8, 53, 1, 0).set(36, 2));
    List<Answer> answers = second.answers();
    assertThat(answers).extracting(Answer::opcode).containsExactly(0x22, 0x31);
    Answer again = answers.get(1);
    assertThat(again.at(36)).as("R2TSN").isEqualTo(2);
    assertThat(again.at(40)).isEqualTo(1024);
    second.send(dataOut(1, again.at(20), 0, 1024, true, Arrays.copyOfRange(data, 1024, 2048)));
    Answer last = second.answer();
    pass(2000);
    pass(2000);
    Answer repeated = second.answer();
    assertThat(repeated.at(20)).as("a new transfer tag").isNotEqualTo(last.at(20));
    Pdu late = dataOut(1, last.at(20), 0, 2048, true, Arrays.copyOfRange(data, 2048, 3072));
    second.send(late);
    assertGood(second.answer(), 1);
    second.send(late, dataOut(1, repeated.at(20), 0, 2048, true, new byte[1024]));
    assertThat(second.answers()).as("discarded without a Reject").isEmpty();
    assertThat(Arrays.copyOf(target.disk().array(), 3072)).isEqualTo(data);
  }

  @Test
  void writesThatWaitedForTheirTurnOnAFailedConnectionAreAskedForOnTheNewOne_7_2_2() {
    environment.solicitedBytes = 4096;
    logIn(2);
    for (int tag = 1; tag <= 3; tag++) {
      first.send(first.write10(tag, 8 * tag, 8, true));
    }
    assertThat(first.answers()).extracting(a -> a.at(16)).containsExactly(1);
    first.drop();
    second.join(tsih, 2, first.cmdSn());
    second.answer();
    second.send(second.logout(2, 51, 1));
    second.answer();
    second.send(second.taskManagement(8, 52, 3, 0));
    List<Answer> answers = second.answers();
    assertThat(answers).extracting(Answer::opcode).containsExactly(0x22, 0x31);
    int third = answers.get(1).at(20);
    second.send(second.taskManagement(8, 53, 2, 0));
    assertThat(second.answer().opcode()).as("its turn is later").isEqualTo(0x22);
    second.send(dataOut(3, third, 0, 0, true, pattern(4096, 14)));
    answers = second.answers();
    assertGood(answers.stream().filter(a -> a.opcode() == 0x21).findFirst().orElseThrow(), 3);
    Answer r2t = answers.stream().filter(a -> a.opcode() == 0x31).findFirst().orElseThrow();
    second.send(dataOut(2, r2t.at(20), 0, 0, true, pattern(4096, 15)));
    assertGood(second.answer(), 2);
  }

  @Test
  void aStatusThatWasLostIsSentOnTheNewConnection_7_2_2() {
    logIn(2);
    first.send(first.command(0x81, 1, 0, 0, 0, 0));
    first.answer();
    first.drop();
    second.join(tsih, 1, first.cmdSn());
    int statSn = second.answer().at(24) + 1;
    second.send(second.taskManagement(8, 53, 1, 0));
    List<Answer> answers = second.answers();
    assertGood(answers.get(1), 1);
    assertThat(answers.get(1).at(24)).as("StatSN of the new connection").isEqualTo(statSn + 1);
    second.send(second.acknowledge(statSn + 2), second.taskManagement(8, 54, 1, 0));
    assertThat(second.answer().byteAt(2)).as("has ended").isEqualTo(1);
  }

  @Test
  void tasksOfAFailedConnectionAreAbortedAfterTheirTime_13_16() {
    logIn(2);
    first.send(first.write10(1, 0, 2, true));
    second.join(tsih, 2, first.cmdSn());
    second.answer();
    first.drop();
    pass(21_000);
    assertThat(target.log).isEmpty();
    pass(1_000);
    assertThat(target.log).contains("ABORT_TASK 1");
    assertThat(environment.sessions.sessions()).hasSize(1);
  }

  @Test
  void aSessionWithoutConnectionsEndsAfterItsTime_13_16() {
    logIn(2);
    first.drop();
    pass(21_000);
    assertThat(environment.sessions.sessions()).hasSize(1);
    pass(1_000);
    assertThat(environment.sessions.sessions()).isEmpty();
    second.join(tsih, 2, first.cmdSn());
    assertThat(second.answer().shortAt(36)).isEqualTo(0x020a);
  }

  @Test
  void commandsHeldForAFailedConnectionCanBeSentAgain_7_2_1() {
    logIn(2);
    second.join(tsih, 2, first.cmdSn());
    second.answer();
    int missing = first.nextCmdSn();
    first.send(first.command(0x81, 1, 0, 0, 0, 0));
    first.drop();
    second.cmdSn(missing);
    second.send(second.command(0x81, 7, 0, 0, 0, 0), second.command(0x81, 1, 0, 0, 0, 0));
    assertThat(second.answers()).extracting(a -> a.at(16)).containsExactly(7, 1);
  }
}
