// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jtgt.iscsi.connection.Initiator.Answer;
import org.jtgt.iscsi.text.Key;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * Two connections of a session at recovery level 1 or 2, with time that passes as the test says.
 */
abstract class RecoveryFixture {
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

  Initiator first;

  Initiator second;

  int tsih;

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

  void logIn(int level, String... more) {
    String[] pairs = Arrays.copyOf(more, more.length + 5);
    pairs[more.length] = "ErrorRecoveryLevel=" + level;
    pairs[more.length + 1] = "MaxConnections=4";
    pairs[more.length + 2] = "DefaultTime2Wait=2";
    pairs[more.length + 3] = "DefaultTime2Retain=20";
    pairs[more.length + 4] = "ImmediateData=No";
    first.logIn(pairs);
    tsih = environment.sessions.sessions().getFirst().tsih();
  }

  void pass(long milliseconds) {
    first.wire.pass(milliseconds);
    second.wire.pass(milliseconds);
    settle();
  }

  void settle() {
    for (int i = 0; i < 3; i++) {
      first.wire.runLoop();
      second.wire.runLoop();
    }
  }

  void runEngine() {
    while (!engine.isEmpty()) {
      engine.poll().run();
    }
    settle();
  }

  static void assertReplica(Answer again, Answer original) {
    assertThat(again.opcode()).isEqualTo(original.opcode());
    assertThat(again.data()).isEqualTo(original.data());
    for (int at = 0; at < 28; at += 4) {
      assertThat(again.at(at)).as("bytes from " + at).isEqualTo(original.at(at));
    }
    for (int at = 36; at < 48; at += 4) {
      assertThat(again.at(at)).as("bytes from " + at).isEqualTo(original.at(at));
    }
  }

  static void assertReject(Answer answer, int reason) {
    assertThat(answer.opcode()).isEqualTo(0x3f);
    assertThat(answer.byteAt(2)).isEqualTo(reason);
  }

  void assertGood(Answer answer, int itt) {
    assertThat(answer.opcode()).isEqualTo(0x21);
    assertThat(answer.byteAt(3)).isZero();
    assertThat(answer.at(16)).isEqualTo(itt);
  }
}
