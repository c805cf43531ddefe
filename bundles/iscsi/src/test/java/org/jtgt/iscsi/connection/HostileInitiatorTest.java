// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.iscsi.connection.Initiator.NONE;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jtgt.iscsi.connection.Initiator.Answer;
import org.jtgt.iscsi.connection.Initiator.Pdu;
import org.jtgt.iscsi.text.Key;
import org.jtgt.iscsi.text.TextPair;
import org.jtgt.scsi.Nexus;
import org.jtgt.scsi.NexusView;
import org.jtgt.scsi.ScsiCommand;
import org.jtgt.scsi.ScsiPort;
import org.jtgt.scsi.ScsiTarget;
import org.jtgt.scsi.TaskManagementFunction;
import org.jtgt.scsi.TaskManagementResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What an initiator that means harm, or is badly made, must not bring about. */
class HostileInitiatorTest extends ConnectionFixture {
  /** At recovery level 1 a session outlives its connection for its Time2Wait and Time2Retain. */
  @AfterEach
  void timePasses() {
    initiator.drop();
    initiator.wire.pass(60_000);
  }

  /** A target whose store hangs: functions wait for it. */
  private static final class Hanging implements ScsiTarget, Nexus {
    int functions;

    @Override
    public String name() {
      return Initiator.TARGET;
    }

    @Override
    public String alias() {
      return "";
    }

    @Override
    public Set<String> portals() {
      return Set.of();
    }

    @Override
    public Nexus connect(
        ScsiPort initiator, ScsiPort target, NexusView view, NexusListener listener) {
      return this;
    }

    @Override
    public void execute(ScsiCommand command) {}

    @Override
    public void manage(
        TaskManagementFunction function,
        long lun,
        long tag,
        Consumer<TaskManagementResponse> answer) {
      functions++;
    }

    @Override
    public void view(NexusView view) {}

    @Override
    public void commandsCleared(long lun) {}

    @Override
    public void close(Runnable ended) {
      ended.run();
    }
  }

  @Test
  void functionsThatWaitForAHangingStoreAreBounded() {
    Hanging hanging = new Hanging();
    environment.targets.put(Initiator.TARGET, hanging);
    initiator.logIn();
    initiator.send(initiator.read10(1, 0, 1));
    for (int i = 0; i < 100; i++) {
      Pdu[] many = new Pdu[1000];
      for (int k = 0; k < many.length; k++) {
        many[k] = initiator.taskManagement(1, 1000 + i * 1000 + k, 1, 100);
      }
      initiator.send(many);
    }
    assertThat(hanging.functions).isLessThan(10_000);
  }

  @Test
  void oneTextRequestDoesNotGetTheListOfTargetsAsOftenAsItNamesIt() {
    for (int i = 0; i < 50; i++) {
      environment.listing.add(new TextPair("TargetName", "iqn.2026-11.org.jtgt:target" + i));
    }
    initiator.discover();
    String[] pairs = new String[400];
    java.util.Arrays.fill(pairs, "SendTargets=All");
    initiator.send(new Pdu(0x44, 0x80).set(16, 5).set(20, NONE).text(pairs));
    long bytes = 0;
    for (Answer answer = initiator.answer(); ; answer = initiator.answer()) {
      bytes += answer.data().length;
      if (answer.opcode() != 0x24 || (answer.flags() & 0x80) != 0) {
        break;
      }
      initiator.send(new Pdu(0x44, 0x80).set(16, 5).set(20, answer.at(20)));
    }
    assertThat(bytes).isLessThan(100_000);
  }

  @Test
  void aNameFromOutsideMakesNoLogLineOfItsOwn() {
    initiator.send(
        initiator.login(
            0x87, 0, "InitiatorName=iqn.x\n06:00:00 INFO all is well", "TargetName=iqn.no"));
    assertThat(environment.refusals).isNotEmpty().noneMatch(line -> line.contains("\n"));
  }

