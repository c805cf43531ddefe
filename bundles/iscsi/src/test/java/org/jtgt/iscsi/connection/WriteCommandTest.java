// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.iscsi.connection.Initiator.NONE;
import static org.jtgt.iscsi.connection.Initiator.dataOut;
import static org.jtgt.iscsi.connection.Initiator.pattern;

import java.util.Arrays;
import java.util.List;
import org.jtgt.iscsi.connection.Initiator.Answer;
import org.jtgt.iscsi.connection.Initiator.Pdu;
import org.junit.jupiter.api.Test;

/** Immediate, unsolicited and solicited Data-Out (RFC 7143 11.7, 11.8). */
class WriteCommandTest extends ConnectionFixture {
  @Test
  void immediateDataIsWrittenWithoutAnR2t_4_2_5_2() {
    initiator.logIn();
    initiator.send(initiator.write10(1, 2, 2, true).data(pattern(1024, 4)));
    assertGood(initiator.answer(), 1);
    assertThat(diskBytes(1024, 1024)).isEqualTo(pattern(1024, 4));
  }

  @Test
  void unsolicitedDataFollowsAndR2tsAskForTheRest_11_8() {
    initiator.logIn(
        "InitialR2T=No", "FirstBurstLength=4096", "MaxBurstLength=4096", "MaxOutstandingR2T=2");
    byte[] data = pattern(16384, 5);
    initiator.send(initiator.write10(1, 0, 32, false).data(Arrays.copyOf(data, 1024)));
    assertThat(initiator.answers()).isEmpty();
    initiator.send(
        dataOut(1, NONE, 0, 1024, false, Arrays.copyOfRange(data, 1024, 2048)),
        dataOut(1, NONE, 1, 2048, true, Arrays.copyOfRange(data, 2048, 4096)));
    List<Answer> r2ts = initiator.answers();
    assertThat(r2ts).extracting(Answer::opcode).containsExactly(0x31, 0x31);
    assertThat(r2ts).extracting(a -> a.at(36)).as("R2TSN").containsExactly(0, 1);
    assertThat(r2ts).extracting(a -> a.at(40)).as("offset").containsExactly(4096, 8192);
    assertThat(r2ts).extracting(a -> a.at(44)).as("desired").containsExactly(4096, 4096);
    initiator.send(
        dataOut(1, r2ts.get(0).at(20), 0, 4096, true, Arrays.copyOfRange(data, 4096, 8192)));
    Answer third = initiator.answer();
    assertThat(third.at(40)).isEqualTo(12288);
    initiator.send(
        dataOut(1, r2ts.get(1).at(20), 0, 8192, true, Arrays.copyOfRange(data, 8192, 12288)),
        dataOut(1, third.at(20), 0, 12288, true, Arrays.copyOfRange(data, 12288, 16384)));
    Answer answer = initiator.answer();
    assertGood(answer, 1);
    assertThat(answer.at(36)).as("ExpDataSN").isEqualTo(3);
    assertThat(diskBytes(0, 16384)).isEqualTo(data);
  }

  @Test
  void aDataSnOutOfOrderEndsTheTaskAfterItsLastData_7_9() {
    int ttt = writeUpToR2t();
    initiator.send(dataOut(1, ttt, 1, 0, false, new byte[1024]));
    assertThat(initiator.answers()).isEmpty();
    initiator.send(dataOut(1, ttt, 2, 1024, true, new byte[1024]));
    assertSense(initiator.answer(), 0x4705);
  }

  @Test
  void aWrongBufferOffsetIsRejectedAndWritesNothing_11_7_5() {
    target.disk().put(0, pattern(2048, 6));
    int ttt = writeUpToR2t();
    Pdu wrong = dataOut(1, ttt, 0, 512, true, new byte[1024]);
    initiator.send(wrong);
    List<Answer> answers = initiator.answers();
    assertThat(answers).hasSize(2);
    assertSense(answers.get(0), 0x4705);
    assertReject(answers.get(1), 0x09, wrong);
    assertThat(diskBytes(0, 2048)).isEqualTo(pattern(2048, 6));
  }

  @Test
  void tooMuchAndTooLittleSolicitedDataEndTheTask_11_4_7_2() {
    int ttt = writeUpToR2t();
    initiator.send(dataOut(1, ttt, 0, 0, true, new byte[4096]));
    assertSense(initiator.answer(), 0x0c0d);
    initiator.send(initiator.write10(2, 0, 4, true));
    ttt = initiator.answer().at(20);
    initiator.send(dataOut(2, ttt, 0, 0, true, new byte[512]));
    assertSense(initiator.answer(), 0x0c0d);
  }

  @Test
  void unexpectedUnsolicitedDataEndsTheTask_11_4_7_2() {
    initiator.logIn("InitialR2T=Yes", "ImmediateData=No");
    initiator.send(initiator.write10(1, 0, 1, true).data(new byte[512]));
    assertSense(initiator.answer(), 0x0c0c);
  }

