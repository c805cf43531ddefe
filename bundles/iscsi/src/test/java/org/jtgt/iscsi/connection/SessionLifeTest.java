// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.jtgt.iscsi.connection.Initiator.NONE;

import java.util.HexFormat;
import org.jtgt.iscsi.connection.Initiator.Answer;
import org.jtgt.iscsi.connection.Initiator.Pdu;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Logins, reinstatements and logouts, as a connection carries them out (RFC 7143 6.3, 11.14). */
class SessionLifeTest extends ConnectionFixture {
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
  void aTargetThatIsRemovedDuringTheLoginIs0204_11_13_5() {
    initiator.send(
        initiator.login(
            0x04, 0, "InitiatorName=" + Initiator.NAME, "TargetName=" + Initiator.TARGET));
    assertThat(initiator.answer().shortAt(36)).isZero();
    environment.targets.clear();
    initiator.send(initiator.login(0x87, 0));
    assertThat(initiator.answer().shortAt(36)).isEqualTo(0x0204);
    assertThat(initiator.wire.closed).isTrue();
    expectNothingLeft(initiator);
  }

  @Test
  void aBugDuringTheLoginIs0300_11_13_5() {
    environment.admissionFails = true;
    assertThatThrownBy(() ->
            initiator.send(
                initiator.login(
                    0x87, 0, "InitiatorName=" + Initiator.NAME, "TargetName=" + Initiator.TARGET)))
        .as("for the log, which the channel's handler writes before it closes")
        .isInstanceOf(IllegalStateException.class);
    assertThat(initiator.answer().shortAt(36)).isEqualTo(0x0300);
  }

  @Test
  void aLoginThatTakesTooLongIsClosed() {
    initiator.wire.pass(15_000);
    assertThat(initiator.wire.closed).isTrue();
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
  void tsihsAreReusedPast65535_4_4_3_1() {
    for (int i = 0; i < 70_000; i++) {
      Initiator one = new Initiator(environment).logIn();
      one.connection.closed();
    }
    assertThat(environment.sessions.sessions()).isEmpty();
  }
}
