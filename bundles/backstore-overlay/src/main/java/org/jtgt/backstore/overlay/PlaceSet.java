// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A set of places: a bit for each, in pages, so that it may be large. Not thread-safe. */
final class PlaceSet {
  private static final int BITS = 64;
  private static final int PER_PAGE = Page.ENTRIES * BITS;

  private final Pages pages;
  private final List<@Nullable Page> bits = new ArrayList<>();
  private int count;
  private long end;

  PlaceSet(Pages pages) {
    this.pages = pages;
  }

  int count() {
    return count;
  }

  /** All of its places are below. */
  long end() throws IOException {
    while (end > 0) {
      long word = word((end - 1) / BITS) << (BITS - 1 - (end - 1) % BITS);
      if (word != 0) {
        end -= Long.numberOfLeadingZeros(word);
        break;
      }
      end = (end - 1) / BITS * BITS;
    }
    return end;
  }

  private @Nullable Page page(long word) {
    int index = (int) (word / Page.ENTRIES);
    return index < bits.size() ? bits.get(index) : null;
  }

  private long word(long word) throws IOException {
    Page page = page(word);
    return page == null ? 0 : page.get((int) (word % Page.ENTRIES));
  }

  boolean contains(long place) throws IOException {
    return (word(place / BITS) & 1L << place % BITS) != 0;
  }

  /** Adds one, which may be there. */
  void add(long place) throws IOException {
    long before = word(place / BITS);
    long bit = 1L << place % BITS;
    if ((before & bit) == 0) {
      Page page = page(place / BITS);
      if (page == null) {
        page = pages.create(new long[Page.ENTRIES]);
        while (bits.size() <= place / PER_PAGE) {
          bits.add(null);
        }
        bits.set((int) (place / PER_PAGE), page);
      }
      page.set((int) (place / BITS % Page.ENTRIES), before | bit);
      count++;
      end = Math.max(end, place + 1);
    }
  }

  /** Takes one away, which may not be there. */
  void remove(long place) throws IOException {
    long before = word(place / BITS);
    long bit = 1L << place % BITS;
    Page page = page(place / BITS);
    if (page != null && (before & bit) != 0) {
      page.set((int) (place / BITS % Page.ENTRIES), before & ~bit);
      count--;
    }
  }

  /** The first place from one on that is not in it. */
  long nextFree(long from) throws IOException {
    for (long word = from / BITS; ; word++) {
      long free = ~word(word) & -1L << (word == from / BITS ? from % BITS : 0);
      if (free != 0) {
        return word * BITS + Long.numberOfTrailingZeros(free);
      }
    }
  }

  /** The pages that it uses. */
  void pages(Consumer<Page> user) {
    for (Page page : bits) {
      if (page != null) {
        user.accept(page);
      }
    }
  }
}
