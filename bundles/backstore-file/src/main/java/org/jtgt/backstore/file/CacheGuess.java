// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.file;

/**
 * Whether a read is worth trying in the page cache first, guessed from those before it. A try that
 * misses is not free: the system begins to read ahead for it, on the calling thread, which is a
 * network thread that others wait for.
 *
 * <p>Each miss in a row doubles how many reads go without a try, up to {@value #MOST}; a hit ends
 * that. Any thread may call any method: what two threads at once make of the counts is a guess too.
 */
final class CacheGuess {
  /** Reads that go without a try at most. */
  static final int MOST = 63;

  private int untriedAfterMiss;
  private int untriedLeft;

  /** Asked once for each read. */
  boolean worthTrying() {
    int left = untriedLeft;
    if (left > 0) {
      untriedLeft = left - 1;
    }
    return left <= 0;
  }

  /** A try has found everything. */
  void hit() {
    untriedAfterMiss = 0;
  }

  /** A try has not found everything. */
  void missed() {
    untriedAfterMiss = Math.min(2 * untriedAfterMiss + 1, MOST);
    untriedLeft = untriedAfterMiss;
  }
}
