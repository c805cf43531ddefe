// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What a frame of the map tells: from then on this holds. */
sealed interface Event {
  /** Most pairs in one event, so that a frame has a bounded length. */
  int MOST_PAIRS = 1 << 16;

  /**
   * Clusters of the head lie elsewhere.
   *
   * @param pairs cluster and place by turns; a place in data, {@link ClusterMap#ZEROS} or {@link
   *     ClusterMap#BASE}
   */
  @SuppressWarnings("ArrayRecordComponent") // compared nowhere
  record Places(long[] pairs) implements Event {
    /** As many events as it takes. */
    static List<Event> of(Pairs pairs) {
      var events = new ArrayList<Event>();
      for (int from = 0; from < pairs.count(); from += MOST_PAIRS) {
        events.add(new Places(pairs.range(from, Math.min(pairs.count(), from + MOST_PAIRS))));
      }
      return events;
    }
  }

  /** The head as it is now is kept as a snapshot. */
  record Taken(long id, Instant created, String name) implements Event {}

  /** A snapshot is given up. */
  record Deleted(long id) implements Event {}

  /** The head holds what the snapshot holds. */
  record RolledBack(long id) implements Event {}

  /** The head holds what the base holds. */
  record Discarded() implements Event {}

  /** The head has another size. */
  record Resized(long bytes) implements Event {}

  /** Clusters and their places, in the order in which they changed. */
  final class Pairs {
    private long[] values = new long[64];
    private int count;

    void add(long cluster, long place) {
      if (2 * count == values.length) {
        values = Arrays.copyOf(values, 2 * values.length);
      }
      values[2 * count] = cluster;
      values[2 * count + 1] = place;
      count++;
    }

    void addAll(Pairs later) {
      for (int i = 0; i < later.count; i++) {
        add(later.values[2 * i], later.values[2 * i + 1]);
      }
    }

    int count() {
      return count;
    }

    long place(int index) {
      return values[2 * index + 1];
    }

    private long[] range(int from, int to) {
      return Arrays.copyOfRange(values, 2 * from, 2 * to);
    }
  }
}
