// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jtgt.backstore.overlay.Event.Deleted;
import org.jtgt.backstore.overlay.Event.Discarded;
import org.jtgt.backstore.overlay.Event.Places;
import org.jtgt.backstore.overlay.Event.Resized;
import org.jtgt.backstore.overlay.Event.RolledBack;
import org.jtgt.backstore.overlay.Event.Taken;

/**
 * The payloads of the frames of a {@link MapLog}, by kind:
 *
 * <pre>
 * 1 places      for each: number of the cluster (8), its place in data, counted in clusters (8);
 *               -1: it reads as zeros, -2: it is the base's
 * 2 taken       identifier of the snapshot (8), milliseconds since 1970 (8), bytes of the name (4),
 *               name in UTF-8, zeros up to a multiple of 16
 * 3 deleted     identifier of the snapshot (8), 0 (8)
 * 4 rolled back identifier of the snapshot (8), 0 (8)
 * 5 discarded   nothing
 * 6 resized     bytes of the head (8), 0 (8)
 * </pre>
 */
final class Frames {
  static final int HEAD_BYTES = 16;

  private static final int PLACES = 1;
  private static final int TAKEN = 2;
  private static final int DELETED = 3;
  private static final int ROLLED_BACK = 4;
  private static final int DISCARDED = 5;
  private static final int RESIZED = 6;

  private Frames() {}

  /** A frame with all but its checksum. */
  static ByteBuffer encode(Event event, int number) {
    return switch (event) {
      case Places places -> {
        ByteBuffer frame = frame(PLACES, number, 8 * places.pairs().length);
        frame.asLongBuffer().put(places.pairs());
        yield frame.clear();
      }
      case Taken taken -> {
        byte[] name = taken.name().getBytes(StandardCharsets.UTF_8);
        ByteBuffer frame = frame(TAKEN, number, (20 + name.length + 15) / 16 * 16);
        frame.putLong(taken.id()).putLong(taken.created().toEpochMilli());
        yield frame.putInt(name.length).put(name).clear();
      }
      case Deleted deleted -> frame(DELETED, number, 16).putLong(deleted.id()).clear();
      case RolledBack back -> frame(ROLLED_BACK, number, 16).putLong(back.id()).clear();
      case Discarded none -> frame(DISCARDED, number, 0).clear();
      case Resized resized -> frame(RESIZED, number, 16).putLong(resized.bytes()).clear();
    };
  }

  private static ByteBuffer frame(int kind, int number, int payloadBytes) {
    return ByteBuffer.allocate(HEAD_BYTES + payloadBytes)
        .putInt(payloadBytes)
        .putInt(number)
        .putInt(kind)
        .putInt(0);
  }

  /**
   * Reads a whole frame.
   *
   * @throws IOException when a later version has written it
   */
  static Event decode(ByteBuffer frame) throws IOException {
    ByteBuffer payload = frame.slice(HEAD_BYTES, frame.capacity() - HEAD_BYTES);
    int kind = frame.getInt(8);
    return switch (kind) {
      case PLACES -> {
        long[] pairs = new long[payload.remaining() / 8];
        payload.asLongBuffer().get(pairs);
        yield new Places(pairs);
      }
      case TAKEN -> {
        long id = payload.getLong();
        Instant created = Instant.ofEpochMilli(payload.getLong());
        byte[] name = new byte[payload.getInt()];
        payload.get(name);
        yield new Taken(id, created, new String(name, StandardCharsets.UTF_8));
      }
      case DELETED -> new Deleted(payload.getLong());
      case ROLLED_BACK -> new RolledBack(payload.getLong());
      case DISCARDED -> new Discarded();
      case RESIZED -> new Resized(payload.getLong());
      default ->
          throw new IOException("path: its map has a frame of the unknown kind %d".formatted(kind));
    };
  }
}