  @Test
  void aSessionWithoutTheDigestThatTheOperatorRequiresIsRefused_13_1() {
    environment.own.put(Key.HEADER_DIGEST, "CRC32C");
    initiator.send(
        initiator.login(
            0x87, 0, "InitiatorName=" + Initiator.NAME, "TargetName=" + Initiator.TARGET));
    Answer answer = initiator.answer();
    boolean offered = answer.text().contains("HeaderDigest=CRC32C");
    assertThat(offered || answer.shortAt(36) != 0).isTrue();
  }

  @Test
  void aSlowInitiatorThatTakesWhatWasSentIsNotSilent_11_19() {
    initiator.logIn();
    for (int i = 0; i < 10; i++) {
      // Its outbound buffer is over the mark and shrinks: nothing is read meanwhile.
      initiator.wire.pendingBytes = 8_000_000L - i * 500_000L;
      initiator.wire.pass(30_000);
    }
    assertThat(initiator.wire.closed).isFalse();
    initiator.wire.pass(30_000);
    initiator.wire.pass(30_000);
    assertThat(initiator.wire.closed).isTrue();
  }

  @Test
  void immediateDataThatTheOperatorForbidsIsNotAgreedToBySilence_13_11() {
    environment.own.put(Key.IMMEDIATE_DATA, "No");
    initiator.logIn();
    initiator.send(initiator.write10(1, 0, 1, true).data(new byte[512]));
    assertThat(initiator.answer().byteAt(3)).as("status").isEqualTo(2);
  }

  @Test
  void smallDataSegmentsDoNotPinWholeReceiveBuffers() {
    initiator.logIn();
    initiator.send(initiator.write10(1, 0, 64, true));
    Answer r2t = initiator.answer();
    assertThat(r2t.opcode()).isEqualTo(0x31);
    long before = initiator.wire.unreleased();
    for (int i = 0; i < 100; i++) {
      ByteBuf read = initiator.connection.nextBuffer(64 * 1024);
      read.writeBytes(Initiator.dataOut(1, r2t.at(20), i, i * 4, false, new byte[4]).bytes());
      initiator.sendRaw(read);
    }
    long pinned = initiator.wire.unreleased() - before;
    initiator.drop();
    assertThat(pinned).as("bytes held for 400 bytes of data").isLessThan(100_000);
  }

  @Test
  void oneReadFullOfSnacksDoesNotFillTheMemory() {
    environment.own.put(Key.ERROR_RECOVERY_LEVEL, "1");
    initiator.logIn("ErrorRecoveryLevel=1", "MaxRecvDataSegmentLength=262144");
    initiator.send(initiator.read10(1, 0, 2048));
    initiator.answers();
    int sent = initiator.wire.written.size();
    List<Pdu> snacks = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      snacks.add(Initiator.snack(0, 1, NONE, 0, 0));
    }
    initiator.send(snacks.toArray(Pdu[]::new));
    long bytes = initiator.wire.written.stream().skip(sent).mapToLong(pdu -> pdu.length).sum();
    initiator.drop();
    assertThat(bytes).as("written for 2400 bytes of SNACKs").isLessThan(20 << 20);
  }

  @Test
  void anInitiatorThatAnswersEachR2tWithNothingIsNotAskedForEver() {
    environment.own.put(Key.ERROR_RECOVERY_LEVEL, "1");
    initiator.logIn("ErrorRecoveryLevel=1");
    initiator.send(initiator.write10(1, 0, 64, true));
    int asked = 0;
    for (Answer answer = initiator.answer();
        answer.opcode() == 0x31 && asked < 1000;
        answer = initiator.answer()) {
      asked++;
      initiator.send(Initiator.dataOut(1, answer.at(20), 0, answer.at(40), true, new byte[0]));
    }
    initiator.drop();
    assertThat(asked).isLessThan(100);
  }
}
