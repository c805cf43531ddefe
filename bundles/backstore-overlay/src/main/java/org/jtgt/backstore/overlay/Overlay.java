// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BackstoreException.Kind;
import org.jtgt.backstore.filter.BaseIo;

/**
 * Copy-on-write by clusters. The order of writes makes it readable after a crash at any point:
 *
 * <ol>
 *   <li>A cluster that is written the first time, or the first time since a snapshot, is copied,
 *       changed, and stored at a place of {@code data} that no frame on disk names.
 *   <li>A flush makes {@code data} stable, then appends the places of all such clusters to {@code
 *       map} and makes that stable.
 *   <li>A place that is free again is used again only after the frame that frees it is stable.
 *   <li>A snapshot is taken, deleted or rolled back to by one frame, behind a flush.
 *   <li>Before a cluster lies elsewhere, the map has room for all that the next flush appends,
 *       behind what one under way appends.
 * </ol>
 *
 * So a frame never names a place whose data are not there, and what a flush has promised is found
 * again; what was written since the last flush may be there or not, block by block.
 *
 * <p>Locks are taken in this order: {@link #flushing}, those of clusters, {@link #allocation}.
 */
final class Overlay implements AutoCloseable {
  /** A map that tells so much more than is true now is written anew. */
  private static final long IDLE_BYTES = 16L << 20;

  /** So many clusters that lie elsewhere need not wait for somebody's flush: they fill memory. */
  private static final int MOST_UNWRITTEN = 1 << 18;

  private final Contents contents;
  private final Folder folder;
  private final MapLog log;
  private final Images images;
  private final Pages pages;
  private final Space space;
  private final ClusterLocks locks = new ClusterLocks();
  private final Buffers buffers;

  private final Object allocation = new Object();
  private Event.Pairs unwritten = new Event.Pairs();
  private Event.Pairs freed = new Event.Pairs();

  /** So many pairs are no longer unwritten, but the map may not have them yet. */
  private int appending;

  private final Object flushing = new Object();
  private boolean flushFailed;
  private long idleLimit = IDLE_BYTES;
  private final AtomicLong flushesBegun = new AtomicLong();
  private boolean lastFlushDone;
  private volatile boolean writeThrough;

  Overlay(Contents contents, Folder folder, MapLog log, Images images, Pages pages) {
    this.contents = contents;
    this.folder = folder;
    this.log = log;
    this.images = images;
    this.pages = pages;
    space = new Space(new PlaceSet(pages));
    buffers = new Buffers(contents.clusterBytes());
  }

  String identity() {
    return "overlay-" + log.header().uuid();
  }

  Contents contents() {
    return contents;
  }

  Images images() {
    return images;
  }

  ClusterLocks locks() {
    return locks;
  }

  Space space() {
    return space;
  }

  Folder folder() {
    return folder;
  }

  /** From here on what is not in the overlay is written to the base. */
  void writeThrough() {
    writeThrough = true;
  }

  void read(long cluster, int from, ByteBuffer target) throws IOException {
    Lock lock = locks.shared(cluster);
    lock.lock();
    try {
      contents.read(images.head().place(cluster), cluster, from, target);
    } finally {
      lock.unlock();
    }
  }

  void write(long cluster, int from, ByteBuffer source) throws IOException {
    Lock shared = locks.shared(cluster);
    shared.lock();
    try {
      if (writeInPlace(cluster, from, source)) {
        return;
      }
    } finally {
      shared.unlock();
    }
    Lock exclusive = locks.exclusive(cluster);
    exclusive.lock();
    try {
      // Another write may have come before.
      if (!writeInPlace(cluster, from, source)) {
        writeElsewhere(cluster, from, source);
      }
    } finally {
      exclusive.unlock();
    }
  }

  private boolean writeInPlace(long cluster, int from, ByteBuffer source) throws IOException {
    ClusterMap map = images.head();
    if (map.owns(cluster)) {
      contents.data().write(map.place(cluster) * contents.clusterBytes() + from, source);
      return true;
    }
    if (writeThrough && map.place(cluster) == ClusterMap.BASE) {
      BaseIo.write(contents.base(), cluster * contents.clusterBytes() + from, source, false);
      return true;
    }
    return false;
  }

  private void writeElsewhere(long cluster, int from, ByteBuffer source) throws IOException {
    int clusterBytes = contents.clusterBytes();
    int there = (int) Math.min(clusterBytes, images.bytes() - cluster * clusterBytes);
    reserve();
    int place = space.take();
    boolean done = false;
    try {
      if (source.remaining() == clusterBytes) {
        contents.data().write((long) place * clusterBytes, source);
      } else {
        // A cluster at the end is stored whole too: the overlay may grow.
        ByteBuffer whole = buffers.take();
        whole.clear().limit(there);
        contents.read(images.head().place(cluster), cluster, 0, whole);
        whole.clear().put(there, new byte[clusterBytes - there]);
        whole.put(from, source, source.position(), source.remaining());
        contents.data().write((long) place * clusterBytes, whole);
        buffers.giveBack(whole);
      }
      change(cluster, place);
      done = true;
    } finally {
      if (!done) {
        space.release(place);
      }
    }
  }

