// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.io.IOException;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BackstoreException.Kind;

/** Which places of data are taken. The lowest free one is given, so that the file stays short. */
final class Space {
  private PlaceSet taken;
  private long lowestFree;
  private int mostPlaces = Integer.MAX_VALUE;

  /** These are taken. */
  Space(PlaceSet taken) {
    this.taken = taken;
  }

  /** No more places than these are given from now on. */
  synchronized void limit(long places) {
    mostPlaces = (int) Math.min(places, Integer.MAX_VALUE);
  }

  /** Exactly these are taken. */
  synchronized void reset(PlaceSet places) {
    taken = places;
    lowestFree = 0;
  }

  /**
   * Takes one.
   *
   * @throws BackstoreException of kind FULL
   */
  synchronized int take() throws IOException {
    if (taken.count() >= mostPlaces) {
      throw BackstoreException.of(
          Kind.FULL, "limit: the overlay holds all the clusters that it may: " + taken.count());
    }
    int place = (int) taken.nextFree(lowestFree);
    taken.add(place);
    lowestFree = place + 1L;
    return place;
  }

  synchronized void release(long place) throws IOException {
    taken.remove(place);
    lowestFree = Math.min(lowestFree, place);
  }

  synchronized long takenPlaces() {
    return taken.count();
  }

  synchronized long freePlaces() {
    return Math.max(0, (long) mostPlaces - taken.count());
  }

  /** How many places data must have room for. */
  synchronized long end() throws IOException {
    return taken.end();
  }
}
