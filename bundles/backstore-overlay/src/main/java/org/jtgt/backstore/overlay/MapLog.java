// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The file {@code map}: where the clusters of the head and of its snapshots lie in the file {@code
 * data}. A header, then frames that are only ever appended. Big-endian:
 *
 * <pre>
 * header, 512 bytes:              frame, a multiple of 16 bytes:
 *   0  8  "JTGTCOW1"                0  4  bytes of the payload
 *   8  4  version, 2                4  4  number of this frame, from 0
 *  12  4  bytes of a cluster        8  4  kind
 *  16  8  bytes of the base        12  4  CRC-32C of the UUID, bytes 0 to 11 and the payload
 *  24 16  UUID of the overlay      16     payload, see {@link Frames}
 *  40  4  bytes of the identity
 *  44     identity of the base, UTF-8
 * 508  4  CRC-32C of bytes 0 to 507
 * </pre>
 *
 * A frame is stable before the next one is written. So the first frame that is not whole is what
 * was being written when the power or the process went, and ends the map; whole frames behind it
 * mean that the file is damaged, and it is refused. Behind the last frame zeros are kept in store,
 * so that a flush needs no space that may be gone.
 *
 * <p>Thread rules: one thread at a time appends or rewrites; the caller sees to it. Another may
 * {@link #reserve} while it appends, not while it rewrites. What both change, they change under the
 * monitor, together with the bytes that it stands for: {@link #end}, where the last stable frame
 * ends, and {@link #written}, up to where there is a frame or a zero that is kept. Zeros are stored
 * from {@link #written} on only, so never over a frame that is stable or being made so. A frame
 * that could not be written moves neither; the next is written over what there is of it.
 */
final class MapLog implements Closeable {
  static final String FILE = "map";
  static final int HEADER_BYTES = 512;

  private static final long MAGIC = 0x4A54_4754_434F_5731L;
  private static final int VERSION = 2;
  private static final int HEAD = Frames.HEAD_BYTES;
  private static final int MOST_PAYLOAD = Event.MOST_PAIRS * 16;
  private static final int STORE_BYTES = 1 << 16;
  private static final int MOST_IDENTITY_BYTES = 460;

  /** What an overlay is, fixed when it is made. */
  record Header(int clusterBytes, long baseBytes, UUID uuid, String base) {}

  private final Header header;
  private Disk disk;
  private long end = HEADER_BYTES;
  private long written = HEADER_BYTES;
  private int count;
  private boolean broken;

  private MapLog(Disk disk, Header header) {
    this.disk = disk;
    this.header = header;
  }

  Header header() {
    return header;
  }

  /** Bytes of its frames. */
  long frameBytes() {
    return end - HEADER_BYTES;
  }

  /** Whether what was appended may be lost, so that nothing can be promised any more. */
  boolean broken() {
    return broken;
  }

  /** Makes a map. It is there when this returns, or not at all. */
  static MapLog create(Folder folder, Header header) throws IOException {
    byte[] base = header.base().getBytes(StandardCharsets.UTF_8);
    if (base.length > MOST_IDENTITY_BYTES) {
      throw new IOException(
          "base: its identity is longer than %d bytes".formatted(MOST_IDENTITY_BYTES));
    }
    return new MapLog(folder.replace(FILE, disk -> disk.write(0, encoded(header, base))), header);
  }

  private static ByteBuffer encoded(Header header, byte[] base) {
    ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES);
    bytes.putLong(MAGIC).putInt(VERSION).putInt(header.clusterBytes()).putLong(header.baseBytes());
    bytes.putLong(header.uuid().getMostSignificantBits());
    bytes.putLong(header.uuid().getLeastSignificantBits());
    bytes.putInt(base.length).put(base);
    bytes.putInt(HEADER_BYTES - 4, crc(bytes.slice(0, HEADER_BYTES - 4)));
    return bytes.clear();
  }

  /**
   * Reads the header of a map.
   *
   * @throws IOException when it is none, or damaged
   */
  static Header header(Disk disk) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES);
    if (disk.read(0, bytes) < HEADER_BYTES || bytes.getLong(0) != MAGIC) {
      throw new IOException("path: its map is not the map of an overlay");
    }
    if (bytes.getInt(8) != VERSION) {
      throw new IOException(
          "path: its map has version %d; allowed: %d".formatted(bytes.getInt(8), VERSION));
    }
    if (crc(bytes.slice(0, HEADER_BYTES - 4)) != bytes.getInt(HEADER_BYTES - 4)) {
      throw new IOException("path: the header of its map is damaged");
    }
    return new Header(
        bytes.getInt(12),
        bytes.getLong(16),
        new UUID(bytes.getLong(24), bytes.getLong(32)),
        new String(bytes.array(), 44, bytes.getInt(40), StandardCharsets.UTF_8));
  }

  /**
   * Reads the frames of a map.
   *
   * @param events takes what they tell, in order
   * @throws IOException when it is damaged
   */
  static MapLog open(Disk disk, Header header, Listener events) throws IOException {
    MapLog log = new MapLog(disk, header);
    log.replay(events);
    return log;
  }

  private void replay(Listener events) throws IOException {
    written = disk.sizeBytes();
    ReadAhead file = new ReadAhead(disk);
    for (ByteBuffer frame = frame(file, end, count);
        frame != null;
        frame = frame(file, end, count)) {
      events.event(Frames.decode(frame));
      end += frame.limit();
      count++;
    }
    for (long at = end + 16; at + HEAD <= written; at += 16) {
      // Most of what is there are zeros, kept in store.
      if (frame(file, at, -1) != null) {
        throw new IOException(
            "path: its map is damaged at byte %d: there are whole frames behind".formatted(end));
      }
    }
  }

  /**
   * The frame at a place; null when there is no whole one.
   *
   * @param number its number; -1: any after {@link #count}
   */
  private @Nullable ByteBuffer frame(ReadAhead file, long at, int number) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(HEAD);
    if (file.read(at, head) < HEAD) {
      return null;
    }
    int payload = head.getInt(0);
    int found = head.getInt(4);
    boolean numbered = number < 0 ? found - count > 0 : found == number;
    if (!numbered || payload < 0 || payload > MOST_PAYLOAD || payload % 16 != 0) {
      return null;
    }
    ByteBuffer whole = ByteBuffer.allocate(HEAD + payload);
    return file.read(at, whole) == whole.capacity() && whole.getInt(12) == crc(header, whole)
        ? whole
        : null;
  }

  /** Makes sure that so many pairs can be appended; space is taken now. */
  synchronized void reserve(int pairs) throws IOException {
    long needed = end + (2L * HEAD + 16L) * (1 + pairs / Event.MOST_PAIRS) + 16L * pairs;
    while (written < needed) {
      disk.write(written, ByteBuffer.allocate(STORE_BYTES));
      written += STORE_BYTES;
    }
  }

  /**
   * Appends what happened and makes it stable.
   *
   * @throws IOException when it failed; nothing is appended then, unless the map is {@link #broken}
   */
  void append(List<Event> events) throws IOException {
    // One after the other: of two that are written together the second alone may survive a crash.
    for (Event event : events) {
      ByteBuffer frame = Frames.encode(event, count);
      frame.putInt(12, crc(header, frame));
      synchronized (this) {
        disk.write(end, frame);
        written = Math.max(written, end + frame.limit());
      }
      broken = true;
      disk.force();
      broken = false;
      synchronized (this) {
        end += frame.limit();
      }
      count++;
    }
  }

  /** Takes one event after the other. */
  @FunctionalInterface
  interface Listener {
    void event(Event event) throws IOException;
  }

  /** Tells one event after the other, so that no more of them are in memory. */
  @FunctionalInterface
  interface History {
    void tell(Listener listener) throws IOException;
  }

  /**
   * Tells the same in fewer frames: takes the place of what was appended so far.
   *
   * @throws IOException when it failed; the map is as it was then, unless it is {@link #broken}
   */
  void rewrite(Folder folder, History history) throws IOException {
    byte[] base = header.base().getBytes(StandardCharsets.UTF_8);
    long[] at = {HEADER_BYTES};
    int[] number = {0};
    Disk fresh =
        folder.replace(
            FILE,
            file -> {
              file.write(0, encoded(header, base));
              history.tell(event -> {
                ByteBuffer frame = Frames.encode(event, number[0]++);
                frame.putInt(12, crc(header, frame));
                file.write(at[0], frame);
                at[0] += frame.limit();
              });
              // From here on nobody knows which of the two files has the name.
              broken = true;
            });
    Disk old = disk;
    synchronized (this) {
      disk = fresh;
      end = at[0];
      written = end;
    }
    count = number[0];
    broken = false;
    old.close();
  }

  private static int crc(Header header, ByteBuffer frame) {
    CRC32C crc = new CRC32C();
    ByteBuffer uuid = ByteBuffer.allocate(16);
    uuid.putLong(header.uuid().getMostSignificantBits());
    uuid.putLong(header.uuid().getLeastSignificantBits());
    crc.update(uuid.flip());
    crc.update(frame.slice(0, 12));
    crc.update(frame.slice(HEAD, frame.capacity() - HEAD));
    return (int) crc.getValue();
  }

  private static int crc(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  @Override
  public void close() throws IOException {
    disk.close();
  }
}
