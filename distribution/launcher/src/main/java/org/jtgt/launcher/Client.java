// SPDX-License-Identifier: Apache-2.0
package org.jtgt.launcher;

import java.io.IOException;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * {@code jtgt shell} and {@code jtgt COMMAND...}: asks the running daemon through its socket. The
 * protocol is described in the package of the bundle {@code org.jtgt.shell.socket}.
 */
public final class Client {
  private static final int USAGE = 2;
  private static final int PIECE = 16 << 10;

  private final SocketChannel channel;

  private Client(SocketChannel channel) {
    this.channel = channel;
  }

  /** Exit status: 0 done, 1 the command failed, 2 not understood or no daemon. */
  public static void main(String[] words) {
    int status;
    try {
      Path home = Path.of(System.getProperty("jtgt.home", ".")).toAbsolutePath().normalize();
      Arguments arguments = Arguments.parse(home, List.of(words));
      status = run(arguments.folders().socket(), arguments.rest());
    } catch (Arguments.UsageException | IOException e) {
      System.err.println("jtgt: " + e.getMessage());
      status = USAGE;
    }
    System.out.flush();
    System.err.flush();
    // Not exit: a thread may still wait for a key.
    Runtime.getRuntime().halt(status);
  }

  private static int run(Path socket, List<String> words) throws IOException {
    try (SocketChannel channel = connect(socket)) {
      var client = new Client(channel);
      if (!words.isEmpty() && words.getFirst().equals("shell")) {
        if (words.size() > 1) {
          throw new IOException("jtgt shell takes no words; a single command is: jtgt COMMAND");
        }
        return Tty.present() ? client.terminal() : client.script();
      }
      return client.command(words);
    }
  }

  private static SocketChannel connect(Path socket) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
      return channel;
    } catch (IOException e) {
      channel.close();
      if (e instanceof AccessDeniedException || Files.exists(socket) && !Files.isWritable(socket)) {
        throw new IOException(socket + " belongs to another user", e);
      }
      throw new IOException(
          "no daemon runs on the state folder " + socket.getParent() + "; start one: jtgt daemon",
          e);
    }
  }

  private int command(List<String> words) throws IOException {
    mode('C');
    for (String word : words) {
      write('w', word.getBytes(StandardCharsets.UTF_8));
    }
    write('e', new byte[0]);
    return answer();
  }

  private int script() throws IOException {
    mode('S');
    byte[] piece = new byte[PIECE];
    for (int n = System.in.read(piece); n >= 0; n = System.in.read(piece)) {
      write('d', java.util.Arrays.copyOf(piece, n));
    }
    write('e', new byte[0]);
    return answer();
  }

  private int terminal() throws IOException {
    try (Tty tty = Tty.raw()) {
      Runtime.getRuntime().addShutdownHook(new Thread(tty::close));
      mode('T');
      write('s', tty.size().getBytes(StandardCharsets.UTF_8));
      Thread.ofPlatform().daemon().name("jtgt-keys").start(() -> keys(tty));
      return answer();
    }
  }

  /** Sends what is typed; a change of the window's size is noticed with the next key. */
  private void keys(Tty tty) {
    byte[] piece = new byte[PIECE];
    String size = tty.size();
    long looked = System.nanoTime();
    try {
      for (int n = System.in.read(piece); n >= 0; n = System.in.read(piece)) {
        if (System.nanoTime() - looked > 1_000_000_000L) {
          looked = System.nanoTime();
          String now = tty.size();
          if (!now.equals(size)) {
            size = now;
            write('s', now.getBytes(StandardCharsets.UTF_8));
          }
        }
        write('d', java.util.Arrays.copyOf(piece, n));
      }
      write('e', new byte[0]);
    } catch (IOException sessionIsOver) {
      return;
    }
  }

  private int answer() throws IOException {
    while (true) {
      ByteBuffer head = read(5);
      if (head.remaining() < 5) {
        throw new IOException("the daemon has stopped");
      }
      char kind = (char) head.get();
      byte[] bytes = read(head.getInt()).array();
      switch (kind) {
        case 'o' -> print(System.out, bytes);
        case 'x' -> print(System.err, bytes);
        case 'q' -> {
          return Integer.parseInt(new String(bytes, StandardCharsets.US_ASCII));
        }
        default -> throw new IOException("the daemon speaks another version");
      }
    }
  }

  private static void print(PrintStream stream, byte[] bytes) {
    stream.write(bytes, 0, bytes.length);
    stream.flush();
  }

  /** That many bytes, or fewer when the daemon has closed. */
  private ByteBuffer read(int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    while (buffer.hasRemaining() && channel.read(buffer) >= 0) {}
    return buffer.flip();
  }

  private void mode(char mode) throws IOException {
    channel.write(ByteBuffer.wrap(new byte[] {(byte) mode}));
  }

  private synchronized void write(char kind, byte[] bytes) throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(5 + bytes.length);
    frame.put((byte) kind).putInt(bytes.length).put(bytes).flip();
    while (frame.hasRemaining()) {
      channel.write(frame);
    }
  }
}
