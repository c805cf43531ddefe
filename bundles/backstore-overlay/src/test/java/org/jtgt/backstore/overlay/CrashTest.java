// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.Snapshots;
import org.jtgt.backstore.testing.TestIo;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Overlays that are used in all ways, and then looked at as they are when the process or the power
 * goes at each point of it: what was acknowledged and flushed is there, what was not is old or new
 * block by block, a snapshot that was taken holds what it held.
 *
 * <p>When the power goes, of the sectors that were written since the last flush any may be missing:
 * each one alone, all but one, and random ones. {@code -Djtgt.overlay.steps=500} is a long form;
 * {@code -Djtgt.overlay.seed=N} plays another game.
 */
class CrashTest implements CrashModel.Machine {
  private static final int CLUSTER = 4096;
  private static final int BYTES = 24 * CLUSTER + 1024;
  private static final int STEPS = Integer.getInteger("jtgt.overlay.steps", 70);
  private static final int SEED = Integer.getInteger("jtgt.overlay.seed", 77);

  /** So many sectors are lost, and kept, one by one at each flush; all of them in a long form. */
  private static final int SINGLE = STEPS > 70 ? Integer.MAX_VALUE : 3;

  private final Random random = new Random(SEED);
  private final Journal journal = new Journal();
  private final List<CrashModel> models = new ArrayList<>();

  /** By number of steps of the journal: what holds while the last of them is done, and after it. */
  private final List<List<CrashModel.Promise>> during = new ArrayList<>();

  private final Map<Integer, List<CrashModel.Promise>> after = new HashMap<>();
  private int crashes;

  private List<CrashModel.Promise> promises() {
    return models.stream().map(CrashModel::promise).toList();
  }

  @Override
  public void act(CrashModel model, byte[] next, boolean stable, CrashModel.Action action)
      throws IOException {
    model.possibly(next);
    List<CrashModel.Promise> meanwhile = promises();
    action.run();
    while (during.size() < journal.count()) {
      during.add(meanwhile);
    }
    model.certainly(next, stable);
  }

  private void acknowledged() {
    while (during.size() < journal.count()) {
      during.add(promises());
    }
    after.put(journal.count(), promises());
  }

  @BeforeEach
  void aBaseThatHoldsSomething() throws Exception {
    byte[] content = new byte[BYTES];
    random.nextBytes(content);
    Backstore base = new JournaledStore(journal, BYTES);
    TestIo.put(base, 0, content);
    TestIo.flush().run(base);
    OverlayStore store = OverlayStore.open(base, journal.folder("disk"), CLUSTER);
    models.add(new CrashModel(store, content, CLUSTER, Set.of(), random, this));
    acknowledged();
  }

  @Test
  void itIsAsPromisedAfterACrashAtEveryPoint() throws Exception {
    int begin = journal.count();
    CrashModel disk = models.getFirst();
    for (int step = 0; step < STEPS; step++) {
      disk.step();
      acknowledged();
    }
    disk.commitAndWriteThrough();
    acknowledged();
    for (int step = 0; step < 5; step++) {
      disk.write();
      acknowledged();
    }
    assertThat(journal.bytes("disk/data")).isEmpty();
    checkEveryCrash(begin);
  }

  @Test
  void aCloneAndWhatItWasTakenOfAreAsPromisedAfterACrashAtEveryPoint() throws Exception {
    models.clear();
    OverlayStore store = openDisk(journal);
    byte[] content = TestIo.bytes(store, 0, BYTES);
    CrashModel disk = new CrashModel(store, content, CLUSTER, Set.of("origin"), random, this);
    models.add(disk);
    disk.write();
    disk.snapshot("origin");
    OverlayStore clone = openClone(store, journal);
    models.add(new CrashModel(clone, disk.content(), CLUSTER, Set.of("none"), random, this));
    acknowledged();
    final int begin = journal.count();
    for (int step = 0; step < STEPS; step++) {
      models.get(random.nextInt(2)).step();
      acknowledged();
    }
    checkEveryCrash(begin);
  }

  private static OverlayStore openDisk(Journal machine) throws IOException {
    return OverlayStore.open(new JournaledStore(machine, BYTES), machine.folder("disk"), CLUSTER);
  }

  private static OverlayStore openClone(OverlayStore disk, Journal machine) throws IOException {
    Backstore origin = disk.adapt(Snapshots.class).orElseThrow().open("origin");
    return OverlayStore.open(origin, machine.folder("clone"), CLUSTER);
  }

  private void checkEveryCrash(int first) throws IOException {
    for (int steps = first; steps <= journal.count(); steps++) {
      String when = "seed %d, after %d of %d steps".formatted(SEED, steps, journal.count());
      List<CrashModel.Promise> promise = after.getOrDefault(steps, during.get(steps - 1));
      check(journal.killed(steps, false), promise, when + ", killed");
      check(journal.killed(steps, true), during.get(steps - 1), when + ", killed in the last");
      Journal.Losses losses = journal.unplugged(steps);
      BitSet some = new BitSet();
      for (int i = 0; i < losses.count(); i++) {
        some.set(i, random.nextBoolean());
      }
      check(losses.with(some), promise, when + ", unplugged, there is " + some);
      if (steps == journal.count() || journal.makesStable(steps)) {
        checkSingleLosses(losses, promise, when);
      }
    }
    assertThat(crashes).isGreaterThan(10 * STEPS);
  }

  private void checkSingleLosses(
      Journal.Losses losses, List<CrashModel.Promise> promise, String when) throws IOException {
    BitSet all = new BitSet();
    all.set(0, losses.count());
    check(losses.with(new BitSet()), promise, when + ", nothing is there");
    int stride = Math.max(1, losses.count() / SINGLE);
    for (int i = random.nextInt(stride); i < losses.count(); i += stride) {
      BitSet one = new BitSet();
      one.set(i);
      check(losses.with(one), promise, when + ", one sector is there: " + i);
      BitSet others = (BitSet) all.clone();
      others.clear(i);
      check(losses.with(others), promise, when + ", one sector is missing: " + i);
    }
  }

  private void check(Journal left, List<CrashModel.Promise> promises, String when)
      throws IOException {
    crashes++;
    try {
      OverlayStore disk = openDisk(left);
      CrashModel.check(disk, promises.getFirst(), when);
      if (promises.size() > 1) {
        CrashModel.check(openClone(disk, left), promises.get(1), when + ", the clone");
      }
    } catch (IOException | RuntimeException damaged) {
      throw new AssertionError(when, damaged);
    }
  }
}
