// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.BackstoreException;

/**
 * The head, which is written to, and the snapshots of it: what the events of a map amount to. The
 * caller serialises changes.
 */
final class Images {
  /** A snapshot. Its map never changes. */
  static final class Image {
    private final Event.Taken taken;
    private final long bytes;
    private final ClusterMap map;
    private int users;
    private boolean retired;

    Image(Event.Taken taken, long bytes, ClusterMap map) {
      this.taken = taken;
      this.bytes = bytes;
      this.map = map;
    }

    long id() {
      return taken.id();
    }

    String name() {
      return taken.name();
    }

    Instant created() {
      return taken.created();
    }

    long bytes() {
      return bytes;
    }

    ClusterMap map() {
      return map;
    }

    /** Somebody reads it from now on; false when it is being deleted. */
    synchronized boolean use() {
      users += retired ? 0 : 1;
      return !retired;
    }

    synchronized void leave() {
      users--;
    }

    /** Nobody may read it from now on; false when somebody does. */
    synchronized boolean retire() {
      retired = users == 0;
      return retired;
    }

    synchronized void keep() {
      retired = false;
    }
  }

  private final Pages pages;
  private final int clusterBytes;
  private volatile Map<Long, Image> snapshots = Map.of();
  private volatile ClusterMap head;
  private volatile long bytes;

  /** An empty head of a size. */
  Images(Pages pages, int clusterBytes, long bytes) {
    this.pages = pages;
    this.clusterBytes = clusterBytes;
    this.bytes = bytes;
    head = new ClusterMap(pages, clusters(bytes));
  }

  private long clusters(long ofBytes) {
    return (ofBytes + clusterBytes - 1) / clusterBytes;
  }

  ClusterMap head() {
    return head;
  }

  long bytes() {
    return bytes;
  }

  /** In the order in which they were taken. */
  Collection<Image> snapshots() {
    return snapshots.values();
  }

  @Nullable Image find(String name) {
    return snapshots.values().stream()
        .filter(image -> image.name().equals(name))
        .findFirst()
        .orElse(null);
  }

  /** Something has happened. */
  void apply(Event event) throws IOException {
    switch (event) {
      case Event.Places places -> {
        long[] pairs = places.pairs();
        for (int i = 0; i < pairs.length; i += 2) {
          head.put(pairs[i], pairs[i + 1]);
        }
      }
      case Event.Taken taken -> {
        var more = new LinkedHashMap<>(snapshots);
        more.put(taken.id(), new Image(taken, bytes, head.share()));
        snapshots = more;
      }
      case Event.Deleted deleted -> {
        var fewer = new LinkedHashMap<>(snapshots);
        fewer.remove(deleted.id());
        snapshots = fewer;
      }
      case Event.RolledBack back -> become(required(back.id()).map().share());
      case Event.Discarded none -> become(new ClusterMap(pages, 0));
      case Event.Resized resized -> {
        bytes = resized.bytes();
        head.grow(clusters(bytes));
      }
    }
  }

  private Image required(long id) {
    Image image = snapshots.get(id);
    if (image == null) {
      throw new IllegalStateException("path: its map rolls back to a snapshot that is not there");
    }
    return image;
  }

  private void become(ClusterMap map) {
    map.grow(clusters(bytes));
    head = map;
  }

  /** The places of all images; what is the head's alone is known afterwards. */
  PlaceSet places() throws IOException {
    PlaceSet places = new PlaceSet(pages);
    Set<Page> kept = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Image image : snapshots.values()) {
      image.map().places(places, kept);
    }
    head.unshare(kept, places);
    head.places(places, kept);
    return places;
  }

  /** Gives up the pages that no image uses, nor these places. */
  void retain(PlaceSet places) {
    Set<Page> used = Collections.newSetFromMap(new IdentityHashMap<>());
    long bytes = 0;
    for (ClusterMap map : maps()) {
      map.pages(used::add);
      bytes += map.bytes();
    }
    places.pages(used::add);
    pages.retain(used, bytes);
  }

  /**
   * Asks for memory for one more snapshot.
   *
   * @throws BackstoreException of kind FULL
   */
  void requireRoom() throws BackstoreException {
    pages.require(head.bytes());
  }

  /** What lies in data behind the ends of images becomes zeros, and stable. */
  void zeroBehindEnds(Contents contents) throws IOException {
    for (Image image : snapshots.values()) {
      zeroBehind(contents, image.map(), image.bytes());
    }
    zeroBehind(contents, head, bytes);
    contents.data().force();
  }

  private void zeroBehind(Contents contents, ClusterMap map, long end) throws IOException {
    int from = (int) (end % clusterBytes);
    long place = map.place(end / clusterBytes);
    if (from > 0 && place >= 0) {
      contents.data().write(place * clusterBytes + from, ByteBuffer.allocate(clusterBytes - from));
    }
  }

  /** Pairs of cluster and place that tell all of it. */
  long leastPairs() throws IOException {
    long pairs = 0;
    ClusterMap before = new ClusterMap(pages, 0);
    for (ClusterMap map : maps()) {
      long[] count = {0};
      map.differences(before, (cluster, place) -> count[0]++);
      pairs += count[0];
      before = map;
    }
    return pairs;
  }

  private List<ClusterMap> maps() {
    var maps = new ArrayList<ClusterMap>();
    snapshots.values().forEach(image -> maps.add(image.map()));
    maps.add(head);
    return maps;
  }

  /**
   * Tells the events that lead to the same images in the shortest way.
   *
   * @param firstBytes the size of the head that they begin with
   */
  void history(long firstBytes, MapLog.Listener listener) throws IOException {
    ClusterMap before = new ClusterMap(pages, 0);
    long size = firstBytes;
    for (Image image : snapshots.values()) {
      size = resized(size, image.bytes(), listener);
      moved(before, image.map(), listener);
      before = image.map();
      listener.event(image.taken);
    }
    resized(size, bytes, listener);
    moved(before, head, listener);
  }

  private static long resized(long from, long to, MapLog.Listener listener) throws IOException {
    if (from != to) {
      listener.event(new Event.Resized(to));
    }
    return to;
  }

  private static void moved(ClusterMap from, ClusterMap to, MapLog.Listener listener)
      throws IOException {
    // Page by page: all the clusters of a large overlay would fill the memory.
    for (long page = 0; page < Math.max(from.clusters(), to.clusters()); page += Event.MOST_PAIRS) {
      Event.Pairs pairs = new Event.Pairs();
      to.differences(from, page, page + Event.MOST_PAIRS, pairs::add);
      for (Event event : Event.Places.of(pairs)) {
        listener.event(event);
      }
    }
  }
}
