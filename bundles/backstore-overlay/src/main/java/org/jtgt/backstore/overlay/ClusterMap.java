// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.util.BitSet;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceArray;
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

  private static final int PAGE = 1024;

  /** Places are stored plus two and shifted, so that an empty page says {@link #BASE}. */
  private static final long SHARED = 1;

  /** Some clusters in a row. */
  private static final class Page {
    private final long[] entries;

    /** Whether another image may have it too. */
    private volatile boolean shared;

    Page(long[] entries) {
      this.entries = entries;
    }
  }

  /** Takes clusters with their places. */
  @FunctionalInterface
  interface Visitor {
    void cluster(long cluster, long place);
  }

  private volatile AtomicReferenceArray<Page> pages;

  ClusterMap(long clusters) {
    this(new AtomicReferenceArray<>(pages(clusters)));
  }

  private ClusterMap(AtomicReferenceArray<Page> pages) {
    this.pages = pages;
  }

  private static int pages(long clusters) {
    return Math.toIntExact((clusters + PAGE - 1) / PAGE);
  }

  /** The place of a cluster, {@link #ZEROS} or {@link #BASE}. */
  long place(long cluster) {
    Page page = page(cluster);
    return page == null ? BASE : place(page, (int) (cluster % PAGE));
  }

  private @Nullable Page page(long cluster) {
    AtomicReferenceArray<Page> now = pages;
    int index = (int) (cluster / PAGE);
    return index < now.length() ? now.get(index) : null;
  }

  private static long place(Page page, int at) {
    return (page.entries[at] >>> 1) - 2;
  }

  /** Whether a cluster's place is this image's alone, so that it may be written to. */
  boolean owns(long cluster) {
    Page page = page(cluster);
    return page != null && !page.shared && owns(page, (int) (cluster % PAGE));
  }

  private static boolean owns(Page page, int at) {
    return (page.entries[at] & SHARED) == 0 && place(page, at) >= 0;
  }

  /** A cluster lies elsewhere from now on, at a place that no other image has. */
  void put(long cluster, long place) {
    int index = (int) (cluster / PAGE);
    Page page = pages.get(index);
    if (page == null) {
      page = new Page(new long[PAGE]);
    } else if (page.shared) {
      long[] copy = page.entries.clone();
      for (int i = 0; i < PAGE; i++) {
        copy[i] |= (copy[i] >>> 1) - 2 >= 0 ? SHARED : 0;
      }
      page = new Page(copy);
    }
    page.entries[(int) (cluster % PAGE)] = place + 2 << 1;
    pages.set(index, page);
  }

  /** An image with the same content. */
  ClusterMap share() {
    AtomicReferenceArray<Page> now = pages;
    var copy = new AtomicReferenceArray<Page>(now.length());
    for (int i = 0; i < now.length(); i++) {
      Page page = now.get(i);
      if (page != null) {
        page.shared = true;
        copy.setPlain(i, page);
      }
    }
    return new ClusterMap(copy);
  }

  /** Has room for so many clusters from now on. */
  void grow(long clusters) {
    AtomicReferenceArray<Page> now = pages;
    var copy = new AtomicReferenceArray<Page>(Math.max(now.length(), pages(clusters)));
    for (int i = 0; i < now.length(); i++) {
      copy.setPlain(i, now.get(i));
    }
    pages = copy;
  }

  /** All clusters that are not the base's, in order. */
  void forEach(Visitor visitor) {
    differences(new ClusterMap(0), visitor);
  }

  /** Number of clusters that there is room for. */
  long clusters() {
    return (long) pages.length() * PAGE;
  }

  /** The first cluster from one on that is not the base's; -1 when there is none. */
  long next(long from) {
    AtomicReferenceArray<Page> now = pages;
    for (long cluster = from; cluster < clusters(); ) {
      Page page = now.get((int) (cluster / PAGE));
      if (page == null) {
        cluster = (cluster / PAGE + 1) * PAGE;
      } else if (place(page, (int) (cluster % PAGE)) != BASE) {
        return cluster;
      } else {
        cluster++;
      }
    }
    return -1;
  }

  /** The clusters that lie elsewhere than in another image, in order, with their places here. */
  void differences(ClusterMap other, Visitor visitor) {
    differences(other, 0, Long.MAX_VALUE, visitor);
  }

  /** As {@link #differences}, of some clusters only; both ends are multiples of a page. */
  void differences(ClusterMap other, long from, long to, Visitor visitor) {
    AtomicReferenceArray<Page> now = pages;
    AtomicReferenceArray<Page> others = other.pages;
    int end = (int) Math.min(to / PAGE, Math.max(now.length(), others.length()));
    for (int i = (int) (from / PAGE); i < end; i++) {
      Page page = i < now.length() ? now.get(i) : null;
      Page otherPage = i < others.length() ? others.get(i) : null;
      for (int at = 0; at < PAGE && page != otherPage; at++) {
        long here = page == null ? BASE : place(page, at);
        if (here != (otherPage == null ? BASE : place(otherPage, at))) {
          visitor.cluster((long) i * PAGE + at, here);
        }
      }
    }
  }

  /** Adds the places of this image. */
  void places(BitSet into) {
    forEach((cluster, place) -> {
      if (place >= 0) {
        into.set((int) place);
      }
    });
  }

  /**
   * Learns anew what is this image's alone.
   *
   * @param others all other images
   * @param theirs the places of these
   */
  void unshare(Iterable<ClusterMap> others, BitSet theirs) {
    Set<Page> theirPages = Collections.newSetFromMap(new IdentityHashMap<>());
    for (ClusterMap other : others) {
      AtomicReferenceArray<Page> pagesOfOther = other.pages;
      for (int i = 0; i < pagesOfOther.length(); i++) {
        theirPages.add(pagesOfOther.get(i));
      }
    }
    AtomicReferenceArray<Page> now = pages;
    for (int i = 0; i < now.length(); i++) {
      Page page = now.get(i);
      if (page == null || theirPages.contains(page)) {
        continue;
      }
      for (int at = 0; at < PAGE; at++) {
        long place = place(page, at);
        long shared = place >= 0 && theirs.get((int) place) ? SHARED : 0;
        page.entries[at] = page.entries[at] & ~SHARED | shared;
      }
      page.shared = false;
    }
  }
}
