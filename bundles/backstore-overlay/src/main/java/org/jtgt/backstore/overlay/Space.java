// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.io.IOException;
import org.jtgt.backstore.BackstoreException;
import org.jtgt.backstore.BackstoreException.Kind;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which places of data are taken. The lowest free one is given, so that the file stays short. */
final class Space {
  private static final Logger LOG = LoggerFactory.getLogger(Space.class);

  private PlaceSet taken;
  private long lowestFree;
  private int mostPlaces = Integer.MAX_VALUE;
  private volatile boolean recountDue;

  /** These are taken. */
  Space(PlaceSet taken) {
    this.taken = taken;
  }

  /** No more places than these are given from now on. */
  synchronized void limit(long places) {
    mostPlaces = (int) Math.min(places, Integer.MAX_VALUE);
  }

  /**
   * Learns from images which places are taken, and gives up what lies behind them in their data.
   * While no place is taken or released.
   *
   * @throws IOException when that cannot be told now: nothing that is taken is free then
   */
  void recount(Images images, Contents contents) throws IOException {
    PlaceSet places = images.places();
    reset(places);
    images.retain(places);
    long end = end() * contents.clusterBytes();
    if (contents.data().sizeBytes() > end) {
      contents.data().truncate(end);
    }
  }

  /** As {@link #recount}; when it cannot be told now it {@linkplain #isRecountDue is due}. */
  void recountOrLater(Images images, Contents contents) {
    recountDue = true;
    try {
      recount(images, contents);
      recountDue = false;
    } catch (IOException failure) {
      tell(contents, failure);
    }
  }

  /** As {@link #release} of several, which nobody has on disk any more, whatever comes of this. */
  void releaseOrLater(Event.Pairs places, Contents contents) {
    try {
      for (int i = 0; i < places.count(); i++) {
        release(places.place(i));
      }
    } catch (IOException failure) {
      recountDue = true;
      tell(contents, failure);
    }
  }

  private static void tell(Contents contents, IOException failure) {
    LOG.warn(
        "an overlay of {}: what was given up takes its space until the next snapshot operation or start: {}",
        contents.base().identity(),
        failure.toString());
  }

  /** Whether places may be taken that no image has any more. */
  boolean isRecountDue() {
    return recountDue;
  }

  /** Exactly these are taken. */
  private synchronized void reset(PlaceSet places) {
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
