// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.testing;

import static org.jtgt.backstore.testing.StoreContract.always;
import static org.jtgt.backstore.testing.Trial.expect;
import static org.jtgt.backstore.testing.Trial.expectBytes;
import static org.jtgt.backstore.testing.Trial.pattern;

import java.io.IOException;
import java.util.List;
import org.jtgt.backstore.Snapshots;
import org.jtgt.backstore.testing.StoreContract.Check;

/** A store that keeps images of itself. */
final class SnapshotChecks {
  private SnapshotChecks() {}

  static List<Check> all() {
    return List.of(
        always(
            "a snapshot is what the store was, and rolling back makes it so again",
            trial -> {
              WatchedStore store = trial.openKeeping();
              Snapshots snapshots = store.require(Snapshots.class);
              byte[] before = pattern(trial.depth(store), 1);
              TestIo.put(store, 0, before);
              create(store, snapshots, "one");
              refused("a second snapshot of one name", () -> snapshots.create("one"));
              TestIo.put(store, 0, pattern(before.length / 2 / 512 * 512, 2));
              create(store, snapshots, "two");
              expect(
                  names(snapshots).equals(List.of("one", "two")),
                  "its snapshots are %s",
                  names(snapshots));
              refused("rolling back to nothing", () -> snapshots.rollBack("three"));
              refused("deleting nothing", () -> snapshots.delete("three"));
              TestIo.flush().run(store);
              snapshots.rollBack("one");
              expectBytes(store, 0, before, "rolled back");
              for (String name : names(snapshots)) {
                snapshots.delete(name);
              }
              expect(names(snapshots).isEmpty(), "%s are left", names(snapshots));
              expectBytes(store, 0, before, "without its snapshots");
            }));
  }

  /** The caller drains and flushes first. */
  private static void create(WatchedStore store, Snapshots snapshots, String name)
      throws IOException {
    TestIo.flush().run(store);
    snapshots.create(name);
  }

  private static List<String> names(Snapshots snapshots) throws IOException {
    return snapshots.list().stream().map(Snapshots.Snapshot::name).toList();
  }

  private interface Attempt {
    void run() throws IOException;
  }

  private static void refused(String what, Attempt attempt) {
    try {
      attempt.run();
    } catch (IOException asItShould) {
      return;
    }
    throw new AssertionError(what + " is taken");
  }
}
