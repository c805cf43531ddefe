// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.iscsi.connection.Initiator.NONE;
import static org.jtgt.iscsi.connection.Initiator.dataOut;
import static org.jtgt.iscsi.connection.Initiator.pattern;
import static org.jtgt.iscsi.connection.Initiator.snack;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jtgt.iscsi.connection.Initiator.Answer;
import org.jtgt.iscsi.connection.Initiator.Pdu;
import org.jtgt.iscsi.pdu.Bhs;
import org.jtgt.iscsi.text.Key;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Recovery levels 1 and 2 on a wire without sockets, with time that passes as the test says. */
class RecoveryTest {
  private final FakeEnvironment environment = new FakeEnvironment();
  private final Deque<Runnable> engine = new ArrayDeque<>();
  private boolean engineWaits;
  private final FakeTarget target =
      new FakeTarget(
          Initiator.TARGET,
          4 << 20,
          work -> {
            if (engineWaits) {
              engine.add(work);
            } else {
              work.run();
            }
          });
  private Initiator first;
  private Initiator second;
  private int tsih;

  @BeforeEach
  void bothLevelsAreOffered() {
    environment.targets.put(Initiator.TARGET, target);
    environment.own.put(Key.ERROR_RECOVERY_LEVEL, "2");
    environment.own.put(Key.MAX_CONNECTIONS, "4");
    environment.own.put(Key.INITIAL_R2T, "Yes");
    environment.own.put(Key.IMMEDIATE_DATA, "No");
    first = new Initiator(environment);
    second = new Initiator(environment);
  }

  @AfterEach
  void nothingIsLeft() {
    first.drop();
    second.drop();
    pass(60_000);
    assertThat(first.wire.unreleased() + second.wire.unreleased()).as("not released").isZero();
    assertThat(environment.sessions.sessions()).as("sessions left").isEmpty();
    assertThat(target.nexuses).as("nexuses left").isEmpty();
  }

  private void logIn(int level, String... more) {
    String[] pairs = Arrays.copyOf(more, more.length + 5);
    pairs[more.length] = "ErrorRecoveryLevel=" + level;
    pairs[more.length + 1] = "MaxConnections=4";
    pairs[more.length + 2] = "DefaultTime2Wait=2";
    pairs[more.length + 3] = "DefaultTime2Retain=20";
    pairs[more.length + 4] = "ImmediateData=No";
    first.logIn(pairs);
    tsih = environment.sessions.sessions().getFirst().tsih();
  }

  private void pass(long milliseconds) {
    first.wire.pass(milliseconds);
    second.wire.pass(milliseconds);
    settle();
  }

  private void settle() {
    for (int i = 0; i < 3; i++) {
      first.wire.runLoop();
      second.wire.runLoop();
    }
  }

  private void runEngine() {
    while (!engine.isEmpty()) {
      engine.poll().run();
    }
    settle();
  }

  private static void assertReplica(Answer again, Answer original) {
    assertThat(again.opcode()).isEqualTo(original.opcode());
    assertThat(again.data()).isEqualTo(original.data());
    for (int at = 0; at < 28; at += 4) {
      assertThat(again.at(at)).as("bytes from " + at).isEqualTo(original.at(at));
    }
    for (int at = 36; at < 48; at += 4) {
      assertThat(again.at(at)).as("bytes from " + at).isEqualTo(original.at(at));
    }
  }

  private static void assertReject(Answer answer, int reason) {
    assertThat(answer.opcode()).isEqualTo(0x3f);
    assertThat(answer.byteAt(2)).isEqualTo(reason);
  }

  private void assertGood(Answer answer, int itt) {
    assertThat(answer.opcode()).isEqualTo(0x21);
    assertThat(answer.byteAt(3)).isZero();
    assertThat(answer.at(16)).isEqualTo(itt);
  }

  @Test
  void aStatusSnackBringsTheResponseAgain_11_16() {
    logIn(1);
    first.send(first.command(0x81, 1, 0, 0, 0, 0), first.command(0x81, 2, 0, 0, 0, 0));
    List<Answer> answers = first.answers();
    first.send(snack(1, NONE, NONE, answers.get(0).at(24), 1));
    assertReplica(first.answer(), answers.get(0));
    first.send(snack(1, NONE, NONE, answers.get(0).at(24), 0));
    List<Answer> again = first.answers();
    assertReplica(again.get(0), answers.get(0));
    assertReplica(again.get(1), answers.get(1));
    first.send(snack(1, NONE, NONE, 0, 0));
    assertThat(first.answers()).as("all that is not acknowledged").hasSize(2);
  }

  @Test
  void whatIsAcknowledgedOrWasNeverSentIsNotSentAgain_11_16() {
    logIn(1);
    first.send(first.command(0x81, 1, 0, 0, 0, 0));
    int statSn = first.answer().at(24);
    first.send(first.acknowledge(statSn + 1), snack(1, NONE, NONE, statSn, 1));
    assertReject(first.answer(), 0x04);
    first.send(snack(1, NONE, NONE, statSn + 5, 1));
    assertReject(first.answer(), 0x04);
    first.send(snack(0, 1, NONE, 0, 0));
    assertReject(first.answer(), 0x04);
  }

