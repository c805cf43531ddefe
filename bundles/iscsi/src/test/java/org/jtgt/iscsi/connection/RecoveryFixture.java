// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.jtgt.iscsi.connection.Initiator.Answer;
import org.jtgt.iscsi.text.Key;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * Two connections of a session at recovery level 1 or 2, with time that passes as the test says.
 */
abstract class RecoveryFixture extends TwoConnectionsFixture {
  @BeforeEach
  void bothLevelsAreOffered() {
    environment.own.put(Key.ERROR_RECOVERY_LEVEL, "2");
    environment.own.put(Key.MAX_CONNECTIONS, "4");
    environment.own.put(Key.INITIAL_R2T, "Yes");
    environment.own.put(Key.IMMEDIATE_DATA, "No");
  }

  /** Sessions and tasks outlive their connections for Time2Wait and Time2Retain. */
  @AfterEach
  void timePasses() {
    first.drop();
    second.drop();
    pass(60_000);
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
}
