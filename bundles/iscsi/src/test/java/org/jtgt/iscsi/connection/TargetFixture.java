// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jtgt.iscsi.connection.Initiator.Answer;
import org.junit.jupiter.api.BeforeEach;

/** A target on wires without sockets, and an engine that works when it is told to. */
abstract class TargetFixture {
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

  @BeforeEach
  void thereIsOneTarget() {
    environment.targets.put(Initiator.TARGET, target);
  }

  /** Runs what the loops have to do. */
  abstract void settle();

  void runEngine() {
    while (!engine.isEmpty()) {
      engine.poll().run();
    }
    settle();
  }

  /** Drops connections; then nothing of them is left. */
  void expectNothingLeft(Initiator... initiators) {
    for (Initiator each : initiators) {
      each.drop();
    }
    settle();
    assertThat(Arrays.stream(initiators).mapToLong(each -> each.wire.unreleased()).sum())
        .as("bytes not released")
        .isZero();
    assertThat(environment.sessions.sessions()).as("sessions left").isEmpty();
    assertThat(target.nexuses).as("nexuses left").isEmpty();
  }

  static void assertGood(Answer answer, int itt) {
    assertThat(answer.opcode()).isEqualTo(0x21);
    assertThat(answer.byteAt(3)).isZero();
    assertThat(answer.at(16)).isEqualTo(itt);
  }

  static void assertReject(Answer answer, int reason) {
    assertThat(answer.opcode()).isEqualTo(0x3f);
    assertThat(answer.byteAt(2)).isEqualTo(reason);
  }
}
