// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The other end of a {@link Connection}: builds PDUs byte by byte and reads the answers. */
final class Initiator {
  static final String TARGET = "iqn.2026-11.org.jtgt:t0";
  static final String NAME = "iqn.2026-11.org.example:i0";
  static final int NONE = 0xffffffff;

  final FakeWire wire = new FakeWire(new InetSocketAddress("127.0.0.1", 3260));
  final Connection connection;
  private int read;
  private int cmdSn = 100;
  private long isid = 0x400000000001L;
  private int cid = 1;

  Initiator(FakeEnvironment environment) {
    connection = new Connection(wire, environment, Instant.EPOCH);
  }

  Initiator isid(long value) {
    isid = value;
    return this;
  }

  /** A PDU under construction. */
  static final class Pdu {
    final ByteBuffer head = ByteBuffer.allocate(48);
    byte[] ahs = new byte[0];
    byte[] data = new byte[0];

    Pdu(int opcode, int flags) {
      head.put(0, (byte) opcode).put(1, (byte) flags);
    }

    Pdu set(int at, int value) {
      head.putInt(at, value);
      return this;
    }

    Pdu setByte(int at, int value) {
      head.put(at, (byte) value);
      return this;
    }

    Pdu setShort(int at, int value) {
      head.putShort(at, (short) value);
      return this;
    }

    Pdu setLong(int at, long value) {
      head.putLong(at, value);
      return this;
    }

    Pdu immediate() {
      head.put(0, (byte) (head.get(0) | 0x40));
      return this;
    }

    Pdu data(byte[] bytes) {
      data = bytes;
      return this;
    }

    Pdu text(String... pairs) {
      data = (String.join("\0", pairs) + "\0").getBytes(StandardCharsets.UTF_8);
      return this;
    }

    Pdu ahs(byte[] bytes) {
      ahs = bytes;
      return this;
    }

    byte[] bytes() {
      head.putInt(4, ahs.length / 4 << 24 | data.length);
      byte[] all = Arrays.copyOf(head.array(), 48 + ahs.length + ((data.length + 3) & ~3));
      System.arraycopy(ahs, 0, all, 48, ahs.length);
      System.arraycopy(data, 0, all, 48 + ahs.length, data.length);
      return all;
    }
  }

  /** An answer. */
  record Answer(ByteBuffer head, byte[] data) {
    int opcode() {
      return head.get(0) & 0x3f;
    }

    int flags() {
      return head.get(1) & 0xff;
    }

    int byteAt(int at) {
      return head.get(at) & 0xff;
    }

    int shortAt(int at) {
      return head.getShort(at) & 0xffff;
    }

    int at(int index) {
      return head.getInt(index);
    }

    String text() {
      return new String(data, StandardCharsets.UTF_8).replace('\0', '\n');
    }
  }

  int nextCmdSn() {
    return cmdSn++;
  }

  int cmdSn() {
    return cmdSn;
  }

  void cmdSn(int value) {
    cmdSn = value;
  }

  /** Sends PDUs as one read of the socket. */
  void send(Pdu... pdus) {
    int bytes = Arrays.stream(pdus).mapToInt(p -> p.bytes().length).sum();
    ByteBuf buffer = wire.allocator().directBuffer(Math.max(1, bytes));
    for (Pdu pdu : pdus) {
      buffer.writeBytes(pdu.bytes());
    }
    sendRaw(buffer);
  }

  void sendRaw(ByteBuf buffer) {
    connection.received(buffer);
    connection.readComplete();
    wire.runLoop();
    if (wire.closed) {
      connection.closed();
      wire.runLoop();
    }
  }

  /** The answers since the last call. */
  List<Answer> answers() {
    List<Answer> answers = new ArrayList<>();
    for (; read < wire.written.size(); read++) {
      byte[] bytes = wire.written.get(read);
      ByteBuffer head = ByteBuffer.wrap(Arrays.copyOf(bytes, 48));
      int length = head.getInt(4) & 0xffffff;
      answers.add(new Answer(head, Arrays.copyOfRange(bytes, 48, 48 + length)));
    }
    return answers;
  }

