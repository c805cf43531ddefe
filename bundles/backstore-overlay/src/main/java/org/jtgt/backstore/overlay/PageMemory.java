// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The memory that maps may take, of all overlays together: so many pages, of which those that were
 * not used for longest go to files, and so many bytes for what tells where the pages are.
 *
 * <p>No file is written under the monitor of all, and nobody waits for the file of another overlay,
 * whose disk may hang: a changed page of another is written by a thread of its own, and stays
 * beside the new one until then; no second one of that overlay is chosen meanwhile.
 */
final class PageMemory {
  /** Parts of the heap: for pages, and for what tells where they are. */
  private static final int PART = 8;

  /** Of a process with 512 MiB: what maps 512 GiB in clusters of 64 KiB. */
  static final PageMemory OF_PROCESS =
      new PageMemory(
          (int) Math.min(Integer.MAX_VALUE, Runtime.getRuntime().maxMemory() / PART / Page.BYTES),
          Runtime.getRuntime().maxMemory() / PART);

  private final int mostPages;
  private final long mostBytes;
  private final ArrayDeque<Page> clock = new ArrayDeque<>();

  /** How many pages of each overlay are on their way to its file, out of the clock. */
  private final Map<Pages, Integer> leaving = new IdentityHashMap<>();

  /** Overlays whose last page that was to leave could not. */
  private final Set<Pages> stuck = identitySet();

  /** Overlays that give up pages at this moment. */
  private final Set<Pages> forgetting = identitySet();

  private long bytes;

  PageMemory(int mostPages, long mostBytes) {
    this.mostPages = mostPages;
    this.mostBytes = mostBytes;
  }

  private static Set<Pages> identitySet() {
    return Collections.newSetFromMap(new IdentityHashMap<>());
  }

  /**
   * Sees to it that one more can be in memory.
   *
   * @param forWhom whose page it will be
   * @return false when those that are cannot leave it, and one of its own is among them
   */
  boolean room(Pages forWhom) {
    Set<Pages> full = identitySet();
    boolean freed = false;
    for (; ; ) {
      Page page;
      boolean waits;
      synchronized (this) {
        if (pages() < mostPages) {
          return true;
        }
        page = choose(forWhom, full, stuck);
        if (page == null && !freed) {
          page = choose(forWhom, full, Set.of());
        }
        if (page == null) {
          return freed || (!leaving.isEmpty() && full.isEmpty()) || hasNone(forWhom);
        }
        waits = page.pages() == forWhom || !page.changed() || stuck.contains(page.pages());
        leaving.merge(page.pages(), 1, Integer::sum);
      }
      if (!waits) {
        leaveBehind(page);
        return true;
      }
      if (leave(page)) {
        freed = true;
      } else {
        full.add(page.pages());
      }
    }
  }

  /**
   * Takes one out of the clock that was not used for long; null when there is none.
   *
   * @param spared no page of these, unless it is the asker's own
   */
  private @Nullable Page choose(Pages forWhom, Set<Pages> full, Set<Pages> spared) {
    // Each is looked at twice at most: the first time it may have been used.
    for (int looks = 2 * clock.size(); looks > 0; looks--) {
      Page page = clock.remove();
      Pages its = page.pages();
      boolean let = its != forWhom && (leaving.containsKey(its) || spared.contains(its));
      if (!let && !full.contains(its) && !forgetting.contains(its) && !page.wasUsed()) {
        return page;
      }
      clock.add(page);
    }
    return null;
  }

  /** One page is had by each overlay, whatever others cannot write. */
  private boolean hasNone(Pages forWhom) {
    return clock.stream().noneMatch(page -> page.pages() == forWhom);
  }

  private void leaveBehind(Page page) {
    boolean started = false;
    try {
      Thread.ofVirtual().name("jtgt-overlay-page").start(() -> leave(page));
      started = true;
    } finally {
      if (!started) {
        left(page, false);
      }
    }
  }

  private boolean leave(Page page) {
    boolean left = false;
    try {
      page.leave();
      left = true;
    } catch (IOException noSpace) {
      // It is in memory still.
    } finally {
      left(page, left);
    }
    return left;
  }

  private synchronized void left(Page page, boolean left) {
    leaving.computeIfPresent(page.pages(), (pages, count) -> count > 1 ? count - 1 : null);
    if (left) {
      stuck.remove(page.pages());
    } else {
      stuck.add(page.pages());
      clock.add(page);
    }
    notifyAll();
  }

  synchronized void entered(Page page) {
    clock.add(page);
  }

  /**
   * Nobody uses some pages any more, nor writes one of them when this returns: their places in the
   * file may be others' then.
   */
  synchronized void forget(Pages of, Set<Page> butThese) {
    boolean interrupted = false;
    forgetting.add(of);
    while (leaving.containsKey(of)) {
      try {
        wait();
      } catch (InterruptedException later) {
        interrupted = true;
      }
    }
    forgetting.remove(of);
    stuck.remove(of);
    clock.removeIf(page -> page.pages() == of && !butThese.contains(page));
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Pages that are in memory. */
  synchronized int pages() {
    int onTheirWay = 0;
    for (int each : leaving.values()) {
      onTheirWay += each;
    }
    return clock.size() + onTheirWay;
  }

  synchronized boolean holds(long moreBytes) {
    return bytes + moreBytes <= mostBytes;
  }

  /** So many bytes more, or less, tell where pages are. */
  synchronized void charge(long moreBytes) {
    bytes += moreBytes;
  }
}