  @Test
  void aDataSnackBringsExactReplicas_11_16() {
    logIn(1, "MaxRecvDataSegmentLength=4096");
    target.disk().put(0, pattern(16384, 3));
    first.send(first.read10(1, 0, 32));
    List<Answer> answers = first.answers();
    assertThat(answers).hasSize(5);
    assertThat(answers.get(4).opcode()).as("status comes on its own").isEqualTo(0x21);
    first.send(snack(0, 1, NONE, 1, 2));
    List<Answer> again = first.answers();
    assertThat(again).hasSize(2);
    assertReplica(again.get(0), answers.get(1));
    assertReplica(again.get(1), answers.get(2));
    first.send(snack(0, 1, NONE, 0, 0));
    assertThat(first.answers()).hasSize(4);
    first.send(snack(0, 1, NONE, 3, 2));
    assertReject(first.answer(), 0x04);
  }

  @Test
  void aDataAckFreesDataThatCannotBeAskedForAgain_11_16_2() {
    logIn(1, "MaxRecvDataSegmentLength=4096", "MaxBurstLength=8192");
    first.send(first.read10(1, 0, 48));
    List<Answer> answers = first.answers();
    assertThat(answers).extracting(a -> a.flags() & 0xc0).startsWith(0, 0xc0, 0, 0xc0, 0, 0x80);
    Answer asks = answers.get(3);
    assertThat(asks.at(20)).as("transfer tag").isNotEqualTo(NONE);
    first.send(snack(2, NONE, asks.at(20), 4, 0).setLong(8, 0));
    assertThat(first.answers()).isEmpty();
    first.send(snack(0, 1, NONE, 3, 1));
    assertReject(first.answer(), 0x04);
    first.send(snack(0, 1, NONE, 4, 1));
    assertReplica(first.answer(), answers.get(4));
    first.send(snack(2, NONE, asks.at(20), 99, 0));
    assertReject(first.answer(), 0x08);
    first.send(snack(2, NONE, 12345, 4, 0));
    assertReject(first.answer(), 0x08);
  }

  @Test
  void anRDataSnackResegmentsAndTagsTheStatus_11_16_3() {
    logIn(1, "MaxRecvDataSegmentLength=8192");
    byte[] data = pattern(16384, 7);
    target.disk().put(0, data);
    first.send(first.read10(1, 0, 32));
    Answer status = first.answers().getLast();
    first.send(
        new Pdu(0x44, 0x80)
            .set(16, 9)
            .set(20, NONE)
            .set(24, first.cmdSn())
            .text("MaxRecvDataSegmentLength=512"));
    first.answer();
    first.send(snack(3, 1, 77, 0, 0));
    List<Answer> again = first.answers();
    assertThat(again).hasSize(33);
    byte[] all = new byte[16384];
    for (int i = 0; i < 32; i++) {
      assertThat(again.get(i).at(36)).as("DataSN").isEqualTo(i);
      System.arraycopy(again.get(i).data(), 0, all, again.get(i).at(40), 512);
    }
    assertThat(all).isEqualTo(data);
    Answer tagged = again.getLast();
    assertGood(tagged, 1);
    assertThat(tagged.at(20)).as("SNACK Tag").isEqualTo(77);
    assertThat(tagged.at(24)).as("StatSN").isEqualTo(status.at(24));
    assertThat(tagged.at(36)).as("ExpDataSN").isEqualTo(32);
  }

  @Test
  void lostDataOutIsAskedForAgainWhenItsSequenceEnds_7_9() {
    logIn(1);
    byte[] data = pattern(4096, 5);
    first.send(first.write10(1, 0, 8, true));
    Answer r2t = first.answer();
    int ttt = r2t.at(20);
    first.send(
        dataOut(1, ttt, 0, 0, false, Arrays.copyOfRange(data, 0, 1024)),
        dataOut(1, ttt, 2, 2048, false, Arrays.copyOfRange(data, 2048, 3072)),
        dataOut(1, ttt, 3, 3072, true, Arrays.copyOfRange(data, 3072, 4096)));
    Answer recovery = first.answer();
    assertThat(recovery.opcode()).isEqualTo(0x31);
    assertThat(recovery.at(36)).as("R2TSN").isEqualTo(1);
    assertThat(recovery.at(40)).as("offset").isEqualTo(1024);
    assertThat(recovery.at(44)).as("length").isEqualTo(1024);
    first.send(dataOut(1, recovery.at(20), 0, 1024, true, Arrays.copyOfRange(data, 1024, 2048)));
    assertGood(first.answer(), 1);
    assertThat(Arrays.copyOf(target.disk().array(), 4096)).isEqualTo(data);
  }

