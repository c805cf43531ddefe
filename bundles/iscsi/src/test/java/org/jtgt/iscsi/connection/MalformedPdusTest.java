// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jtgt.iscsi.connection.Initiator.NONE;
import static org.jtgt.iscsi.connection.Initiator.pattern;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jtgt.iscsi.connection.Initiator.Answer;
import org.jtgt.iscsi.connection.Initiator.Pdu;
import org.jtgt.iscsi.text.Key;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What an initiator sends may be anything: it leads to an answer, a Reject or the end of its
 * connection, never to an exception, never to memory that stays, never to harm for another session.
 * {@code -Djtgt.fuzz.rounds=100000} is the long form.
 */
class MalformedPdusTest {
  private static final int ROUNDS = Integer.getInteger("jtgt.fuzz.rounds", 300);
  private static final int[] OPCODES = {
    0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x10, 0x1c, 0x1f, 0x20, 0x25, 0x31, 0x3f
  };
  private static final int TARGET_COLD_RESET = 7;

  private final FakeEnvironment environment = new FakeEnvironment();
  private final Deque<Runnable> engine = new ArrayDeque<>();
  private final FakeTarget target = new FakeTarget(Initiator.TARGET, 1 << 20, engine::add);

  private Initiator goodOne() {
    Initiator good = new Initiator(environment).isid(0x400000000099L);
    good.logIn("MaxRecvDataSegmentLength=65536");
    return good;
  }

