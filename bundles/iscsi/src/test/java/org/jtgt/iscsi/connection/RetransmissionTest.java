// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.iscsi.connection.Initiator.NONE;
import static org.jtgt.iscsi.connection.Initiator.dataOut;
import static org.jtgt.iscsi.connection.Initiator.pattern;
import static org.jtgt.iscsi.connection.Initiator.snack;

import java.util.Arrays;
import java.util.List;
import org.jtgt.iscsi.connection.Initiator.Answer;
import org.jtgt.iscsi.connection.Initiator.Pdu;
import org.jtgt.iscsi.pdu.Bhs;
import org.junit.jupiter.api.Test;

/** Recovery within a connection: SNACK, recovery R2Ts, acknowledgements (RFC 7143 7.2.1, 11.16). */
class RetransmissionTest extends RecoveryFixture {
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
      silence(1 << (i - 1));
      Answer r2t = first.answer();
      assertThat(r2t.opcode()).isEqualTo(0x31);
      assertThat(r2t.at(36)).as("R2TSN").isEqualTo(i);
    }
    silence(32);
    Answer status = first.answer();
    assertThat(status.opcode()).isEqualTo(0x21);
    assertThat(status.byteAt(3)).isEqualTo(2);
    assertThat(target.log).contains("PROTOCOL_SERVICE_CRC_ERROR");
  }

  /** So many recovery times without data, after the one in which it was asked for. */
  private void silence(int times) {
    pass(2000);
    for (int i = 0; i < times; i++) {
      assertThat(first.answers()).isEmpty();
      // Its keep-alive hears the initiator all the while.
      first.send(new Pdu(0x40, 0x80).set(16, NONE).set(20, NONE).set(24, first.cmdSn()));
      pass(2000);
    }
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
}
