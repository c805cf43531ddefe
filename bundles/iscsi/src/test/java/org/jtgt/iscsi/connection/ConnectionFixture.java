// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.iscsi.connection.Initiator.NONE;

import java.util.Arrays;
import org.jtgt.iscsi.connection.Initiator.Answer;
import org.jtgt.iscsi.connection.Initiator.Pdu;
import org.junit.jupiter.api.AfterEach;

/** One connection of an initiator. */
abstract class ConnectionFixture extends TargetFixture {
  final Initiator initiator = new Initiator(environment);

  @AfterEach
  void nothingIsLeft() {
    expectNothingLeft(initiator);
  }

  @Override
  void settle() {
    initiator.wire.runLoop();
  }

  static void assertSense(Answer answer, int asc) {
    assertThat(answer.opcode()).isEqualTo(0x21);
    assertThat(answer.byteAt(3)).isEqualTo(2);
    assertThat((answer.data()[14] & 0xff) << 8 | answer.data()[15] & 0xff).isEqualTo(asc);
  }

  static void assertReject(Answer answer, int reason, Pdu of) {
    assertReject(answer, reason);
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
