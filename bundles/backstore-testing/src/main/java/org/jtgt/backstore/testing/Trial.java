// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.testing;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.testing.StoreUnderTest.Keeps;

/** One check under way: what it opened, and what the store did that it must not. */
final class Trial implements AutoCloseable {
  /** More than this of a store is not tested in depth. */
  private static final int DEPTH_BYTES = 8 << 20;

  private final StoreUnderTest subject;
  private final List<WatchedStore> open = new ArrayList<>();
  private final Queue<String> violations = new ConcurrentLinkedQueue<>();

  Trial(StoreUnderTest subject) {
    this.subject = subject;
  }

  StoreUnderTest subject() {
    return subject;
  }

  /** Opens the store, or opens it again. */
  WatchedStore open() throws Exception {
    WatchedStore store = new WatchedStore(subject.open(), violations::add);
    open.add(store);
    return store;
  }

  /** Opens a store for a check that writes. */
  WatchedStore openWritable() throws Exception {
    WatchedStore store = open();
    if (store.readOnly()) {
      throw new NotApplicableException("it is read-only");
    }
    return store;
  }

  /** Opens a store for a check that reads what it has written. */
  WatchedStore openKeeping() throws Exception {
    if (subject.keeps() == Keeps.NOTHING) {
      throw new NotApplicableException("it keeps nothing");
    }
    return openWritable();
  }

  void close(WatchedStore store) throws Exception {
    open.remove(store);
    subject.close(store.actual());
  }

  boolean crash(WatchedStore store) throws Exception {
    boolean crashed = subject.crash(store.actual());
    if (crashed) {
      open.remove(store);
    }
    return crashed;
  }

  /** Bytes of a store that a check works on, from 0. */
  int depth(Backstore store) {
    return (int) Math.min(DEPTH_BYTES, store.sizeBytes());
  }

  /** What it holds when it is new. */
  byte[] content(Backstore store) {
    return Arrays.copyOf(subject.content().orElse(new byte[0]), depth(store));
  }

  /** Closes all, and tells what was seen on the way. */
  void end() throws Exception {
    while (!open.isEmpty()) {
      close(open.getLast());
    }
    if (!violations.isEmpty()) {
      throw new AssertionError(violations.size() + " times, first: " + violations.peek());
    }
  }

  @Override
  public void close() throws Exception {
    while (!open.isEmpty()) {
      close(open.getLast());
    }
    subject.remove();
  }

  static void expect(boolean holds, String otherwise, Object... values) {
    if (!holds) {
      throw new AssertionError(otherwise.formatted(values));
    }
  }

  /** Bytes that differ from place to place and from seed to seed, none of them 0. */
  static byte[] pattern(int bytes, int seed) {
    byte[] pattern = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      pattern[i] = (byte) (1 + Math.floorMod(i * 31 + (i >>> 9) * 7 + seed * 101, 255));
    }
    return pattern;
  }

  static void expectBytes(Backstore store, long offsetBytes, byte[] expected, String when)
      throws IOException {
    byte[] found = TestIo.bytes(store, offsetBytes, expected.length);
    int wrong = Arrays.mismatch(found, expected);
    expect(
        wrong < 0,
        "%s: byte %d is %s instead of %s",
        when,
        offsetBytes + wrong,
        wrong < 0 ? "" : found[wrong],
        wrong < 0 ? "" : expected[wrong]);
  }
}
