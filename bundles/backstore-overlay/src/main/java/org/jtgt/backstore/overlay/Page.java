// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * So many numbers in a row, in memory or, when they have not been used for long, in the file of
 * their {@link Pages}.
 *
 * <p>Thread rules: reading needs no lock; the caller serialises changes, and sees to it that no
 * number is read while it changes.
 */
final class Page {
  static final int ENTRIES = 1024;
  static final int BYTES = ENTRIES * Long.BYTES;

  private final Pages pages;
  private volatile long @Nullable [] entries;

  /** Whether another image may have it too. */
  private volatile boolean shared;

  private volatile boolean used;
  private volatile boolean changed = true;

  /** Where it lies in the file; -1: nowhere yet. Under the monitor of the file. */
  private int slot = -1;

  private int checksum;

  Page(Pages pages, long[] entries) {
    this.pages = pages;
    this.entries = entries;
  }

  Pages pages() {
    return pages;
  }

  int slot() {
    return slot;
  }

  void slot(int given) {
    slot = given;
  }

  boolean shared() {
    return shared;
  }

  void shared(boolean by) {
    shared = by;
  }

  long get(int at) throws IOException {
    if (!used) {
      used = true;
    }
    long[] present = entries;
    return (present != null ? present : enter())[at];
  }

  /** All of them, to be looked at once: what is in the file stays there. */
  long[] all() throws IOException {
    long[] present = entries;
    if (present != null) {
      return present;
    }
    synchronized (this) {
      return present();
    }
  }

  private long[] present() throws IOException {
    long[] present = entries;
    return present != null ? present : pages.file().read(slot, checksum);
  }

  private long[] enter() throws IOException {
    boolean room = pages.memory().room(pages);
    long[] found;
    synchronized (this) {
      long[] present = entries;
      if (present != null) {
        return present;
      }
      found = pages.file().read(slot, checksum);
      if (!room) {
        return found;
      }
      entries = found;
      changed = false;
    }
    pages.memory().entered(this);
    return found;
  }

  void set(int at, long value) throws IOException {
    get(at);
    change(all -> all[at] = value);
  }

  /** Changes some. */
  @FunctionalInterface
  interface Change {
    void to(long[] entries);
  }

  synchronized void change(Change change) throws IOException {
    long[] all = present();
    change.to(all);
    if (entries == null) {
      checksum = pages.file().write(slot, all);
    } else {
      changed = true;
    }
  }

  /** Whether its file has not all of it. */
  boolean changed() {
    return changed;
  }

  /** Whether it was used since this was asked last. */
  boolean wasUsed() {
    boolean was = used;
    used = false;
    return was;
  }

  /**
   * Is in the file from now on.
   *
   * @throws IOException when it cannot be; it is in memory still
   */
  synchronized void leave() throws IOException {
    long[] present = entries;
    if (present != null && changed) {
      pages.file().place(this);
      checksum = pages.file().write(slot, present);
    }
    entries = null;
  }
}
