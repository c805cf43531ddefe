// SPDX-License-Identifier: Apache-2.0
package org.jtgt.shell.socket;

import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Frames on one connection, read by one thread, written by several. */
final class Frames {
  private static final int MAX_BYTES = 1 << 20;

  /** One frame. */
  record Frame(char kind, byte[] bytes) {
    String text() {
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }

  private final ByteChannel channel;

  Frames(ByteChannel channel) {
    this.channel = channel;
  }

  /** The mode byte a connection begins with. */
  char mode() throws IOException {
    return (char) read(1).get();
  }

  /** The next frame; empty when the other side has closed. */
  Optional<Frame> next() throws IOException {
    ByteBuffer head;
    try {
      head = read(5);
    } catch (EOFException closed) {
      return Optional.empty();
    }
    char kind = (char) head.get();
    int bytes = head.getInt();
    if (bytes < 0 || bytes > MAX_BYTES) {
      throw new IOException("a frame of " + bytes + " bytes");
    }
    return Optional.of(new Frame(kind, read(bytes).array()));
  }

  private ByteBuffer read(int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new EOFException();
      }
    }
    return buffer.flip();
  }

  synchronized void write(char kind, byte[] bytes, int offset, int length) throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(5 + length);
    frame.put((byte) kind).putInt(length).put(bytes, offset, length).flip();
    while (frame.hasRemaining()) {
      channel.write(frame);
    }
  }

  void write(char kind, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    write(kind, bytes, 0, bytes.length);
  }

  /** A stream whose bytes go out as frames of that kind. */
  OutputStream stream(char kind) {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        for (int done = 0; done < length; done += MAX_BYTES) {
          Frames.this.write(kind, bytes, offset + done, Math.min(MAX_BYTES, length - done));
        }
      }
    };
  }
}
