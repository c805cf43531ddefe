// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.iscsi.connection.Initiator.NONE;
import static org.jtgt.iscsi.connection.Initiator.dataOut;
import static org.jtgt.iscsi.connection.Initiator.pattern;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import org.jtgt.iscsi.connection.Initiator.Answer;
import org.jtgt.iscsi.connection.Initiator.Pdu;
import org.jtgt.iscsi.text.Key;
import org.jtgt.iscsi.text.TextPair;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectionTest {
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
  private final Initiator initiator = new Initiator(environment);

  @BeforeEach
  void thereIsOneTarget() {
    environment.targets.put(Initiator.TARGET, target);
  }

  @AfterEach
  void nothingIsLeft() {
    initiator.connection.closed();
    initiator.wire.runLoop();
    assertThat(initiator.wire.unreleased()).as("bytes not released").isZero();
    assertThat(environment.sessions.sessions()).as("sessions left").isEmpty();
    assertThat(target.nexuses).as("nexuses left").isEmpty();
  }

  private void runEngine() {
    while (!engine.isEmpty()) {
      engine.poll().run();
    }
    initiator.wire.runLoop();
  }

  private static void assertGood(Answer answer, int itt) {
    assertThat(answer.opcode()).isEqualTo(0x21);
    assertThat(answer.byteAt(3)).isZero();
    assertThat(answer.at(16)).isEqualTo(itt);
  }

  private static void assertSense(Answer answer, int asc) {
    assertThat(answer.opcode()).isEqualTo(0x21);
    assertThat(answer.byteAt(3)).isEqualTo(2);
    assertThat((answer.data()[14] & 0xff) << 8 | answer.data()[15] & 0xff).isEqualTo(asc);
  }

  private static void assertReject(Answer answer, int reason, Pdu of) {
    assertThat(answer.opcode()).isEqualTo(0x3f);
    assertThat(answer.byteAt(2)).isEqualTo(reason);
    assertThat(answer.at(16)).isEqualTo(NONE);
    assertThat(answer.data()).isEqualTo(Arrays.copyOf(of.bytes(), 48));
  }

  @Test
  void theFinalLoginResponseCarriesATsihAndTheWindow_11_13() {
    initiator.send(
        initiator.login(
            0x87, 0, "InitiatorName=" + Initiator.NAME, "TargetName=" + Initiator.TARGET));
    Answer answer = initiator.answer();
    assertThat(answer.opcode()).isEqualTo(0x23);
    assertThat(answer.flags()).isEqualTo(0x87);
    assertThat(answer.shortAt(14)).isNotZero();
    assertThat(answer.at(28)).isEqualTo(100);
    assertThat(answer.at(32)).isEqualTo(227);
    assertThat(target.nexuses)
        .singleElement()
        .satisfies(nexus -> {
          assertThat(nexus.initiator.portName()).isEqualTo(Initiator.NAME + ",i,0x400000000001");
          assertThat(nexus.target.portName()).isEqualTo(Initiator.TARGET + ",t,0x0001");
          assertThat(nexus.initiator.transportId())
              .startsWith("45")
              .contains(HexFormat.of().formatHex(",i,0x400000000001".getBytes(US_ASCII)));
        });
  }

  @Test
  void aFailedLoginAnswersAndCloses_11_13_5() {
    initiator.send(
        initiator.login(
            0x87, 0, "InitiatorName=" + Initiator.NAME, "TargetName=iqn.2026-11.org.example:no"));
    assertThat(initiator.answer().shortAt(36)).isEqualTo(0x0203);
    assertThat(initiator.wire.closed).isTrue();
    assertThat(environment.refusals).hasSize(1);
  }

  @Test
  void anotherPduDuringLoginIs020B_6_3() {
    initiator.send(
        initiator.login(
            0x04, 0, "InitiatorName=" + Initiator.NAME, "TargetName=" + Initiator.TARGET));
    initiator.answer();
    initiator.send(new Pdu(0x40, 0x80).set(16, 1).set(20, NONE));
    assertThat(initiator.answer().shortAt(36)).isEqualTo(0x020b);
    assertThat(initiator.wire.closed).isTrue();
  }

  @Test
  void aLoginThatTakesTooLongIsClosed() {
    initiator.wire.pass(15_000);
    assertThat(initiator.wire.closed).isTrue();
  }

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

  @Test
  void immediateDataIsWrittenWithoutAnR2t_4_2_5_2() {
    initiator.logIn();
    initiator.send(initiator.write10(1, 2, 2, true).data(pattern(1024, 4)));
    assertGood(initiator.answer(), 1);
    assertThat(diskBytes(1024, 1024)).isEqualTo(pattern(1024, 4));
  }

  private byte[] diskBytes(int at, int bytes) {
    byte[] out = new byte[bytes];
    target.disk().get(at, out);
    return out;
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

  /** Sends a write of 2 KiB up to its R2T and gives the Target Transfer Tag. */
  private int writeUpToR2t() {
    initiator.logIn("InitialR2T=Yes", "ImmediateData=No");
    initiator.send(initiator.write10(1, 0, 4, true));
    return initiator.answer().at(20);
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

  @ParameterizedTest(name = "reason {0}, CID {1}: response {2}")
  @CsvSource({"1,9,1", "2,1,2"})
  void aLogoutThatIsRefusedKeepsTheConnection_11_15(int reason, int cid, int response) {
    initiator.logIn();
    initiator.send(
        new Pdu(0x46, 0x80 | reason).set(16, 3).setShort(20, cid).set(24, initiator.cmdSn()));
    assertThat(initiator.answer().byteAt(2)).isEqualTo(response);
    assertThat(initiator.wire.closed).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aLogoutEndsTheNexusAnswersAndCloses_11_14(int reason) {
    initiator.logIn();
    initiator.send(new Pdu(0x46, 0x80 | reason).set(16, 3).setShort(20, 1).set(24, 100));
    Answer answer = initiator.answer();
    assertThat(answer.opcode()).isEqualTo(0x26);
    assertThat(answer.byteAt(2)).isZero();
    assertThat(initiator.wire.closed).isTrue();
    assertThat(environment.sessions.sessions()).isEmpty();
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
  void aLogoutRequestOfTheTargetIsAnnouncedOnceAndThenCloses_11_9_1() {
    initiator.logIn();
    initiator.connection.requestLogout(2, "test");
    initiator.connection.requestLogout(2, "test");
    initiator.wire.runLoop();
    Answer message = initiator.answer();
    assertThat(message.opcode()).isEqualTo(0x32);
    assertThat(message.byteAt(36)).isEqualTo(1);
    assertThat(message.shortAt(42)).isEqualTo(2);
    initiator.wire.pass(1999);
    assertThat(initiator.wire.closed).isFalse();
    initiator.wire.pass(1);
    assertThat(initiator.wire.closed).isTrue();
  }

  @Test
  void aSecondLoginWithTheSameIsidEndsTheOldSessionFirst_6_3_5() {
    initiator.logIn();
    Initiator again = new Initiator(environment);
    again.send(
        again.login(0x87, 0, "InitiatorName=" + Initiator.NAME, "TargetName=" + Initiator.TARGET));
    assertThat(again.answers()).as("waits for the old nexus").isEmpty();
    initiator.wire.runLoop();
    assertThat(initiator.wire.closed).isTrue();
    initiator.connection.closed();
    again.wire.runLoop();
    assertThat(again.answer().shortAt(36)).isZero();
    assertThat(target.nexuses).hasSize(1);
    again.connection.closed();
  }

  @Test
  void anotherIsidIsAnotherSession_4_4_3_1() {
    initiator.logIn();
    Initiator other = new Initiator(environment).isid(0x400000000002L).logIn();
    assertThat(environment.sessions.sessions()).hasSize(2);
    assertThat(initiator.wire.closed).isFalse();
    other.connection.closed();
  }

  private int tsih() {
    return environment.sessions.sessions().getFirst().tsih();
  }

  @Test
  void theSameCidReinstatesTheConnectionAndKeepsTheNexus_6_3_4() {
    initiator.logIn("MaxBurstLength=8192");
    engineWaits = true;
    initiator.send(initiator.read10(1, 0, 1), initiator.write10(2, 0, 4, true));
    initiator.answers();
    Initiator again = new Initiator(environment);
    again.cmdSn(102);
    again.send(
        again.login(
            0x87,
            tsih(),
            "InitiatorName=" + Initiator.NAME,
            "TargetName=" + Initiator.TARGET,
            "MaxBurstLength=512"));
    assertThat(again.answers()).as("waits for the old connection's tasks").isEmpty();
    initiator.wire.runLoop();
    assertThat(initiator.wire.closed).isTrue();
    again.wire.runLoop();
    Answer answer = again.answer();
    assertThat(answer.shortAt(36)).isZero();
    assertThat(answer.text()).contains("MaxBurstLength=Irrelevant");
    assertThat(answer.at(28)).as("ExpCmdSN goes on").isEqualTo(102);
    runEngine();
    assertThat(initiator.answers()).isEmpty();
    engineWaits = false;
    again.send(again.read10(1, 0, 1));
    assertThat(again.answer().opcode()).isEqualTo(0x25);
    assertThat(target.nexuses).hasSize(1);
    assertThat(again.connection.parameters().maxBurstLength()).isEqualTo(8192);
    again.connection.closed();
  }

  @Test
  void anotherCidIsOneConnectionTooManyIs0206_11_13_5() {
    initiator.logIn();
    Initiator second = new Initiator(environment);
    second.send(
        second
            .login(
                0x87, tsih(), "InitiatorName=" + Initiator.NAME, "TargetName=" + Initiator.TARGET)
            .setShort(20, 2));
    assertThat(second.answer().shortAt(36)).isEqualTo(0x0206);
    assertThat(initiator.wire.closed).isFalse();
    second.connection.closed();
  }

  @Test
  void aTsihThatIsNotThereIs020A_6_3_1() {
    initiator.send(
        initiator.login(
            0x87, 4711, "InitiatorName=" + Initiator.NAME, "TargetName=" + Initiator.TARGET));
    assertThat(initiator.answer().shortAt(36)).isEqualTo(0x020a);
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
  void tsihsAreReusedPast65535_4_4_3_1() {
    for (int i = 0; i < 70_000; i++) {
      Initiator one = new Initiator(environment).logIn();
      one.connection.closed();
    }
    assertThat(environment.sessions.sessions()).isEmpty();
  }
}
