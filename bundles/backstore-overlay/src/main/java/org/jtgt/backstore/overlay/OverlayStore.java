// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jtgt.backstore.AllocationMap;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BackstoreException.Kind;
import org.jtgt.backstore.BlockingBackstore;
import org.jtgt.backstore.filter.BaseIo;

/**
 * Copy-on-write by clusters. The order of writes makes it readable after a crash at any point:
 *
 * <ol>
 *   <li>A cluster that is written the first time is copied from the base, changed, and stored at a
 *       place of {@code data} that no record on disk names.
 *   <li>A flush makes {@code data} stable, then appends the records of all such clusters to {@code
 *       map} and makes that stable.
 *   <li>A place that is free again (its cluster reads as zeros now) is used again only after the
 *       record that says so is stable.
 * </ol>
 *
 * So a record never names a place whose data are not there, and what a flush has promised is found
 * again; what was written since the last flush may be there or not, cluster by cluster.
 */
final class OverlayStore implements BlockingBackstore, AllocationMap, AutoCloseable {
  static final int CLUSTER_BYTES = 1 << 16;
  private static final int LOCKS = 64;

  private final Backstore base;
  private final Disk data;
  private final MapLog log;
  private final int clusterBytes;
  private final Map<Long, Long> places = new ConcurrentHashMap<>();
  private final ReentrantLock[] locks = new ReentrantLock[LOCKS];

  private final Object allocation = new Object();
  private final Deque<Long> free = new ArrayDeque<>();
  private List<MapLog.Entry> unwritten = new ArrayList<>();
  private List<Long> freeAfterFlush = new ArrayList<>();
  private long nextPlace;

  private final Object flushing = new Object();
  private boolean flushFailed;

  /**
   * Opens an overlay, or makes it where the map is empty.
   *
   * @throws IOException in one line, when it is damaged, or belongs to another base
   */
  OverlayStore(Backstore base, Disk map, Disk data) throws IOException {
    this.base = base;
    this.data = data;
    for (int i = 0; i < LOCKS; i++) {
      locks[i] = new ReentrantLock();
    }
    if (map.sizeBytes() < MapLog.HEADER_BYTES && data.sizeBytes() == 0) {
      log =
          MapLog.create(
              map,
              new MapLog.Header(
                  CLUSTER_BYTES, base.sizeBytes(), UUID.randomUUID(), base.identity()));
    } else {
      log = MapLog.open(map, entry -> places.put(entry.cluster(), entry.place()));
    }
    MapLog.Header header = log.header();
    clusterBytes = header.clusterBytes();
    if (!header.base().equals(base.identity()) || header.sizeBytes() > base.sizeBytes()) {
      throw new IOException(
          "base: is %s with %d bytes; this overlay belongs to %s with %d"
              .formatted(base.identity(), base.sizeBytes(), header.base(), header.sizeBytes()));
    }
    findFree();
  }

  private void findFree() {
    BitSet used = new BitSet();
    places.values().stream()
        .filter(place -> place >= 0)
        .forEach(place -> used.set(Math.toIntExact(place)));
    nextPlace = used.length();
    for (int place = used.nextClearBit(0);
        place < nextPlace;
        place = used.nextClearBit(place + 1)) {
      free.add((long) place);
    }
  }

  @Override
  public String identity() {
    return "overlay-" + log.header().uuid();
  }

  @Override
  public long sizeBytes() {
    return log.header().sizeBytes();
  }

  @Override
  public int blockBytes() {
    return base.blockBytes();
  }

  @Override
  public int physicalBlockBytes() {
    return Math.max(4096, base.physicalBlockBytes());
  }

  @Override
  public int unmapGranularityBytes() {
    return clusterBytes;
  }

  /** Something that is done to a part of one cluster. */
  private interface Part {
    void run(long cluster, int from, int bytes) throws IOException;
  }

  private void each(long offsetBytes, long lengthBytes, Part part) throws IOException {
    for (long done = 0; done < lengthBytes; ) {
      long at = offsetBytes + done;
      int from = (int) (at % clusterBytes);
      int bytes = (int) Math.min(clusterBytes - from, lengthBytes - done);
      part.run(at / clusterBytes, from, bytes);
      done += bytes;
    }
  }

  private ReentrantLock lock(long cluster) {
    return locks[(int) (cluster % LOCKS)];
  }

  @Override
  public void read(long offsetBytes, ByteBuffer target) throws IOException {
    int limit = target.limit();
    each(
        offsetBytes,
        target.remaining(),
        (cluster, from, bytes) -> {
          target.limit(target.position() + bytes);
          ReentrantLock lock = lock(cluster);
          lock.lock();
          try {
            readCluster(cluster, from, target);
          } finally {
            lock.unlock();
          }
          target.position(target.limit()).limit(limit);
        });
  }

