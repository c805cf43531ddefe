// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.CopyOnWrite;
import org.jtgt.backstore.Snapshots;
import org.jtgt.backstore.testing.TestIo;

/** One overlay that is used in all ways, and what may be found of it after a crash. */
final class CrashModel {
  private static final int BLOCK = 512;
  private static final int MOST_GROWTHS = 4;

  /** What may be found, for as long as nothing else is promised. */
  record Promise(List<byte[]> versions, Map<String, byte[]> kept, Map<String, byte[]> possible) {}

  /** Carries out what a model does, and notes what is promised meanwhile and afterwards. */
  interface Machine {
    void act(CrashModel model, byte[] next, boolean stable, Action action) throws IOException;
  }

  /** Something that is done to the overlay. */
  interface Action {
    void run() throws IOException;
  }

  private final OverlayStore store;
  private final Machine machine;
  private final Random random;
  private final int clusterBytes;
  private final Set<String> inUse;
  private final List<byte[]> versions = new ArrayList<>();
  private final Map<String, byte[]> kept = new LinkedHashMap<>();
  private final Map<String, byte[]> possible = new HashMap<>();
  private byte[] content;
  private byte[] base;
  private int number;
  private int growths;

  /**
   * @param content what it holds now, which is its base's
   * @param inUse snapshots that stay
   */
  CrashModel(
      OverlayStore store,
      byte[] content,
      int clusterBytes,
      Set<String> inUse,
      Random random,
      Machine machine) {
    this.store = store;
    this.content = content.clone();
    this.base = content.clone();
    this.clusterBytes = clusterBytes;
    this.inUse = inUse;
    this.random = random;
    this.machine = machine;
    versions.add(this.content);
  }

  Promise promise() {
    return new Promise(List.copyOf(versions), Map.copyOf(kept), Map.copyOf(possible));
  }

  byte[] content() {
    return content.clone();
  }

  /** Something leads to a content: until it has ended that may be there, and afterwards it is. */
  void possibly(byte[] next) {
    versions.add(next.clone());
  }

  void certainly(byte[] next, boolean stable) {
    content = next;
    if (stable) {
      versions.clear();
      versions.add(next.clone());
    }
  }

  private void act(byte[] next, boolean stable, Action action) throws IOException {
    machine.act(this, next, stable, action);
  }

  /** Takes a snapshot. */
  void snapshot(String name) throws IOException {
    possible.put(name, content);
    act(content, true, () -> snapshots().create(name));
    kept.put(name, content);
  }

  private Snapshots snapshots() {
    return store.adapt(Snapshots.class).orElseThrow();
  }

  private CopyOnWrite differences() {
    return store.adapt(CopyOnWrite.class).orElseThrow();
  }

  /** From here on what is written goes to the base. */
  void commitAndWriteThrough() throws IOException {
    for (String name : List.copyOf(kept.keySet())) {
      delete(name);
    }
    act(content, true, () -> differences().commit(true));
  }

  void step() throws IOException {
    switch (random.nextInt(20)) {
      case 0, 1 -> act(content, true, () -> TestIo.flush().run(store));
      case 2, 3, 4 -> unmapWholeClusters();
      case 5, 6 -> snapshot("s" + number++);
      case 7, 8 ->
          kept.keySet().stream()
              .filter(name -> !inUse.contains(name))
              .findFirst()
              .ifPresent(name -> {
                try {
                  delete(name);
                } catch (IOException failure) {
                  throw new AssertionError(failure);
                }
              });
      case 9, 10 -> {
        if (!kept.isEmpty()) {
          String old = List.copyOf(kept.keySet()).get(random.nextInt(kept.size()));
          byte[] then = Arrays.copyOf(kept.get(old), content.length);
          act(then, true, () -> snapshots().rollBack(old));
        }
      }
      case 11 -> {
        if (random.nextInt(4) == 0) {
          byte[] then = Arrays.copyOf(base, content.length);
          act(then, true, () -> differences().discard());
        }
      }
      case 12 -> {
        if (growths < MOST_GROWTHS && !inUse.isEmpty()) {
          growths++;
          byte[] larger = Arrays.copyOf(content, content.length + clusterBytes + 3 * BLOCK);
          act(larger, true, () -> store.resize(larger.length));
        }
      }
      case 13 -> {
        if (kept.isEmpty() && inUse.isEmpty()) {
          act(content, true, () -> differences().commit(false));
          base = content.clone();
        }
      }
      default -> write();
    }
  }

  private void delete(String name) throws IOException {
    kept.remove(name);
    act(content, true, () -> snapshots().delete(name));
    possible.remove(name);
  }

  /** Whose places are free then. */
  private void unmapWholeClusters() throws IOException {
    int at = random.nextInt(content.length / clusterBytes) * clusterBytes;
    int bytes = Math.min(content.length - at, (1 + random.nextInt(3)) * clusterBytes);
    byte[] next = content.clone();
    Arrays.fill(next, at, at + bytes, (byte) 0);
    act(next, false, () -> TestIo.unmap(at, bytes, false).run(store));
  }

  void write() throws IOException {
    int at = random.nextInt(content.length / BLOCK) * BLOCK;
    byte[] data = new byte[Math.min(content.length - at, (1 + random.nextInt(40)) * BLOCK)];
    random.nextBytes(data);
    byte[] next = content.clone();
    System.arraycopy(data, 0, next, at, data.length);
    act(next, false, () -> TestIo.put(store, at, data));
  }

  /** Looks whether an overlay that was opened again is as promised. */
  static void check(OverlayStore store, Promise promise, String when) throws IOException {
    byte[] found = TestIo.bytes(store, 0, (int) store.sizeBytes());
    assertThat(promise.versions().stream().map(version -> version.length))
        .as(when + ": its size")
        .contains(found.length);
    for (int block = 0; block < found.length; block += BLOCK) {
      int at = block;
      if (promise.versions().stream().noneMatch(version -> holds(version, found, at))) {
        throw new AssertionError(when + ": byte " + at + " is neither old nor new");
      }
    }
    Snapshots snapshots = store.adapt(Snapshots.class).orElseThrow();
    List<String> names = snapshots.list().stream().map(Snapshots.Snapshot::name).toList();
    assertThat(names).as(when).containsAll(promise.kept().keySet());
    for (String name : names) {
      assertThat(promise.possible()).as(when).containsKey(name);
      Backstore snapshot = snapshots.open(name);
      assertThat(TestIo.bytes(snapshot, 0, (int) snapshot.sizeBytes()))
          .as(when + ": content of snapshot " + name)
          .isEqualTo(promise.possible().get(name));
    }
  }

  /** Behind the end of a version that was shorter there are zeros. */
  private static boolean holds(byte[] version, byte[] found, int at) {
    byte[] block = Arrays.copyOfRange(version, Math.min(at, version.length), at + BLOCK);
    return at < version.length
        ? Arrays.equals(block, 0, BLOCK, found, at, at + BLOCK)
        : Arrays.equals(new byte[BLOCK], 0, BLOCK, found, at, at + BLOCK);
  }
}
