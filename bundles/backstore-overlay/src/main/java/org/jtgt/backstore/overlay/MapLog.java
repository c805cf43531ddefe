// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/**
 * The file {@code map}: which cluster of the overlay lies where in the file {@code data}. A header,
 * then records that are only ever appended. Big-endian:
 *
 * <pre>
 * header, 512 bytes:              record, 24 bytes:
 *   0  8  "JTGTCOW1"                0  8  number of the cluster
 *   8  4  version, 1                8  8  its place in data, in clusters; -1: reads as zeros
 *  12  4  bytes of a cluster       16  4  number of this record, modulo 2^32
 *  16  8  bytes of the overlay     20  4  CRC-32C of the UUID and bytes 0 to 19
 *  24 16  UUID of the overlay
 *  40  4  bytes of the identity
 *  44     identity of the base, UTF-8
 * 508  4  CRC-32C of bytes 0 to 507
 * </pre>
 *
 * A record says what holds from then on. The first one that is not whole ends the map: what was
 * being written when the process died. It is overwritten by the next.
 */
final class MapLog {
  static final int HEADER_BYTES = 512;
  static final int RECORD_BYTES = 24;

  /** The place of a cluster that reads as zeros. */
  static final long ZEROS = -1;

  private static final long MAGIC = 0x4A54_4754_434F_5731L;
  private static final int VERSION = 1;
  private static final int READ_BYTES = RECORD_BYTES * 10_000;

  /** What an overlay is, fixed when it is made. */
  record Header(int clusterBytes, long sizeBytes, UUID uuid, String base) {}

  /** One record: that a cluster lies at a place from now on. */
  record Entry(long cluster, long place) {}

  private final Disk disk;
  private final Header header;
  private long end;
  private int count;

  private MapLog(Disk disk, Header header) {
    this.disk = disk;
    this.header = header;
  }

  Header header() {
    return header;
  }

  /** Makes an empty map. It is there when this returns, or not at all. */
  static MapLog create(Disk disk, Header header) throws IOException {
    byte[] base = header.base().getBytes(StandardCharsets.UTF_8);
    if (base.length > 460) {
      throw new IOException("base: its identity is longer than 460 bytes");
    }
    ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES);
    bytes.putLong(MAGIC).putInt(VERSION).putInt(header.clusterBytes()).putLong(header.sizeBytes());
    bytes.putLong(header.uuid().getMostSignificantBits());
    bytes.putLong(header.uuid().getLeastSignificantBits());
    bytes.putInt(base.length).put(base);
    bytes.putInt(HEADER_BYTES - 4, crc(bytes.array(), HEADER_BYTES - 4));
    disk.write(0, bytes.clear());
    disk.force();
    MapLog made = new MapLog(disk, header);
    made.end = HEADER_BYTES;
    return made;
  }

  /**
   * Reads a map.
   *
   * @param entries takes what the records say, in their order
   * @throws IOException in one line, when the header is not whole or of another version
   */
  static MapLog open(Disk disk, Consumer<Entry> entries) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES);
    if (disk.read(0, bytes) < HEADER_BYTES
        || bytes.getLong(0) != MAGIC
        || bytes.getInt(HEADER_BYTES - 4) != crc(bytes.array(), HEADER_BYTES - 4)) {
      throw new IOException("path: the file map has no whole header");
    }
    if (bytes.getInt(8) != VERSION) {
      throw new IOException(
          "path: the file map has version %d; allowed: %d".formatted(bytes.getInt(8), VERSION));
    }
    Header header =
        new Header(
            bytes.getInt(12),
            bytes.getLong(16),
            new UUID(bytes.getLong(24), bytes.getLong(32)),
            new String(bytes.array(), 44, bytes.getInt(40), StandardCharsets.UTF_8));
    MapLog log = new MapLog(disk, header);
    log.replay(entries);
    return log;
  }

  private void replay(Consumer<Entry> entries) throws IOException {
    end = HEADER_BYTES;
    ByteBuffer chunk = ByteBuffer.allocate(READ_BYTES);
    while (true) {
      int bytes = disk.read(end, chunk.clear());
      int at = 0;
      for (; at + RECORD_BYTES <= bytes; at += RECORD_BYTES) {
        if (chunk.getInt(at + 16) != count || chunk.getInt(at + 20) != crc(chunk, at)) {
          end += at;
          return;
        }
        entries.accept(new Entry(chunk.getLong(at), chunk.getLong(at + 8)));
        count++;
      }
      end += at;
      if (bytes < READ_BYTES) {
        return;
      }
    }
  }

  /** Appends records and makes them stable. */
  void append(List<Entry> entries) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(entries.size() * RECORD_BYTES);
    int number = count;
    for (Entry entry : entries) {
      int at = bytes.position();
      bytes.putLong(entry.cluster()).putLong(entry.place()).putInt(number++);
      bytes.putInt(crc(bytes, at));
    }
    disk.write(end, bytes.flip());
    disk.force();
    end += (long) entries.size() * RECORD_BYTES;
    count = number;
  }

  private int crc(ByteBuffer bytes, int at) {
    CRC32C crc = new CRC32C();
    ByteBuffer uuid = ByteBuffer.allocate(16);
    uuid.putLong(header.uuid().getMostSignificantBits());
    uuid.putLong(header.uuid().getLeastSignificantBits());
    crc.update(uuid.flip());
    crc.update(Arrays.copyOfRange(bytes.array(), at, at + 20));
    return (int) crc.getValue();
  }

  private static int crc(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }

  void close() throws IOException {
    disk.close();
  }
}
