// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.AllocationMap;
import org.jtgt.backstore.AllocationMap.Extent;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.filter.BaseIo;

/** Reads what a map says: from the base, from {@code data}, or zeros. */
final class Contents {
  /** So many clusters are looked at for one piece of an extent. */
  private static final int LOOK_AHEAD = 4096;

  /** So many pieces that lie elsewhere each are one extent. */
  private static final int MOST_PIECES = 256;

  private final Backstore base;
  private final long baseBytes;
  private final Disk data;
  private final int clusterBytes;
  private final @Nullable AllocationMap baseMap;

  /**
   * @param baseBytes as many of the base's bytes are seen; zeros lie behind them
   */
  Contents(Backstore base, long baseBytes, Disk data, int clusterBytes) {
    this.base = base;
    this.baseBytes = baseBytes;
    this.data = data;
    this.clusterBytes = clusterBytes;
    baseMap = base.adapt(AllocationMap.class).orElse(null);
  }

  Backstore base() {
    return base;
  }

  long baseBytes() {
    return baseBytes;
  }

  Disk data() {
    return data;
  }

  int clusterBytes() {
    return clusterBytes;
  }

  /** Something that is done to a part of one cluster. */
  interface Part {
    void run(long cluster, int from, int bytes) throws IOException;
  }

  /** Does something to each cluster of a range. */
  void each(long offsetBytes, long lengthBytes, Part part) throws IOException {
    for (long done = 0; done < lengthBytes; ) {
      long at = offsetBytes + done;
      int from = (int) (at % clusterBytes);
      int bytes = (int) Math.min(clusterBytes - from, lengthBytes - done);
      part.run(at / clusterBytes, from, bytes);
      done += bytes;
    }
  }

  /** Something that is done to a part of one cluster with the part of a buffer that is for it. */
  interface BufferPart {
    void run(long cluster, int from, ByteBuffer part) throws IOException;
  }

  /** Does something to each cluster of the range that a buffer is for; uses the buffer up. */
  void each(long offsetBytes, ByteBuffer buffer, BufferPart part) throws IOException {
    int limit = buffer.limit();
    each(
        offsetBytes,
        buffer.remaining(),
        (cluster, from, bytes) -> {
          buffer.limit(buffer.position() + bytes);
          part.run(cluster, from, buffer);
          buffer.position(buffer.limit()).limit(limit);
        });
  }

  /** Fills a buffer, whose position stays, from a cluster that lies at a place. */
  void read(long place, long cluster, int from, ByteBuffer target) throws IOException {
    long offset = cluster * clusterBytes + from;
    if (place == ClusterMap.BASE) {
      readBase(offset, target);
    } else if (place == ClusterMap.ZEROS) {
      zero(target);
    } else if (data.read(place * clusterBytes + from, target) < target.remaining()) {
      throw BackstoreException.media(
          "the overlay's data end before cluster " + cluster, offset, null);
    }
  }

  private void readBase(long offset, ByteBuffer target) throws IOException {
    int there = Math.clamp(baseBytes - offset, 0, target.remaining());
    if (there > 0) {
      BaseIo.read(base, offset, target.duplicate().limit(target.position() + there));
    }
    if (there < target.remaining()) {
      zero(target.duplicate().position(target.position() + there));
    }
  }

  private static void zero(ByteBuffer target) {
    target.put(target.position(), new byte[target.remaining()]);
  }

  /** Whether bytes that are the base's are known to be zeros, without reading them. */
  boolean baseHasNothing(long offsetBytes, long lengthBytes) throws IOException {
    long end = Math.min(offsetBytes + lengthBytes, baseBytes);
    AllocationMap map = baseMap;
    for (long at = offsetBytes; at < end; ) {
      if (map == null) {
        return false;
      }
      Extent extent = map.extentAt(at);
      if (extent.mapped()) {
        return false;
      }
      at += extent.lengthBytes();
    }
    return true;
  }

  /**
   * The extent of an image at an offset. What the base holds or not is the base's to know; what it
   * holds and what lies in data is one extent, as whoever asks cannot tell one from the other.
   */
  Extent extentAt(ClusterMap map, long bytes, long offsetBytes) throws IOException {
    Extent first = pieceAt(map, bytes, offsetBytes);
    long end = offsetBytes + first.lengthBytes();
    for (int pieces = 1; end < bytes && pieces < MOST_PIECES; pieces++) {
      Extent next = pieceAt(map, bytes, end);
      if (next.mapped() != first.mapped()) {
        break;
      }
      end += next.lengthBytes();
    }
    return new Extent(end - offsetBytes, first.mapped());
  }

  private Extent pieceAt(ClusterMap map, long bytes, long offsetBytes) throws IOException {
    long first = offsetBytes / clusterBytes;
    long place = map.place(first);
    long end = first + 1;
    while (end * clusterBytes < bytes && end - first < LOOK_AHEAD && alike(place, map.place(end))) {
      end++;
    }
    long length = Math.min(end * clusterBytes, bytes) - offsetBytes;
    if (place != ClusterMap.BASE) {
      return new Extent(length, place >= 0);
    }
    if (offsetBytes >= baseBytes) {
      return new Extent(length, false);
    }
    long ofBase = Math.min(length, baseBytes - offsetBytes);
    AllocationMap below = baseMap;
    if (below == null) {
      return new Extent(ofBase, true);
    }
    Extent extent = below.extentAt(offsetBytes);
    return new Extent(Math.min(ofBase, extent.lengthBytes()), extent.mapped());
  }

  private static boolean alike(long place, long other) {
    return place < 0 ? other == place : other >= 0;
  }
}
