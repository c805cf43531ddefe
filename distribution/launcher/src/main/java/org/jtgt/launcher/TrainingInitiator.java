// SPDX-License-Identifier: Apache-2.0
package org.jtgt.launcher;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The little of an initiator that a training run needs: logs in, reads and writes a block (RFC 7143
 * 11.12, 11.3). It takes the target's values and expects no trouble.
 */
final class TrainingInitiator implements AutoCloseable {
  private static final int BHS = 48;
  private static final int BLOCKS = 8;
  private static final int BYTES = BLOCKS * 512;
  private static final long PATIENCE_MILLISECONDS = 30_000;
  private static final int READS = 0x40;
  private static final int WRITES = 0x20;

  private final Socket socket;
  private final DataInputStream in;
  private int commandNumber = 1;
  private int expectedStatus;

  private TrainingInitiator(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    in = new DataInputStream(socket.getInputStream());
  }

  /** Waits until the target serves, then does everything once. */
  static void run(int port, String target) throws IOException, InterruptedException {
    long end = System.currentTimeMillis() + PATIENCE_MILLISECONDS;
    while (true) {
      try (TrainingInitiator initiator = new TrainingInitiator(port)) {
        initiator.login(target);
        // The first command gets the unit attention of the power on.
        initiator.command(0, 0, new byte[16], new byte[0]);
        initiator.command(WRITES, BYTES, cdb(0x2a), new byte[BYTES]);
        initiator.command(READS, BYTES, cdb(0x28), new byte[0]);
        return;
      } catch (IOException notYet) {
        if (System.currentTimeMillis() > end) {
          throw notYet;
        }
        Thread.sleep(20);
      }
    }
  }

  private static byte[] cdb(int opcode) {
    return ByteBuffer.allocate(16).put(0, (byte) opcode).put(8, (byte) BLOCKS).array();
  }

  private void login(String target) throws IOException {
    byte[] keys =
        ("InitiatorName=iqn.2026-11.org.jtgt:training-initiator\0TargetName=" + target + "\0")
            .getBytes(StandardCharsets.UTF_8);
    ByteBuffer login = ByteBuffer.allocate(BHS);
    // Immediate; from operational negotiation to full feature phase.
    login.put(0, (byte) 0x43).put(1, (byte) 0x87).putInt(4, keys.length);
    login.put(8, (byte) 0x80).put(13, (byte) 1).putInt(24, commandNumber);
    send(login, keys);
    ByteBuffer answer = receive();
    if (answer.get(0) != 0x23 || answer.getShort(36) != 0) {
      throw new IOException(
          "the target refuses the login: status %04x".formatted(answer.getShort(36)));
    }
    expectedStatus = answer.getInt(24) + 1;
  }

  private void command(int direction, int bytes, byte[] cdb, byte[] data) throws IOException {
    ByteBuffer command = ByteBuffer.allocate(BHS);
    command.put(0, (byte) 0x01).put(1, (byte) (0x81 | direction)).putInt(4, data.length);
    command.putInt(16, commandNumber).putInt(20, bytes).putInt(24, commandNumber);
    command.putInt(28, expectedStatus).put(32, cdb);
    commandNumber++;
    send(command, data);
    boolean ended = false;
    while (!ended) {
      ByteBuffer answer = receive();
      // A SCSI Response, or a Data-In that brings the status.
      ended = answer.get(0) == 0x21 || (answer.get(0) == 0x25 && (answer.get(1) & 1) != 0);
    }
    expectedStatus++;
  }

  private void send(ByteBuffer header, byte[] data) throws IOException {
    byte[] pdu = new byte[BHS + (data.length + 3 & ~3)];
    header.get(0, pdu, 0, BHS);
    System.arraycopy(data, 0, pdu, BHS, data.length);
    socket.getOutputStream().write(pdu);
  }

  private ByteBuffer receive() throws IOException {
    ByteBuffer header = ByteBuffer.wrap(in.readNBytes(BHS));
    if (header.remaining() < BHS) {
      throw new IOException("the target has closed the connection");
    }
    in.skipNBytes((header.getInt(4) & 0xffffff) + 3 & ~3);
    return header;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
