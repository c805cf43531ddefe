// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.util.BitSet;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BackstoreException.Kind;

/** Which places of data are taken. The lowest free one is given, so that the file stays short. */
final class Space {
  private BitSet taken = new BitSet();
  private int count;
  private int lowestFree;
  private int mostPlaces = Integer.MAX_VALUE;

  /** No more places than these are given from now on. */
  synchronized void limit(long places) {
    mostPlaces = (int) Math.min(places, Integer.MAX_VALUE);
  }

  /** Exactly these are taken. */
  synchronized void reset(BitSet places) {
    taken = places;
    count = places.cardinality();
    lowestFree = 0;
  }

  /**
   * Takes one.
   *
   * @throws BackstoreException of kind FULL
   */
  synchronized int take() throws BackstoreException {
    if (count >= mostPlaces) {
      throw BackstoreException.of(
          Kind.FULL, "limit: the overlay holds all the clusters that it may: " + count);
    }
    int place = taken.nextClearBit(lowestFree);
    taken.set(place);
    lowestFree = place + 1;
    count++;
    return place;
  }

  synchronized void release(long place) {
    taken.clear((int) place);
    lowestFree = (int) Math.min(lowestFree, place);
    count--;
  }

  synchronized long takenPlaces() {
    return count;
  }

  synchronized long freePlaces() {
    return Math.max(0, (long) mostPlaces - count);
  }

  /** How many places data must have room for. */
  synchronized long end() {
    return taken.length();
  }
}