  /** Fills a buffer, whose position stays, from one cluster. */
  private void readCluster(long cluster, int from, ByteBuffer target) throws IOException {
    Long place = places.get(cluster);
    if (place == null) {
      BaseIo.read(base, cluster * clusterBytes + from, target);
    } else if (place == MapLog.ZEROS) {
      target.put(target.position(), new byte[target.remaining()]);
    } else if (data.read(place * clusterBytes + from, target) < target.remaining()) {
      throw BackstoreException.media(
          "the overlay's data end before cluster " + cluster, cluster * clusterBytes + from, null);
    }
  }

  @Override
  public void write(long offsetBytes, ByteBuffer source) throws IOException {
    int limit = source.limit();
    each(
        offsetBytes,
        source.remaining(),
        (cluster, from, bytes) -> {
          source.limit(source.position() + bytes);
          writeCluster(cluster, from, source);
          source.position(source.limit()).limit(limit);
        });
  }

  private void writeCluster(long cluster, int from, ByteBuffer source) throws IOException {
    ReentrantLock lock = lock(cluster);
    lock.lock();
    try {
      Long place = places.get(cluster);
      if (place != null && place >= 0) {
        data.write(place * clusterBytes + from, source);
        return;
      }
      ByteBuffer whole = ByteBuffer.allocateDirect(clusterBytes);
      int there = (int) Math.min(clusterBytes, sizeBytes() - cluster * clusterBytes);
      if (source.remaining() < there) {
        readCluster(cluster, 0, whole.duplicate().limit(there));
      }
      whole.put(from, source, source.position(), source.remaining());
      long fresh = allocate();
      data.write(fresh * clusterBytes, whole);
      change(cluster, fresh);
    } finally {
      lock.unlock();
    }
  }

  private long allocate() {
    synchronized (allocation) {
      Long again = free.poll();
      return again != null ? again : nextPlace++;
    }
  }

  private void change(long cluster, long place) {
    synchronized (allocation) {
      Long before = places.put(cluster, place);
      if (before != null && before >= 0) {
        freeAfterFlush.add(before);
      }
      unwritten.add(new MapLog.Entry(cluster, place));
    }
  }

  @Override
  public void writeZeroes(long offsetBytes, long lengthBytes, boolean mayUnmap) throws IOException {
    each(
        offsetBytes,
        lengthBytes,
        (cluster, from, bytes) -> {
          long end = Math.min((cluster + 1) * clusterBytes, sizeBytes());
          if (mayUnmap && from == 0 && cluster * clusterBytes + bytes == end) {
            zeroCluster(cluster);
          } else {
            writeCluster(cluster, from, ByteBuffer.allocate(bytes));
          }
        });
  }

  private void zeroCluster(long cluster) {
    ReentrantLock lock = lock(cluster);
    lock.lock();
    try {
      Long place = places.get(cluster);
      if (place == null || place != MapLog.ZEROS) {
        change(cluster, MapLog.ZEROS);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void flush() throws IOException {
    synchronized (flushing) {
      if (flushFailed) {
        throw BackstoreException.of(
            Kind.OTHER, "an earlier flush of the overlay failed, so written data may be lost");
      }
      List<MapLog.Entry> entries;
      List<Long> freed;
      synchronized (allocation) {
        entries = unwritten;
        freed = freeAfterFlush;
        unwritten = new ArrayList<>();
        freeAfterFlush = new ArrayList<>();
      }
      try {
        data.force();
        if (!entries.isEmpty()) {
          log.append(entries);
        }
      } catch (IOException failure) {
        flushFailed = true;
        throw failure;
      }
      synchronized (allocation) {
        free.addAll(freed);
      }
    }
  }

  /** What reads as zeros holds no space; what the base holds is the base's to know. */
  @Override
  public Extent extentAt(long offsetBytes) {
    long cluster = offsetBytes / clusterBytes;
    boolean mapped = mapped(cluster);
    long end = cluster;
    do {
      end++;
    } while (end * clusterBytes < sizeBytes() && mapped(end) == mapped && end - cluster < 4096);
    return new Extent(Math.min(end * clusterBytes, sizeBytes()) - offsetBytes, mapped);
  }

  private boolean mapped(long cluster) {
    Long place = places.get(cluster);
    return place == null || place >= 0;
  }

  @Override
  public void close() throws IOException {
    try {
      if (!flushFailed) {
        flush();
      }
    } finally {
      data.close();
      log.close();
    }
  }
}
