// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * The memory that maps may take, of all overlays together: so many pages, of which those that were
 * not used for longest go to files, and so many bytes for what tells where the pages are.
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
  private long bytes;

  PageMemory(int mostPages, long mostBytes) {
    this.mostPages = mostPages;
    this.mostBytes = mostBytes;
  }

  /**
   * Sees to it that one more can be in memory.
   *
   * @return false when those that are cannot leave it
   */
  synchronized boolean room() {
    Set<Pages> full = Collections.newSetFromMap(new IdentityHashMap<>());
    // Each is looked at twice at most: the first time it may have been used.
    for (int looks = 2 * clock.size(); clock.size() >= mostPages && looks > 0; looks--) {
      Page page = clock.remove();
      if (page.wasUsed() || full.contains(page.pages())) {
        clock.add(page);
        continue;
      }
      try {
        page.leave();
      } catch (IOException noSpace) {
        full.add(page.pages());
        clock.add(page);
      }
    }
    return clock.size() < mostPages;
  }

  synchronized void entered(Page page) {
    clock.add(page);
  }

  /** Nobody uses some pages any more. */
  synchronized void forget(Pages of, Set<Page> butThese) {
    clock.removeIf(page -> page.pages() == of && !butThese.contains(page));
  }

  /** Pages that are in memory. */
  synchronized int pages() {
    return clock.size();
  }

  synchronized boolean holds(long moreBytes) {
    return bytes + moreBytes <= mostBytes;
  }

  /** So many bytes more, or less, tell where pages are. */
  synchronized void charge(long moreBytes) {
    bytes += moreBytes;
  }
}