  /**
   * Makes a part of a cluster read as zeros.
   *
   * @param mayUnmap whether it need not hold space for that
   * @param giveUp whether the cluster as a whole need not
   */
  void zero(long cluster, int from, int bytes, boolean mayUnmap, boolean giveUp)
      throws IOException {
    Lock lock = locks.exclusive(cluster);
    lock.lock();
    try {
      long place = images.head().place(cluster);
      long offset = cluster * contents.clusterBytes() + from;
      boolean isZero =
          place == ClusterMap.ZEROS
              || (place == ClusterMap.BASE && contents.baseHasNothing(offset, bytes));
      if (isZero && mayUnmap) {
        return;
      }
      if (writeThrough && place == ClusterMap.BASE) {
        BaseIo.zero(contents.base(), offset, bytes, mayUnmap, false);
      } else if (giveUp) {
        reserve();
        change(cluster, ClusterMap.ZEROS);
      } else {
        write(cluster, from, ByteBuffer.allocate(bytes));
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Sees to it that the next flush finds room in the map. Whoever asks holds the lock of the
   * cluster that is going to change, so there are never more than {@link ClusterLocks#COUNT}
   * between this and that.
   */
  void reserve() throws IOException {
    synchronized (allocation) {
      log.reserve(appending + unwritten.count() + ClusterLocks.COUNT);
    }
  }

  /**
   * A cluster lies elsewhere from now on; {@link #reserve} was called for it.
   *
   * @throws IOException when the map has no room; the cluster lies where it was then
   */
  void change(long cluster, long place) throws IOException {
    synchronized (allocation) {
      ClusterMap map = images.head();
      long own = map.owns(cluster) ? map.place(cluster) : ClusterMap.BASE;
      map.put(cluster, place);
      if (own >= 0) {
        freed.add(cluster, own);
      }
      unwritten.add(cluster, place);
    }
  }

  /** Flushes where too much has changed since; for those who hold no lock. */
  void relieve() throws IOException {
    boolean much;
    synchronized (allocation) {
      much = unwritten.count() >= MOST_UNWRITTEN;
    }
    if (much) {
      flush();
    }
  }

  void flush() throws IOException {
    long begun = flushesBegun.get();
    synchronized (flushing) {
      if (flushesBegun.get() > begun && lastFlushDone) {
        // One that began after this was asked for has ended: many wait, few have to work.
        return;
      }
      flushAll();
      if (log.frameBytes() > idleLimit) {
        locks.exclusively(() -> {
          flushAll();
          rewriteWhenIdle(IDLE_BYTES);
        });
      }
    }
  }

  private void flushAll() throws IOException {
    if (flushFailed || log.broken()) {
      throw BackstoreException.of(
          Kind.OTHER, "an earlier flush of the overlay failed, so written data may be lost");
    }
    flushesBegun.incrementAndGet();
    lastFlushDone = false;
    Event.Pairs entries;
    Event.Pairs free;
    synchronized (allocation) {
      entries = unwritten;
      appending = entries.count();
      free = freed;
      unwritten = new Event.Pairs();
      freed = new Event.Pairs();
    }
    // Whatever ends it, also an error of the machine, must not let the next one succeed.
    flushFailed = true;
    contents.data().force();
    flushFailed = false;
    boolean appended = false;
    try {
      log.append(Event.Places.of(entries));
      appended = true;
    } finally {
      synchronized (allocation) {
        appending = 0;
        if (!appended) {
          entries.addAll(unwritten);
          unwritten = entries;
          free.addAll(freed);
          freed = free;
        }
      }
    }
    space.releaseOrLater(free, contents);
    if (writeThrough) {
      BaseIo.flush(contents.base());
    }
    lastFlushDone = true;
  }

  /**
   * Does something to a head that is stable and that nobody reads or writes.
   *
   * @param action must not flush
   */
  void whileStable(ClusterLocks.Action action) throws IOException {
    synchronized (flushing) {
      // Most of it now, so that I/O waits for the rest only.
      flushAll();
      locks.exclusively(() -> {
        flushAll();
        if (space.isRecountDue()) {
          recountOrLater();
        }
        action.run();
      });
    }
  }

  /** The head has another size. */
  void resize(long bytes) throws IOException {
    whileStable(() -> {
      // An earlier version stored what lies in the image alone of a cluster at its end.
      images.zeroBehindEnds(contents);
      recorded(new Event.Resized(bytes));
    });
  }

  /**
   * Something happens to the images: it is stable, or has not happened. For those whom {@link
   * #whileStable} lets act.
   */
  void recorded(Event event) throws IOException {
    log.append(List.of(event));
    images.apply(event);
  }

  /** Learns from the images which places are taken; gives up what lies behind them. */
  void recount() throws IOException {
    space.recount(images, contents);
  }

  /**
   * As {@link #recount}, after something that has happened, whatever comes of this. For those whom
   * {@link #whileStable} lets act.
   */
  void recountOrLater() {
    space.recountOrLater(images, contents);
  }

  /** Writes the map anew where most of it is history. */
  void rewriteWhenIdle(long least) throws IOException {
    long needed = 16 * images.leastPairs();
    if (log.frameBytes() > least + 2 * needed + MapLog.HEADER_BYTES) {
      try {
        log.rewrite(folder, listener -> images.history(log.header().baseBytes(), listener));
      } catch (BackstoreException failure) {
        if (failure.kind() != Kind.FULL) {
          throw failure;
        }
        // The long one is as good, and neither a flush nor a start may need space.
      }
    }
    idleLimit = IDLE_BYTES + 2 * Math.max(needed, log.frameBytes());
  }

  @Override
  public void close() throws IOException {
    try {
      synchronized (flushing) {
        if (!flushFailed && !log.broken()) {
          flushAll();
        }
      }
    } finally {
      contents.data().close();
      log.close();
      pages.close();
    }
  }
}
