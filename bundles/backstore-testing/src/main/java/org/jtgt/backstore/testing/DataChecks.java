// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.testing;

import static org.jtgt.backstore.testing.StoreContract.always;
import static org.jtgt.backstore.testing.StoreContract.reopening;
import static org.jtgt.backstore.testing.Trial.expectBytes;
import static org.jtgt.backstore.testing.Trial.pattern;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jtgt.backstore.testing.StoreContract.Check;
import org.jtgt.backstore.testing.StoreUnderTest.Keeps;

/** What is read is what was written. */
final class DataChecks {
  private static final int[] SEEDS = {1, 2, 3};
  private static final int STEPS = 150;

  private DataChecks() {}

  static List<Check> all() {
    List<Check> checks = new ArrayList<>();
    checks.add(always("a new store reads as what it is said to hold", DataChecks::isNew));
    for (int seed : SEEDS) {
      checks.add(
          always(
              "random requests, short, long and scattered, are answered as by an array (%d)"
                  .formatted(seed),
              trial -> {
                WatchedStore store = keeping(trial);
                new StoreModel(store, seed, 0, trial.content(store)).run(STEPS);
              }));
    }
    checks.add(always("the first and the last block are its own", DataChecks::ends));
    checks.add(always("one request may cover many megabytes", DataChecks::large));
    checks.add(reopening("what was written is there when it is opened again", DataChecks::again));
    return checks;
  }

  private static WatchedStore keeping(Trial trial) throws Exception {
    if (trial.subject().keeps() == Keeps.NOTHING) {
      throw new NotApplicableException("it keeps nothing");
    }
    return trial.open();
  }

  private static void isNew(Trial trial) throws Exception {
    WatchedStore store = trial.open();
    new StoreModel(store, 0, 0, trial.content(store)).compareAll();
  }

  private static void ends(Trial trial) throws Exception {
    WatchedStore store = trial.openKeeping();
    int block = store.blockBytes();
    long last = store.sizeBytes() - block;
    byte[] first = pattern(block, 1);
    byte[] end = pattern(block, 2);
    TestIo.put(store, last, end);
    TestIo.put(store, 0, first);
    expectBytes(store, last, end, "last block");
    if (last > 0) {
      expectBytes(store, 0, first, "first block");
    }
  }

  private static void large(Trial trial) throws Exception {
    WatchedStore store = trial.openKeeping();
    byte[] all = pattern(trial.depth(store), 3);
    TestIo.put(store, 0, all);
    expectBytes(store, 0, all, "after one write of all");
    TestIo.writeZeroes(0, all.length, false, false).run(store);
    expectBytes(store, 0, new byte[all.length], "after zeros over all");
  }

  private static void again(Trial trial) throws Exception {
    if (trial.subject().keeps() != Keeps.DATA) {
      throw new NotApplicableException("it keeps nothing when it is closed");
    }
    WatchedStore store = trial.openWritable();
    byte[] expected = pattern(trial.depth(store), 4);
    TestIo.put(store, 0, expected);
    int half = expected.length / 2 / store.blockBytes() * store.blockBytes();
    TestIo.writeZeroes(half, store.blockBytes(), false, true).run(store);
    Arrays.fill(expected, half, half + store.blockBytes(), (byte) 0);
    trial.close(store);
    expectBytes(trial.open(), 0, expected, "opened again");
  }
}
