// SPDX-License-Identifier: Apache-2.0

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;

/**
 * Stands between an initiator and a target and writes every PDU (RFC 7143 11) as text.
 *
 * <pre>java Trace.java LISTEN-PORT TARGET-PORT MOST-DATA-BYTES</pre>
 *
 * Both ports are of 127.0.0.1. {@code >} is what the initiator sent, {@code <} what the target sent, the number
 * before it is the connection. Of a data segment the first MOST-DATA-BYTES are shown. Digests are followed when
 * the login response settles them.
 */
public final class Trace {
  private static final Map<Integer, String> NAMES =
      Map.ofEntries(
          Map.entry(0x00, "NOP-Out"),
          Map.entry(0x01, "SCSI Command"),
          Map.entry(0x02, "Task Management Request"),
          Map.entry(0x03, "Login Request"),
          Map.entry(0x04, "Text Request"),
          Map.entry(0x05, "Data-Out"),
          Map.entry(0x06, "Logout Request"),
          Map.entry(0x20, "NOP-In"),
          Map.entry(0x21, "SCSI Response"),
          Map.entry(0x22, "Task Management Response"),
          Map.entry(0x23, "Login Response"),
          Map.entry(0x24, "Text Response"),
          Map.entry(0x25, "Data-In"),
          Map.entry(0x26, "Logout Response"),
          Map.entry(0x31, "R2T"),
          Map.entry(0x32, "Async Message"),
          Map.entry(0x3f, "Reject"));
  private static final PrintStream OUT = System.out;

  private final int connection;
  private final int mostBytes;
  private volatile boolean headerDigest;
  private volatile boolean dataDigest;

  private Trace(int connection, int mostBytes) {
    this.connection = connection;
    this.mostBytes = mostBytes;
  }

  public static void main(String[] args) throws IOException {
    int target = Integer.parseInt(args[1]);
    InetAddress loopback = InetAddress.getByName("127.0.0.1");
    try (ServerSocket server = new ServerSocket(Integer.parseInt(args[0]), 50, loopback)) {
      for (int n = 1; ; n++) {
        Socket initiator = server.accept();
        Socket onward = new Socket(loopback, target);
        Trace trace = new Trace(n, Integer.parseInt(args[2]));
        Thread.ofVirtual().start(() -> trace.copy(initiator, onward, '>'));
        Thread.ofVirtual().start(() -> trace.copy(onward, initiator, '<'));
      }
    }
  }

  private void copy(Socket from, Socket to, char direction) {
    try (from; to) {
      from.setTcpNoDelay(true);
      to.setTcpNoDelay(true);
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      while (true) {
        byte[] bhs = in.readNBytes(48);
        if (bhs.length < 48) {
          return;
        }
        int ahsBytes = (bhs[4] & 0xff) * 4;
        int dataBytes = ByteBuffer.wrap(bhs).getInt(4) & 0xffffff;
        byte[] header = new DataInputStream(in).readNBytes(ahsBytes + (headerDigest ? 4 : 0));
        int rest = dataBytes == 0 ? 0 : (dataBytes + 3 & ~3) + (dataDigest ? 4 : 0);
        byte[] data = in.readNBytes(rest);
        // Shown before it goes on, so that a request stands before its answer.
        show(direction, bhs, dataBytes, data);
        if (direction == '<' && (bhs[0] & 0x3f) == 0x23) {
          settle(new String(data, StandardCharsets.US_ASCII), bhs);
        }
        out.write(bhs);
        out.write(header);
        out.write(data);
        out.flush();
      }
    } catch (IOException e) {
      // The other side went; so does this one.
    }
  }

  /** RFC 7143 7.3: digests begin behind the last login response. */
  private boolean agreedHeader;

  private boolean agreedData;

  private void settle(String text, byte[] bhs) {
    agreedHeader |= text.contains("HeaderDigest=CRC32C");
    agreedData |= text.contains("DataDigest=CRC32C");
    boolean last = (bhs[1] & 0x83) == 0x83;
    if (last) {
      headerDigest = agreedHeader;
      dataDigest = agreedData;
    }
  }

  private void show(char direction, byte[] bhs, int dataBytes, byte[] data) {
    ByteBuffer b = ByteBuffer.wrap(bhs);
    int opcode = bhs[0] & 0x3f;
    StringBuilder line =
        new StringBuilder(
            "%d %c %-24s ITT %08x".formatted(
                connection, direction, NAMES.getOrDefault(opcode, "opcode " + opcode), b.getInt(16)));
    switch (opcode) {
      case 0x01 ->
          line.append(
              "  LUN %016x  CmdSN %08x  expects %d  CDB %s".formatted(
                  b.getLong(8),
                  b.getInt(24),
                  b.getInt(20),
                  HexFormat.ofDelimiter(" ").formatHex(bhs, 32, 48)));
      case 0x02 ->
          line.append(
              "  LUN %016x  CmdSN %08x  function %d  referenced ITT %08x".formatted(
                  b.getLong(8), b.getInt(24), bhs[1] & 0x7f, b.getInt(20)));
      case 0x21 ->
          line.append(
              "  StatSN %08x  response %02x  status %02x  residual %d".formatted(
                  b.getInt(24), bhs[2], bhs[3], b.getInt(44)));
      case 0x22 -> line.append("  StatSN %08x  response %d".formatted(b.getInt(24), bhs[2] & 0xff));
      case 0x25 ->
          line.append(
              (bhs[1] & 1) == 1
                  ? "  StatSN %08x  offset %d  status %02x  residual %d".formatted(
                      b.getInt(24), b.getInt(40), bhs[3], b.getInt(44))
                  : "  offset %d".formatted(b.getInt(40)));
      case 0x05 -> line.append("  TTT %08x  offset %d".formatted(b.getInt(20), b.getInt(40)));
      case 0x31 ->
          line.append(
              "  TTT %08x  offset %d  length %d".formatted(
                  b.getInt(20), b.getInt(40), b.getInt(44)));
      default -> line.append("  ").append(HexFormat.of().formatHex(bhs, 0, 4));
    }
    if (dataBytes > 0) {
      line.append("  data ").append(dataBytes);
    }
    synchronized (OUT) {
      OUT.println(line);
      for (int at = 0; at < Math.min(dataBytes, mostBytes); at += 16) {
        int end = Math.min(at + 16, Math.min(dataBytes, mostBytes));
        OUT.println(
            "      %04x  %s".formatted(at, HexFormat.ofDelimiter(" ").formatHex(data, at, end)));
      }
      OUT.flush();
    }
  }
}
