// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.iscsi.connection.Initiator.NONE;
import static org.jtgt.iscsi.connection.Initiator.pattern;

import java.util.Arrays;
import java.util.List;
import org.jtgt.iscsi.connection.Initiator.Answer;
import org.jtgt.iscsi.connection.Initiator.Pdu;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Data-In, status and residuals (RFC 7143 11.4, 11.7). */
class ReadCommandTest extends ConnectionFixture {
  @Test
  void aReadOfOneSegmentCarriesItsStatus_11_7() {
    initiator.logIn("MaxRecvDataSegmentLength=65536");
    target.disk().put(512, pattern(4096, 1));
    initiator.send(initiator.read10(1, 1, 8));
    Answer answer = initiator.answer();
    assertThat(answer.opcode()).isEqualTo(0x25);
    assertThat(answer.flags()).isEqualTo(0x81);
    assertThat(answer.at(24)).as("StatSN").isEqualTo(1);
    assertThat(answer.at(28)).as("ExpCmdSN").isEqualTo(101);
    assertThat(answer.data()).isEqualTo(pattern(4096, 1));
  }

  @Test
  void aReadIsCutBySegmentAndBurstLength_11_7() {
    initiator.logIn("MaxRecvDataSegmentLength=4096", "MaxBurstLength=10240");
    target.disk().put(0, pattern(20480, 2));
    initiator.send(initiator.read10(1, 0, 40));
    List<Answer> answers = initiator.answers();
    assertThat(answers)
        .extracting(a -> a.data().length)
        .containsExactly(4096, 4096, 2048, 4096, 4096, 2048);
    assertThat(answers).extracting(Answer::flags).containsExactly(0, 0, 0x80, 0, 0, 0x81);
    assertThat(answers).extracting(a -> a.at(36)).containsExactly(0, 1, 2, 3, 4, 5);
    assertThat(answers)
        .extracting(a -> a.at(40))
        .containsExactly(0, 4096, 8192, 10240, 14336, 18432);
    byte[] all = new byte[20480];
    answers.forEach(a -> System.arraycopy(a.data(), 0, all, a.at(40), a.data().length));
    assertThat(all).isEqualTo(pattern(20480, 2));
  }

  @Test
  void aLengthDeclaredInFullFeaturePhaseHoldsForTheNextRead_13_12() {
    initiator.logIn("MaxRecvDataSegmentLength=65536");
    initiator.send(
        new Pdu(0x44, 0x80).set(16, 1).set(20, NONE).text("MaxRecvDataSegmentLength=512"));
    assertThat(initiator.answer().opcode()).isEqualTo(0x24);
    initiator.send(initiator.read10(1, 0, 2));
    assertThat(initiator.answers()).extracting(a -> a.data().length).containsExactly(512, 512);
  }

  @ParameterizedTest(name = "expects {0}, command is about {1} blocks: flags {2}, residual {3}")
  @CsvSource({"4096,4,0x83,2048", "1024,4,0x85,1024", "2048,4,0x81,0"})
  void residualsSayHowFarTheLengthsDiffer_11_4_5(
      int expected, int blocks, String flags, int residual) {
    initiator.logIn();
    initiator.send(initiator.command(0xc1, 1, expected, 0x28, 0, blocks));
    Answer answer = initiator.answer();
    assertThat(answer.flags()).isEqualTo(Integer.decode(flags));
    assertThat(answer.at(44)).isEqualTo(residual);
    assertThat(answer.data()).hasSize(Math.min(expected, blocks * 512));
  }

  @Test
  void senseDataComesWithItsLengthAndTheUnderflow_11_4_7() {
    initiator.logIn();
    initiator.send(initiator.read10(1, 1 << 20, 1));
    Answer answer = initiator.answer();
    assertSense(answer, 0x2100);
    assertThat(answer.data()[1]).isEqualTo((byte) 18);
    assertThat(answer.flags()).isEqualTo(0x82);
    assertThat(answer.at(44)).isEqualTo(512);
  }

  @Test
  void allAnswersOfOneReadGoOutInOneFlush() {
    initiator.logIn();
    int before = initiator.wire.flushes;
    initiator.send(initiator.read10(1, 0, 1), initiator.read10(2, 1, 1), initiator.read10(3, 2, 1));
    assertThat(initiator.answers()).hasSize(3);
    assertThat(initiator.wire.flushes - before).isEqualTo(1);
  }

  @Test
  void sixteenAnswersGoOutWhileTheRestOfTheReadIsServed() {
    initiator.logIn();
    int before = initiator.wire.flushes;
    Pdu[] reads = new Pdu[40];
    Arrays.setAll(reads, i -> initiator.read10(i + 1, i, 1));
    initiator.send(reads);
    assertThat(initiator.answers()).hasSize(40);
    assertThat(initiator.wire.flushes - before).isEqualTo(3);
  }

  @Test
  void answersFromOtherThreadsAreGatheredInOneFlush() throws InterruptedException {
    initiator.logIn();
    engineWaits = true;
    initiator.send(
        initiator.read10(1, 0, 1), initiator.write10(2, 1, 1, true).data(pattern(512, 3)));
    assertThat(initiator.answers()).isEmpty();
    int before = initiator.wire.flushes;
    Thread thread = new Thread(() -> List.copyOf(engine).forEach(Runnable::run));
    thread.start();
    thread.join();
    initiator.wire.runLoop();
    assertThat(initiator.answers()).hasSize(2);
    assertThat(initiator.wire.flushes - before).isEqualTo(1);
    assertThat(target.disk().slice(512, 512).array()).contains(pattern(512, 3));
  }
}