  /** The only answer since the last call. */
  Answer answer() {
    List<Answer> answers = answers();
    if (answers.size() != 1) {
      throw new AssertionError("expected one answer, got " + answers);
    }
    return answers.get(0);
  }

  /** A Login Request from operational to full feature, or what flags say. */
  Pdu login(int flags, int tsih, String... pairs) {
    return new Pdu(0x43, flags)
        .setLong(8, isid << 16 | tsih)
        .set(16, 7)
        .setShort(20, cid)
        .set(24, cmdSn)
        .text(pairs);
  }

  /** Logs in to {@link #TARGET} with keys. */
  Initiator logIn(String... more) {
    List<String> pairs = new ArrayList<>(List.of("InitiatorName=" + NAME, "TargetName=" + TARGET));
    pairs.addAll(List.of(more));
    send(login(0x87, 0, pairs.toArray(String[]::new)));
    Answer answer = answer();
    if (answer.shortAt(36) != 0) {
      throw new AssertionError("login status " + Integer.toHexString(answer.shortAt(36)));
    }
    return this;
  }

  /** Adds a connection to a session, or reinstates one; fails when the login does. */
  Initiator join(int tsih, int newCid, int nextCmdSn, String... more) {
    cid = newCid;
    cmdSn = nextCmdSn;
    List<String> pairs = new ArrayList<>(List.of("InitiatorName=" + NAME, "TargetName=" + TARGET));
    pairs.addAll(List.of(more));
    send(login(0x87, tsih, pairs.toArray(String[]::new)));
    return this;
  }

  /** A SNACK Request. */
  static Pdu snack(int type, int itt, int ttt, int begRun, int runLength) {
    return new Pdu(0x10, 0x80 | type).set(16, itt).set(20, ttt).set(40, begRun).set(44, runLength);
  }

  /** A Logout Request outside the numbering. */
  Pdu logout(int reason, int itt, int namedCid) {
    return new Pdu(0x46, 0x80 | reason).set(16, itt).setShort(20, namedCid).set(24, cmdSn);
  }

  /** A NOP-Out that acknowledges every response before a StatSN. */
  Pdu acknowledge(int expStatSn) {
    return new Pdu(0x40, 0x80).set(16, NONE).set(20, NONE).set(24, cmdSn).set(28, expStatSn);
  }

  /** TCP ends. */
  void drop() {
    connection.closed();
    wire.runLoop();
  }

  /** Logs in to a discovery session. */
  Initiator discover() {
    send(login(0x87, 0, "InitiatorName=" + NAME, "SessionType=Discovery"));
    answer();
    return this;
  }

  /** A SCSI Command with READ (10). */
  Pdu read10(int itt, int lba, int blocks) {
    return command(0x81 | 0x40, itt, blocks * FakeTarget.BLOCK, 0x28, lba, blocks);
  }

  /** A SCSI Command with WRITE (10); F as given. */
  Pdu write10(int itt, int lba, int blocks, boolean last) {
    return command((last ? 0x80 : 0) | 0x21, itt, blocks * FakeTarget.BLOCK, 0x2a, lba, blocks);
  }

  Pdu command(int flags, int itt, int expected, int opcode, int lba, int blocks) {
    Pdu pdu =
        new Pdu(0x01, flags)
            .set(16, itt)
            .set(20, expected)
            .set(24, nextCmdSn())
            .setByte(32, opcode);
    return pdu.set(34, lba).setShort(39, blocks);
  }

  /** A Data-Out. */
  static Pdu dataOut(int itt, int ttt, int dataSn, int offset, boolean last, byte[] data) {
    return new Pdu(0x05, last ? 0x80 : 0)
        .set(16, itt)
        .set(20, ttt)
        .set(36, dataSn)
        .set(40, offset)
        .data(data);
  }

  Pdu taskManagement(int function, int itt, int referenced, int refCmdSn) {
    return new Pdu(0x42, 0x80 | function)
        .set(16, itt)
        .set(20, referenced)
        .set(24, cmdSn)
        .set(32, refCmdSn);
  }

  static byte[] pattern(int bytes, int seed) {
    byte[] data = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      data[i] = (byte) (i * 31 + i / 512 + seed);
    }
    return data;
  }
}
