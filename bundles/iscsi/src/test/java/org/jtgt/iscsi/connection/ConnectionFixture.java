// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.iscsi.connection.Initiator.NONE;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jtgt.iscsi.connection.Initiator.Answer;
import org.jtgt.iscsi.connection.Initiator.Pdu;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** One connection on a wire without sockets, and an engine that works when it is told to. */
abstract class ConnectionFixture {
  final FakeEnvironment environment = new FakeEnvironment();

  final Deque<Runnable> engine = new ArrayDeque<>();

  boolean engineWaits;

  final FakeTarget target =
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

  final Initiator initiator = new Initiator(environment);

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

  void runEngine() {
    while (!engine.isEmpty()) {
      engine.poll().run();
    }
    initiator.wire.runLoop();
  }

  static void assertGood(Answer answer, int itt) {
    assertThat(answer.opcode()).isEqualTo(0x21);
    assertThat(answer.byteAt(3)).isZero();
    assertThat(answer.at(16)).isEqualTo(itt);
  }

  static void assertSense(Answer answer, int asc) {
    assertThat(answer.opcode()).isEqualTo(0x21);
    assertThat(answer.byteAt(3)).isEqualTo(2);
    assertThat((answer.data()[14] & 0xff) << 8 | answer.data()[15] & 0xff).isEqualTo(asc);
  }

  static void assertReject(Answer answer, int reason, Pdu of) {
    assertThat(answer.opcode()).isEqualTo(0x3f);
    assertThat(answer.byteAt(2)).isEqualTo(reason);
    assertThat(answer.at(16)).isEqualTo(NONE);
    assertThat(answer.data()).isEqualTo(Arrays.copyOf(of.bytes(), 48));
  }

  byte[] diskBytes(int at, int bytes) {
    byte[] out = new byte[bytes];
    target.disk().get(at, out);
    return out;
  }

  /** Sends a write of 2 KiB up to its R2T and gives the Target Transfer Tag. */
  int writeUpToR2t() {
    initiator.logIn("InitialR2T=Yes", "ImmediateData=No");
    initiator.send(initiator.write10(1, 0, 4, true));
    return initiator.answer().at(20);
  }

  int tsih() {
    return environment.sessions.sessions().getFirst().tsih();
  }
}
