// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.sbc;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jtgt.scsi.device.Task;

/** Bytes that lie in several buffers. */
final class Bytes {
  private Bytes() {}

  /**
   * Buffers of their own positions over a part of others, so that both can be used.
   *
   * @param from first byte, counted over all buffers from their positions
   */
  static ByteBuffer[] views(ByteBuffer[] buffers, int count, long from, long length) {
    List<ByteBuffer> views = new ArrayList<>(count);
    long skip = from;
    long left = length;
    for (int i = 0; i < count && left > 0; i++) {
      ByteBuffer buffer = buffers[i];
      if (skip >= buffer.remaining()) {
        skip -= buffer.remaining();
        continue;
      }
      int bytes = (int) Math.min(buffer.remaining() - skip, left);
      views.add(buffer.slice(buffer.position() + (int) skip, bytes));
      skip = 0;
      left -= bytes;
    }
    if (left > 0) {
      throw new IllegalArgumentException(left + " bytes less than expected");
    }
    return views.toArray(ByteBuffer[]::new);
  }

  /** A part of some buffers as an array. */
  static byte[] copy(ByteBuffer[] buffers, int count, long from, int length) {
    byte[] bytes = new byte[length];
    int at = 0;
    for (ByteBuffer view : views(buffers, count, from, length)) {
      int part = view.remaining();
      view.get(bytes, at, part);
      at += part;
    }
    return bytes;
  }

  /**
   * Where the Data-Out Buffer, from an offset, differs from what was read.
   *
   * @return offset of the first byte in what was read, -1 when all are equal
   */
  static long mismatch(Task task, long dataOutOffset, ByteBuffer[] read, long length) {
    ByteBuffer[] sent = views(task.dataOut(), task.dataOutBuffers(), dataOutOffset, length);
    int at = 0;
    long done = 0;
    for (ByteBuffer part : sent) {
      while (part.hasRemaining()) {
        ByteBuffer other = read[at].duplicate().rewind();
        // What of this buffer was compared already.
        other.position(positionIn(read, at, done));
        if (!other.hasRemaining()) {
          at++;
          continue;
        }
        int bytes = Math.min(part.remaining(), other.remaining());
        int wrong =
            part.slice(part.position(), bytes).mismatch(other.slice(other.position(), bytes));
        if (wrong >= 0) {
          return done + wrong;
        }
        part.position(part.position() + bytes);
        done += bytes;
      }
    }
    return -1;
  }

  private static int positionIn(ByteBuffer[] read, int index, long done) {
    long before = 0;
    for (int i = 0; i < index; i++) {
      before += read[i].limit();
    }
    return (int) (done - before);
  }

  /** Where what was read differs from one block repeated; -1 when nowhere. */
  static long mismatchOfRepeated(byte[] block, ByteBuffer[] read, long length) {
    long at = 0;
    for (ByteBuffer buffer : read) {
      for (int i = 0; i < buffer.limit() && at < length; i++, at++) {
        if (buffer.get(i) != block[(int) (at % block.length)]) {
          return at;
        }
      }
    }
    return -1;
  }

  /** Whether all bytes are zero. */
  static boolean zero(byte[] bytes) {
    for (byte b : bytes) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  /** Fills buffers, from position 0 to limit, with a block repeated. */
  static void fill(ByteBuffer[] buffers, byte[] block) {
    int at = 0;
    for (ByteBuffer buffer : buffers) {
      for (int i = 0; i < buffer.limit(); ) {
        int bytes = Math.min(block.length - at, buffer.limit() - i);
        buffer.put(i, block, at, bytes);
        at = (at + bytes) % block.length;
        i += bytes;
      }
    }
  }
}
