// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.iscsi.connection.Initiator.NONE;
import static org.jtgt.iscsi.connection.Initiator.dataOut;
import static org.jtgt.iscsi.connection.Initiator.pattern;

import java.nio.ByteBuffer;
import org.jtgt.iscsi.connection.Initiator.Answer;
import org.jtgt.scsi.ScsiCommand;
import org.jtgt.scsi.TransportCondition;
import org.junit.jupiter.api.Test;

/**
 * Commands whose store does not give their buffers back in time: the initiator gets its answer and
 * goes on, and the buffers stay as they are until the engine lets go of them.
 */
class EarlyAnswerTest extends ConnectionFixture {
  private static final byte[] SENSE = {
    0x70, 0, 0x0b, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x2e, 0x02, 0, 0, 0, 0
  };

  private ScsiCommand running() {
    return target.nexuses.iterator().next().running.getLast();
  }

  /** The engine has the command and has done nothing yet. */
  private ScsiCommand held(Runnable sends) {
    engineWaits = true;
    sends.run();
    engineWaits = false;
    return running();
  }

  private ScsiCommand read(int itt) {
    return held(() -> initiator.send(initiator.read10(itt, 0, 2)));
  }

  private void end(ScsiCommand command) {
    target.nexuses.iterator().next().running.remove(command);
    command.aborted();
    settle();
  }

  @Test
  void theInitiatorGoesOnWhileTheStoreHasTheBuffers() {
    initiator.logIn();
    ScsiCommand late = read(1);
    ByteBuffer buffer = late.allocateDataIn(1024)[0];
    assertThat(late.answerEarly(SENSE)).isTrue();
    settle();
    assertSense(initiator.answer(), 0x2e02);

    // The same tag again: another object and other buffers serve it.
    target.disk().put(0, pattern(1024, 3));
    initiator.send(initiator.read10(1, 0, 2));
    Answer answer = initiator.answer();
    assertThat(answer.opcode()).isEqualTo(0x25);
    assertThat(answer.data()).isEqualTo(pattern(1024, 3));
    assertThat(late.tag()).isEqualTo(1);
    buffer.put(pattern(1024, 4));

    end(late);
    assertThat(initiator.answers()).isEmpty();
    initiator.send(initiator.read10(2, 0, 2));
    assertThat(initiator.answer().data()).isEqualTo(pattern(1024, 3));
    expectNothingLeft(initiator);
  }

  @Test
  void whatEndsBeforeItsEarlyAnswerIsSentIsAnsweredOnce() {
    initiator.logIn();
    ScsiCommand late = read(1);
    late.answerEarly(SENSE);
    end(late);
    assertSense(initiator.answer(), 0x2e02);
    assertThat(initiator.answers()).isEmpty();
    initiator.send(initiator.read10(2, 0, 2));
    assertThat(initiator.answer().opcode()).isEqualTo(0x25);
    expectNothingLeft(initiator);
  }

  @Test
  void theAnswerWaitsForTheUnsolicitedDataUnderWay_7_8() {
    initiator.logIn("InitialR2T=No", "FirstBurstLength=4096");
    ScsiCommand late =
        held(() -> initiator.send(initiator.write10(1, 0, 8, false).data(new byte[1024])));
    late.answerEarly(SENSE);
    settle();
    assertThat(initiator.answers()).isEmpty();
    initiator.send(dataOut(1, NONE, 0, 1024, true, new byte[3072]));
    assertSense(initiator.answer(), 0x2e02);
    end(late);
    assertThat(initiator.answers()).isEmpty();
    expectNothingLeft(initiator);
  }

  @Test
  void theR2tsOfAWriteCountInExpDataSn_11_4_8() {
    initiator.logIn("ImmediateData=No");
    ScsiCommand late = held(() -> initiator.send(initiator.write10(1, 0, 2, true)));
    boolean[] arrived = new boolean[1];
    late.receiveDataOut(
        1024,
        new ScsiCommand.DataOutReady() {
          @Override
          public void dataOutReady() {
            arrived[0] = true;
          }

          @Override
          public void dataOutFailed(TransportCondition condition) {
            throw new AssertionError(condition);
          }
        });
    settle();
    initiator.send(dataOut(1, initiator.answer().at(20), 0, 0, true, pattern(1024, 5)));
    assertThat(arrived[0]).isTrue();
    late.answerEarly(SENSE);
    settle();
    Answer answer = initiator.answer();
    assertSense(answer, 0x2e02);
    assertThat(answer.at(36)).as("ExpDataSN").isEqualTo(1);
    byte[] kept = new byte[1024];
    late.dataOut()[0].duplicate().get(kept);
    assertThat(kept).isEqualTo(pattern(1024, 5));
    end(late);
    expectNothingLeft(initiator);
  }

  @Test
  void aConnectionThatEndsLeavesTheBuffersToTheStore() {
    initiator.logIn();
    ScsiCommand late = read(1);
    ByteBuffer buffer = late.allocateDataIn(1024)[0];
    late.answerEarly(SENSE);
    settle();
    assertSense(initiator.answer(), 0x2e02);
    target.nexuses.iterator().next().running.remove(late);
    initiator.drop();
    settle();
    buffer.put(pattern(1024, 4));
    late.aborted();
    settle();
    expectNothingLeft(initiator);
  }

  @Test
  void anImmediateCommandFreesItsPlaceOnce() {
    initiator.logIn();
    ScsiCommand late = held(() -> initiator.send(initiator.read10(1, 0, 2).immediate()));
    late.answerEarly(SENSE);
    settle();
    assertSense(initiator.answer(), 0x2e02);
    end(late);
    expectNothingLeft(initiator);
  }
}