  private void run(Initiator... initiators) {
    while (!engine.isEmpty()) {
      engine.poll().run();
    }
    for (Initiator each : initiators) {
      each.wire.runLoop();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void nothingThatIsSentDoesHarm_7_7(long seed) {
    Random random = new Random(seed);
    environment.targets.put(Initiator.TARGET, target);
    environment.own.put(Key.ERROR_RECOVERY_LEVEL, "2");
    environment.own.put(Key.MAX_CONNECTIONS, "3");
    target.disk().put(0, pattern(4096, 1));
    Initiator good = goodOne();
    Set<Integer> answered = new HashSet<>();
    for (int round = 0; round < ROUNDS; round++) {
      Initiator bad = new Initiator(environment).isid(0x400000000000L | random.nextInt(1 << 20));
      if (random.nextInt(8) > 0) {
        bad.logIn(
            "ErrorRecoveryLevel=" + random.nextInt(3),
            "MaxConnections=3",
            "DefaultTime2Retain=" + random.nextInt(2),
            "ImmediateData=" + (random.nextBoolean() ? "Yes" : "No"),
            "InitialR2T=" + (random.nextBoolean() ? "Yes" : "No"));
      }
      for (int i = 0; i < 12 && !bad.wire.closed; i++) {
        send(bad, bytes(bad, random), random);
        if (random.nextBoolean()) {
          run(bad);
        }
      }
      bad.drop();
      run(bad, good);
      bad.wire.pass(30_000);
      run(bad, good);
      assertThat(bad.wire.unreleased()).as("seed %d, round %d", seed, round).isZero();
      List<Answer> answers = bad.answers();
      assertThat(answers).allSatisfy(MalformedPdusTest::assertKnown);
      answers.forEach(answer -> answered.add(answer.opcode()));
    }
    assertThat(answered).as("kinds of answers").contains(0x20, 0x21, 0x22, 0x25, 0x26, 0x31, 0x3f);
    assertThat(good.wire.closed).isFalse();
    good.send(good.read10(1, 0, 8));
    run(good);
    List<Answer> answers = good.answers();
    assertThat(answers.getLast().data()).isEqualTo(pattern(4096, 1));
    good.drop();
    run(good);
    assertThat(environment.sessions.sessions()).as("sessions left").isEmpty();
    assertThat(target.nexuses).as("nexuses left").isEmpty();
  }

  private static void assertKnown(Answer answer) {
    assertThat(answer.opcode()).isIn(0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x31, 0x32, 0x3f);
  }

  /** Mostly PDUs with some fields at random, at times plain noise. */
  private static byte[] bytes(Initiator from, Random random) {
    if (random.nextInt(40) == 0) {
      byte[] noise = new byte[random.nextInt(200)];
      random.nextBytes(noise);
      return noise;
    }
    List<byte[]> parts = new ArrayList<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      parts.add(pdu(from, random).bytes());
    }
    byte[] all = new byte[parts.stream().mapToInt(part -> part.length).sum()];
    int at = 0;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    if (random.nextInt(12) == 0 && all[0] != 0x42) {
      all[4 + random.nextInt(4)] = (byte) random.nextInt();
    }
    return random.nextInt(15) == 0 ? Arrays.copyOf(all, random.nextInt(all.length)) : all;
  }

  private static Pdu pdu(Initiator from, Random random) {
    Pdu pdu =
        switch (random.nextInt(7)) {
          case 0 -> from.read10(1 + random.nextInt(4), random.nextInt(64), random.nextInt(40));
          case 1 ->
              from.write10(
                  1 + random.nextInt(4),
                  random.nextInt(64),
                  random.nextInt(40),
                  random.nextBoolean());
          case 2 ->
              Initiator.dataOut(
                  1 + random.nextInt(4),
                  random.nextBoolean() ? NONE : 1 + random.nextInt(4),
                  random.nextInt(3),
                  512 * random.nextInt(20),
                  random.nextBoolean(),
                  new byte[512 * random.nextInt(9)]);
          case 3 ->
              Initiator.snack(
                  random.nextInt(5),
                  1 + random.nextInt(4),
                  random.nextBoolean() ? NONE : random.nextInt(5),
                  random.nextInt(4),
                  random.nextInt(4));
          case 4 -> management(from, random);
          case 5 -> from.logout(random.nextInt(4), 9, random.nextInt(3));
          default ->
              new Pdu(
                      OPCODES[random.nextInt(OPCODES.length)] | (random.nextBoolean() ? 0x40 : 0),
                      random.nextInt(256))
                  .set(16, random.nextInt(6))
                  .set(20, random.nextBoolean() ? NONE : random.nextInt())
                  .set(24, from.cmdSn())
                  .data(new byte[random.nextInt(600)]);
        };
    boolean management = (pdu.head.get(0) & 0x3f) == 2;
    for (int i = random.nextInt(4); i > 0; i--) {
      // Byte 1 of task management stays: TARGET COLD RESET is no accident for the others.
      int at = management ? 8 + random.nextInt(40) : 1 + random.nextInt(47);
      if (at < 4 || at > 7) {
        pdu.setByte(at, random.nextInt());
      }
    }
    if (management && (pdu.head.get(1) & 0x7f) == TARGET_COLD_RESET) {
      pdu.setByte(1, 0x85);
    }
    if (random.nextInt(10) == 0) {
      byte[] ahs = new byte[4 * random.nextInt(8)];
      random.nextBytes(ahs);
      pdu.ahs(ahs);
    }
    return pdu;
  }

  private static Pdu management(Initiator from, Random random) {
    int function = random.nextInt(16);
    return from.taskManagement(
        function == TARGET_COLD_RESET ? 1 : function,
        100,
        random.nextInt(6),
        from.cmdSn() - random.nextInt(4));
  }

  /** In pieces, as TCP may deliver. */
  private static void send(Initiator to, byte[] bytes, Random random) {
    int at = 0;
    while (at < bytes.length && !to.wire.closed) {
      int length = random.nextBoolean() ? bytes.length - at : 1 + random.nextInt(bytes.length - at);
      // As Netty reads: into the buffer that the connection chose, perhaps a data segment's own.
      ByteBuf piece = to.connection.nextBuffer(length);
      length = Math.min(length, piece.writableBytes());
      piece.writeBytes(bytes, at, length);
      to.sendRaw(piece);
      at += length;
    }
  }

  @Test
  void bytesThatAreNoLoginEndTheConnection_6_3() {
    environment.targets.put(Initiator.TARGET, target);
    Random random = new Random(7);
    for (int round = 0; round < ROUNDS; round++) {
      Initiator bad = new Initiator(environment);
      byte[] noise = new byte[48 + random.nextInt(3000)];
      random.nextBytes(noise);
      noise[0] = (byte) (random.nextInt(64) == 3 ? 0 : random.nextInt(64));
      send(bad, noise, random);
      bad.drop();
      assertThat(bad.wire.unreleased()).isZero();
    }
    assertThat(environment.sessions.sessions()).isEmpty();
  }
}