  @Test
  void lateAndDoubleDataOutIsDiscarded_7_9() {
    logIn(1);
    byte[] data = pattern(2048, 6);
    first.send(first.write10(1, 0, 4, true));
    int ttt = first.answer().at(20);
    Pdu half = dataOut(1, ttt, 0, 0, false, Arrays.copyOf(data, 1024));
    first.send(half, half);
    first.send(dataOut(1, ttt, 0, 0, false, pattern(1024, 99)));
    first.send(dataOut(1, ttt, 1, 1024, true, Arrays.copyOfRange(data, 1024, 2048)));
    assertGood(first.answer(), 1);
    first.send(half);
    assertThat(first.answers()).isEmpty();
    assertThat(Arrays.copyOf(target.disk().array(), 2048)).isEqualTo(data);
  }

  @Test
  void aDamagedDataOutIsRejectedAndAskedForAgain_7_8() {
    logIn(1);
    byte[] data = pattern(1024, 8);
    first.send(first.write10(1, 0, 2, true));
    int ttt = first.answer().at(20);
    Pdu whole = dataOut(1, ttt, 0, 0, true, data);
    first.connection.dataDigestError(Bhs.of(Arrays.copyOf(whole.bytes(), 48)));
    first.connection.readComplete();
    List<Answer> answers = first.answers();
    assertReject(answers.get(0), 0x02);
    Answer again = answers.get(1);
    assertThat(again.opcode()).isEqualTo(0x31);
    assertThat(again.at(44)).isEqualTo(1024);
    first.send(dataOut(1, again.at(20), 0, 0, true, data));
    assertGood(first.answer(), 1);
    assertThat(Arrays.copyOf(target.disk().array(), 1024)).isEqualTo(data);
  }

  @Test
  void dataThatStaysAwayIsAskedForAgainAndThenGivenUp_7_2_2() {
    logIn(1);
    first.send(first.write10(1, 0, 2, true));
    first.answer();
    for (int i = 1; i <= 5; i++) {
      pass(2000);
      pass(2000);
      Answer r2t = first.answer();
      assertThat(r2t.opcode()).isEqualTo(0x31);
      assertThat(r2t.at(36)).as("R2TSN").isEqualTo(i);
    }
    pass(2000);
    pass(2000);
    Answer status = first.answer();
    assertThat(status.opcode()).isEqualTo(0x21);
    assertThat(status.byteAt(3)).isEqualTo(2);
    assertThat(target.log).contains("PROTOCOL_SERVICE_CRC_ERROR");
  }

  @Test
  void anR2tSnackBringsTheSameR2t_11_16() {
    logIn(1);
    first.send(first.write10(1, 0, 2, true));
    Answer r2t = first.answer();
    first.send(snack(0, 1, NONE, 0, 0));
    assertReplica(first.answer(), r2t);
    first.send(snack(0, 1, NONE, 1, 1));
    assertReject(first.answer(), 0x04);
    first.send(dataOut(1, r2t.at(20), 0, 0, true, pattern(1024, 1)));
    assertGood(first.answer(), 1);
  }

  @Test
  void aCommandThatCameTwiceRunsOnce_7_2_1() {
    logIn(1);
    Pdu read = first.read10(1, 0, 1);
    first.send(read, read);
    assertThat(first.answers()).extracting(Answer::opcode).containsExactly(0x25, 0x21);
  }

  @Test
  void unacknowledgedReadsCloseTheWindowUntilAPingIsAnswered_4_2_2_2() {
    environment.unsolicitedBytes = 8192;
    logIn(1);
    first.send(first.read10(1, 0, 32));
    List<Answer> answers = first.answers();
    assertThat(answers.getLast().at(32)).as("MaxCmdSN").isEqualTo(227);
    first.send(new Pdu(0x40, 0x80).set(16, 5).set(20, NONE).set(24, first.cmdSn()));
    assertThat(first.answer().at(32)).as("does not grow").isEqualTo(227);
    pass(2000);
    Answer ping = first.answer();
    assertThat(ping.opcode()).isEqualTo(0x20);
    assertThat(ping.at(20)).isNotEqualTo(NONE);
    first.send(first.acknowledge(answers.getLast().at(24) + 2));
    first.send(new Pdu(0x40, 0x80).set(16, 6).set(20, NONE).set(24, first.cmdSn()));
    assertThat(first.answer().at(32)).as("MaxCmdSN").isEqualTo(228);
  }

  @Test
  void anInitiatorThatAcknowledgesNothingIsGivenUp_4_2_2_2() {
    environment.unsolicitedBytes = 65536;
    logIn(1);
    for (int i = 0; i < 9 && !first.wire.closed; i++) {
      first.send(
          new Pdu(0x40, 0x80).set(16, 5).set(20, NONE).set(24, first.cmdSn()).data(new byte[8192]));
    }
    assertThat(first.wire.closed).isTrue();
  }

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