  @Test
  void moreUnsolicitedDataThanFirstBurstLengthEndsTheTask_11_4_7_2() {
    initiator.logIn("FirstBurstLength=512");
    initiator.send(initiator.write10(1, 0, 2, true).data(new byte[1024]));
    assertSense(initiator.answer(), 0x0c0d);
  }

  @Test
  void anUnknownTransferTagIsRejectedAndTheTaskGoesOn_11_7_4() {
    int ttt = writeUpToR2t();
    Pdu wrong = dataOut(1, ttt + 5, 0, 0, true, new byte[2048]);
    initiator.send(wrong);
    assertReject(initiator.answer(), 0x09, wrong);
    initiator.send(dataOut(1, ttt, 0, 0, true, pattern(2048, 7)));
    assertGood(initiator.answer(), 1);
    assertThat(diskBytes(0, 2048)).isEqualTo(pattern(2048, 7));
  }

  @Test
  void anEarlyAnswerWaitsForTheUnsolicitedDataUnderWay_7_8() {
    initiator.logIn("InitialR2T=No", "FirstBurstLength=4096");
    initiator.send(initiator.write10(1, 1 << 20, 8, false).data(new byte[1024]));
    assertThat(initiator.answers()).isEmpty();
    initiator.send(dataOut(1, NONE, 0, 1024, true, new byte[3072]));
    assertSense(initiator.answer(), 0x2100);
  }

  @Test
  void dataOfATaskThatEndedIsDiscardedSilently_11_5_1() {
    initiator.logIn();
    initiator.send(dataOut(77, NONE, 0, 0, true, new byte[512]));
    assertThat(initiator.answers()).isEmpty();
  }

  @Test
  void anR2tWaitsWhileMuchIsStillToComeForThoseBefore_4_2_5_2() {
    bytesAskedForAtOnce(4096);
    byte[] data = pattern(8192, 8);
    initiator.send(initiator.write10(1, 0, 8, true), initiator.write10(2, 8, 8, true));
    Answer first = initiator.answer();
    assertThat(first.at(16)).as("only the first is asked for").isEqualTo(1);
    initiator.send(dataOut(1, first.at(20), 0, 0, false, Arrays.copyOf(data, 1024)));
    Answer second = initiator.answer();
    assertThat(second.at(16)).as("asked for while the first still comes").isEqualTo(2);
    initiator.send(
        dataOut(2, second.at(20), 0, 0, true, Arrays.copyOfRange(data, 4096, 8192)),
        dataOut(1, first.at(20), 1, 1024, true, Arrays.copyOfRange(data, 1024, 4096)));
    List<Answer> answers = initiator.answers();
    assertGood(answers.get(0), 2);
    assertGood(answers.get(1), 1);
    assertThat(diskBytes(0, 8192)).isEqualTo(data);
  }

  @Test
  void immediateDataNeedsNoTurn() {
    bytesAskedForAtOnce(4096);
    initiator.send(initiator.write10(1, 0, 8, true));
    initiator.answer();
    initiator.send(initiator.write10(2, 8, 2, true).data(pattern(1024, 9)));
    assertGood(initiator.answer(), 2);
  }

  @Test
  void aWriteThatIsAbortedMakesRoomForTheNext_11_5_1() {
    bytesAskedForAtOnce(4096);
    for (int tag = 1; tag <= 4; tag++) {
      initiator.send(initiator.write10(tag, 8 * tag, 8, true));
    }
    int transferTag = initiator.answer().at(20);
    initiator.send(initiator.taskManagement(1, 50, 2, 0));
    assertThat(initiator.answer().opcode()).as("one that waits").isEqualTo(0x22);
    initiator.send(initiator.taskManagement(1, 51, 1, 0));
    List<Answer> answers = initiator.answers();
    assertThat(answers).extracting(Answer::opcode).containsExactlyInAnyOrder(0x22, 0x31);
    Answer third = answers.get(answers.get(0).opcode() == 0x31 ? 0 : 1);
    assertThat(third.at(16)).isEqualTo(3);
    initiator.send(
        dataOut(1, transferTag, 0, 0, true, new byte[4096]),
        dataOut(3, third.at(20), 0, 0, true, pattern(4096, 10)));
    answers = initiator.answers();
    assertThat(answers).extracting(Answer::opcode).containsExactlyInAnyOrder(0x21, 0x31);
    assertThat(answers.stream().filter(a -> a.opcode() == 0x31).findFirst().orElseThrow().at(16))
        .isEqualTo(4);
  }

  /** The next R2T goes out while less than that is still to come. */
  private void bytesAskedForAtOnce(int bytes) {
    environment.solicitedBytes = bytes;
    initiator.logIn("ImmediateData=Yes");
  }
}
