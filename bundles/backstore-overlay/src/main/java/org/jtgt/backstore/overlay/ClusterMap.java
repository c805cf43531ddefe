// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where each cluster of an image lies: two array accesses tell. A snapshot shares the pages of the
 * image it was taken of, so taking one copies references only; a page is copied when one of its
 * clusters changes.
 *
 * <p>Thread rules: reading needs no lock; the caller serialises changes.
 */
final class ClusterMap {
  /** The cluster is the base's. */
  static final long BASE = -2;

  /** The cluster reads as zeros. */
  static final long ZEROS = -1;

  private static final int PAGE = Page.ENTRIES;

  /** Places are stored plus two and shifted, so that an empty page says {@link #BASE}. */
  private static final long SHARED = 1;

  /** Of clusters that are all the base's. */
  private static final long[] NOTHING = new long[PAGE];

  /** Takes clusters with their places. */
  @FunctionalInterface
  interface Visitor {
    void cluster(long cluster, long place) throws IOException;
  }

  private final Pages store;
  private volatile AtomicReferenceArray<Page> pages;

  ClusterMap(Pages store, long clusters) {
    this(store, new AtomicReferenceArray<>(pages(clusters)));
  }

  private ClusterMap(Pages store, AtomicReferenceArray<Page> pages) {
    this.store = store;
    this.pages = pages;
    store.charge(bytes());
  }

  /** What tells where its pages are takes so much memory. */
  long bytes() {
    return (long) Long.BYTES * pages.length();
  }

  private static int pages(long clusters) {
    return Math.toIntExact((clusters + PAGE - 1) / PAGE);
  }

  /** The place of a cluster, {@link #ZEROS} or {@link #BASE}. */
  long place(long cluster) throws IOException {
    Page page = page(cluster);
    return page == null ? BASE : placeIn(page.get((int) (cluster % PAGE)));
  }

  private @Nullable Page page(long cluster) {
    AtomicReferenceArray<Page> now = pages;
    int index = (int) (cluster / PAGE);
    return index < now.length() ? now.get(index) : null;
  }

  private static long placeIn(long entry) {
    return (entry >>> 1) - 2;
  }

  /** Whether a cluster's place is this image's alone, so that it may be written to. */
  boolean owns(long cluster) throws IOException {
    Page page = page(cluster);
    return page != null && !page.shared() && owned(page.get((int) (cluster % PAGE)));
  }

  private static boolean owned(long entry) {
    return (entry & SHARED) == 0 && placeIn(entry) >= 0;
  }

  /**
   * A cluster lies elsewhere from now on, at a place that no other image has.
   *
   * @throws IOException when the map has no room; it is as it was then
   */
  void put(long cluster, long place) throws IOException {
    int index = (int) (cluster / PAGE);
    long entry = place + 2 << 1;
    Page page = pages.get(index);
    if (page != null && !page.shared()) {
      page.set((int) (cluster % PAGE), entry);
      return;
    }
    store.require(Pages.HANDLE_BYTES);
    long[] entries = page == null ? new long[PAGE] : page.all().clone();
    for (int i = 0; i < PAGE; i++) {
      entries[i] |= placeIn(entries[i]) >= 0 ? SHARED : 0;
    }
    entries[(int) (cluster % PAGE)] = entry;
    pages.set(index, store.create(entries));
  }

  /** An image with the same content. */
  ClusterMap share() {
    AtomicReferenceArray<Page> now = pages;
    var copy = new AtomicReferenceArray<Page>(now.length());
    for (int i = 0; i < now.length(); i++) {
      Page page = now.get(i);
      if (page != null) {
        page.shared(true);
        copy.setPlain(i, page);
      }
    }
    return new ClusterMap(store, copy);
  }

  /** Has room for so many clusters from now on. */
  void grow(long clusters) {
    AtomicReferenceArray<Page> now = pages;
    var copy = new AtomicReferenceArray<Page>(Math.max(now.length(), pages(clusters)));
    for (int i = 0; i < now.length(); i++) {
      copy.setPlain(i, now.get(i));
    }
    store.charge((long) Long.BYTES * (copy.length() - now.length()));
    pages = copy;
  }

  /** Number of clusters that there is room for. */
  long clusters() {
    return (long) pages.length() * PAGE;
  }

  /** The first cluster from one on that is not the base's; -1 when there is none. */
  long next(long from) throws IOException {
    AtomicReferenceArray<Page> now = pages;
    for (long cluster = from; cluster < (long) now.length() * PAGE; ) {
      Page page = now.get((int) (cluster / PAGE));
      if (page == null) {
        cluster = (cluster / PAGE + 1) * PAGE;
      } else if (placeIn(page.get((int) (cluster % PAGE))) != BASE) {
        return cluster;
      } else {
        cluster++;
      }
    }
    return -1;
  }

  /** The clusters that lie elsewhere than in another image, in order, with their places here. */
  void differences(ClusterMap other, Visitor visitor) throws IOException {
    differences(other, 0, Long.MAX_VALUE, visitor);
  }

  /** As {@link #differences}, of some clusters only; both ends are multiples of a page. */
  void differences(ClusterMap other, long from, long to, Visitor visitor) throws IOException {
    AtomicReferenceArray<Page> now = pages;
    AtomicReferenceArray<Page> others = other.pages;
    int end = (int) Math.min(to / PAGE, Math.max(now.length(), others.length()));
    for (int i = (int) (from / PAGE); i < end; i++) {
      Page page = i < now.length() ? now.get(i) : null;
      Page otherPage = i < others.length() ? others.get(i) : null;
      if (page == otherPage) {
        continue;
      }
      long[] here = page == null ? NOTHING : page.all();
      long[] there = otherPage == null ? NOTHING : otherPage.all();
      for (int at = 0; at < PAGE; at++) {
        if (placeIn(here[at]) != placeIn(there[at])) {
          visitor.cluster((long) i * PAGE + at, placeIn(here[at]));
        }
      }
    }
  }

  /**
   * Adds the places of this image.
   *
   * @param seen pages whose places have been added; those of this image become it
   */
  void places(PlaceSet into, Set<Page> seen) throws IOException {
    AtomicReferenceArray<Page> now = pages;
    for (int i = 0; i < now.length(); i++) {
      Page page = now.get(i);
      if (page != null && seen.add(page)) {
        for (long entry : page.all()) {
          if (placeIn(entry) >= 0) {
            into.add(placeIn(entry));
          }
        }
      }
    }
  }

  /** The pages that it uses. */
  void pages(Consumer<Page> user) {
    AtomicReferenceArray<Page> now = pages;
    for (int i = 0; i < now.length(); i++) {
      Page page = now.get(i);
      if (page != null) {
        user.accept(page);
      }
    }
  }

  /**
   * Learns anew what is this image's alone.
   *
   * @param theirPages the pages of all other images
   * @param theirs the places of these
   */
  void unshare(Set<Page> theirPages, PlaceSet theirs) throws IOException {
    AtomicReferenceArray<Page> now = pages;
    for (int i = 0; i < now.length(); i++) {
      Page page = now.get(i);
      if (page == null || theirPages.contains(page)) {
        continue;
      }
      long[] entries = page.all().clone();
      for (int at = 0; at < PAGE; at++) {
        long place = placeIn(entries[at]);
        long shared = place >= 0 && theirs.contains(place) ? SHARED : 0;
        entries[at] = entries[at] & ~SHARED | shared;
      }
      page.change(all -> System.arraycopy(entries, 0, all, 0, PAGE));
      page.shared(false);
    }
  }
}
