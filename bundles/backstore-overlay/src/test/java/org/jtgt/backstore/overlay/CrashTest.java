// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.CopyOnWrite;
import org.jtgt.backstore.Snapshots;
import org.jtgt.backstore.testing.ArrayStore;
import org.jtgt.backstore.testing.TestIo;
import org.junit.jupiter.api.Test;

/**
 * An overlay that is used in all ways, and then looked at as it is when the process or the power
 * goes at each point of it: what was acknowledged and flushed is there, what was not is old or new
 * block by block, a snapshot that was taken holds what it held.
 */
class CrashTest {
  private static final int CLUSTER = 4096;
  private static final int BYTES = 24 * CLUSTER + 1024;
  private static final int STEPS = Integer.getInteger("jtgt.overlay.steps", 100);

  private final Random random = new Random(77);
  private final ArrayStore base = ArrayStore.inline(BYTES);
  private final Journal journal = new Journal();

  /** What may be found, for as long as nothing else is promised. */
  private record Promise(
      List<byte[]> versions, Map<String, byte[]> kept, Map<String, byte[]> possible) {}

  /** By number of steps of the journal: what holds while the last of them is done, and after it. */
  private final List<Promise> during = new ArrayList<>();

  private final Map<Integer, Promise> after = new HashMap<>();
  private final List<byte[]> versions = new ArrayList<>();
  private final Map<String, byte[]> kept = new HashMap<>();
  private final Map<String, byte[]> possible = new HashMap<>();
  private byte[] model = new byte[0];

  private Promise promise() {
    return new Promise(List.copyOf(versions), Map.copyOf(kept), Map.copyOf(possible));
  }

  private interface Action {
    void run() throws IOException;
  }

  /** Does something that leads to a content; what it promises holds from its end on. */
  private void act(byte[] next, boolean stable, Action action) throws IOException {
    versions.add(next.clone());
    Promise meanwhile = promise();
    action.run();
    while (during.size() < journal.count()) {
      during.add(meanwhile);
    }
    model = next;
    if (stable) {
      versions.clear();
      versions.add(next.clone());
    }
  }

  private void fillBase() throws IOException {
    byte[] content = new byte[BYTES];
    random.nextBytes(content);
    TestIo.put(base, 0, content);
  }

  private void acknowledged() {
    after.put(journal.count(), promise());
  }

  @Test
  void itIsAsPromisedAfterACrashAtEveryPoint() throws Exception {
    fillBase();
    model = base.bytes().clone();
    act(model, true, () -> OverlayStore.open(base, journal, CLUSTER));
    acknowledged();
    OverlayStore store = OverlayStore.open(base, journal, CLUSTER);
    for (int step = 0; step < STEPS; step++) {
      step(store, step);
      acknowledged();
    }
    assertThat(kept).isNotEmpty();
    for (int steps = 1; steps <= journal.count(); steps++) {
      String when = "after %d of %d steps".formatted(steps, journal.count());
      Promise promise = after.getOrDefault(steps, during.get(steps - 1));
      check(journal.killed(steps, false), promise, when + ", killed");
      check(journal.killed(steps, true), during.get(steps - 1), when + ", killed in the last");
      for (int i = 0; i < 2; i++) {
        check(journal.unplugged(steps, random), promise, when + ", unplugged");
      }
    }
  }

  private void step(OverlayStore store, int step) throws IOException {
    Snapshots snapshots = store.adapt(Snapshots.class).orElseThrow();
    String name = "s" + step;
    switch (random.nextInt(16)) {
      case 0, 1 -> act(model, true, () -> TestIo.flush().run(store));
      case 2, 3, 4 -> {
        // Whole clusters, whose places are free then.
        int at = random.nextInt(BYTES / CLUSTER) * CLUSTER;
        int bytes = Math.min(BYTES - at, (1 + random.nextInt(3)) * CLUSTER);
        byte[] next = model.clone();
        Arrays.fill(next, at, at + bytes, (byte) 0);
        act(next, false, () -> TestIo.unmap(at, bytes, false).run(store));
      }
      case 5, 6 -> {
        possible.put(name, model);
        act(model, true, () -> snapshots.create(name));
        kept.put(name, model);
      }
      case 7 -> {
        if (!kept.isEmpty()) {
          String old = kept.keySet().iterator().next();
          kept.remove(old);
          act(model, true, () -> snapshots.delete(old));
          possible.remove(old);
        }
      }
      case 8 -> {
        if (!kept.isEmpty()) {
          String old = kept.keySet().iterator().next();
          act(kept.get(old), true, () -> snapshots.rollBack(old));
        }
      }
      case 9 -> {
        if (random.nextInt(4) == 0) {
          CopyOnWrite differences = store.adapt(CopyOnWrite.class).orElseThrow();
          act(base.bytes().clone(), true, differences::discard);
        }
      }
      default -> {
        int at = random.nextInt(BYTES / 512) * 512;
        byte[] data = new byte[Math.min(BYTES - at, (1 + random.nextInt(40)) * 512)];
        random.nextBytes(data);
        byte[] next = model.clone();
        System.arraycopy(data, 0, next, at, data.length);
        act(next, false, () -> TestIo.put(store, at, data));
      }
    }
  }

  private void check(Journal left, Promise promise, String when) throws IOException {
    if (left.existing("map").isEmpty()) {
      return;
    }
    OverlayStore store;
    try {
      store = OverlayStore.open(base, left, CLUSTER);
    } catch (IOException | RuntimeException damaged) {
      throw new AssertionError(when, damaged);
    }
    byte[] found = TestIo.bytes(store, 0, BYTES);
    for (int block = 0; block < BYTES; block += 512) {
      int at = block;
      if (promise.versions().stream()
          .noneMatch(v -> Arrays.equals(v, at, at + 512, found, at, at + 512))) {
        throw new AssertionError(when + ": byte " + at + " is neither old nor new");
      }
    }
    Snapshots snapshots = store.adapt(Snapshots.class).orElseThrow();
    List<String> names = snapshots.list().stream().map(Snapshots.Snapshot::name).toList();
    assertThat(names).as(when).containsAll(promise.kept().keySet());
    for (String name : names) {
      assertThat(promise.possible()).as(when).containsKey(name);
      Backstore snapshot = snapshots.open(name);
      assertThat(Arrays.equals(TestIo.bytes(snapshot, 0, BYTES), promise.possible().get(name)))
          .as(when + ": content of snapshot " + name)
          .isTrue();
    }
  }

  @Test
  void aCommitThatIsCutOffLosesNothing() throws Exception {
    Journal data = new Journal();
    OverlayStore store = OverlayStore.open(base, data, CLUSTER);
    fillBase();
    byte[] expected = base.bytes().clone();
    byte[] fresh = new byte[9 * CLUSTER];
    random.nextBytes(fresh);
    System.arraycopy(fresh, 0, expected, 2 * CLUSTER, fresh.length);
    Arrays.fill(expected, 20 * CLUSTER, 22 * CLUSTER, (byte) 0);
    TestIo.put(store, 2L * CLUSTER, fresh);
    TestIo.unmap(20L * CLUSTER, 2 * CLUSTER, false).run(store);
    TestIo.flush().run(store);
    int before = data.count();
    store.adapt(CopyOnWrite.class).orElseThrow().commit(false);
    assertThat(base.bytes()).isEqualTo(expected);
    for (int steps = before; steps <= data.count(); steps++) {
      // The base has got all of it by now, which is what it has or is going to get.
      OverlayStore left = OverlayStore.open(base, data.killed(steps, false), CLUSTER);
      assertThat(TestIo.bytes(left, 0, BYTES)).isEqualTo(expected);
    }
    assertThat(store.allocatedBytes()).isZero();
    assertThat(data.bytes("data")).isEmpty();
  }
}
