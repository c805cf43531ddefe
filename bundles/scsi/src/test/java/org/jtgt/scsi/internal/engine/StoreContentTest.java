// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.jtgt.scsi.ScsiStatus.GOOD;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jtgt.backstore.Snapshots;
import org.jtgt.backstore.StoreIo;
import org.jtgt.state.StateRow;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What an operator does to the content of stores under I/O. */
class StoreContentTest {
  private static final String SYNC = "35 00 00000000 00 0000 00";

  private final Bench bench = new Bench();
  private final Keeper store = new Keeper();
  private final StoreContent content = new StoreContent(bench.engine);

  /** A store that completes when it is told to, and keeps copies of itself. */
  private static final class Keeper extends AsyncStore implements Snapshots {
    private final Map<String, byte[]> kept = new LinkedHashMap<>();
    boolean atOnce = true;
    Runnable whenAsked = () -> {};

    Keeper() {
      super(1000 * 512);
    }

    @Override
    public synchronized void submit(StoreIo io) {
      super.submit(io);
      if (atOnce) {
        completeAll();
      }
    }

    @Override
    public void create(String name) throws IOException {
      if (name.equals("refused")) {
        throw new IOException("no space");
      }
      whenAsked.run();
      kept.put(name, content(0, 1000));
    }

    @Override
    public List<Snapshot> list() {
      return kept.keySet().stream().map(name -> new Snapshot(name, Instant.EPOCH)).toList();
    }

    @Override
    public void delete(String name) throws IOException {
      if (kept.remove(name) == null) {
        throw new IOException("there is no snapshot " + name);
      }
    }

    @Override
    public void rollBack(String name) {
      whenAsked.run();
      write(0, Objects.requireNonNull(kept.get(name), name));
    }
  }

  StoreContentTest() {
    bench.clearAttentions(bench.nexus);
    bench.engine.addStore("store0", store);
  }

  @AfterEach
  void close() {
    bench.close();
  }

  private FakeCommand start(FakeCommand command) {
    bench.nexus.execute(command);
    return command;
  }

  @Test
  void aSnapshotIsTakenBetweenCommandsAndThoseThatComeWaitForIt() throws Exception {
    List<FakeCommand> waiting = new ArrayList<>();
    store.whenAsked =
        () -> {
          FakeCommand late = start(Bench.write10Command(1, Bench.pattern(1, 2)));
          assertThat(late.hasEnded()).isFalse();
          waiting.add(late);
        };
    bench.write10(0, Bench.pattern(1, 1));
    content.takeSnapshot(List.of("disk0"), "a");
    assertThat(waiting.getFirst().status()).isEqualTo(GOOD);
    assertThat(store.content(1, 1)).isEqualTo(Bench.pattern(1, 2));
    byte[] kept = store.kept.get("a");
    assertThat(Arrays.copyOf(kept, 512)).isEqualTo(Bench.pattern(1, 1));
    assertThat(Arrays.copyOfRange(kept, 512, 1024)).containsOnly(0);
    // No initiator has noticed.
    assertThat(bench.run("00").status()).isEqualTo(GOOD);
    assertThat(content.rows()).extracting(StateRow::name).containsExactly("disk0@a");
  }

  @Test
  void aCommandThatRunsEndsBeforeTheSnapshotIsTaken() throws Exception {
    content.takeSnapshot(List.of("disk0"), "before");
    store.atOnce = false;
    FakeCommand running = start(Bench.write10Command(0, Bench.pattern(1, 1)));
    assertThat(store.waiting()).isEqualTo(1);
    Thread taking = takeLater("a");
    // Its flush comes first, while I/O goes on.
    while (store.waiting() < 2) {
      Thread.onSpinWait();
    }
    assertThat(bench.unit.attachment().isAttached()).isTrue();
    assertThat(running.hasEnded()).isFalse();
    store.atOnce = true;
    store.completeAll();
    taking.join();
    assertThat(running.status()).isEqualTo(GOOD);
    assertThat(Arrays.copyOf(store.kept.get("a"), 512)).isEqualTo(Bench.pattern(1, 1));
    assertThat(store.kept.get("before")).containsOnly(0);
  }

  @Test
  void whatWaitedForASnapshotIsPromisedNothingAfterAFailedFlush() throws Exception {
    store.flushFailure = new IOException("lost");
    assertThat(bench.run(SYNC).sense()).isEqualTo("4/44/00");
    store.flushFailure = null;
    List<FakeCommand> waiting = new ArrayList<>();
    store.whenAsked = () -> waiting.add(start(FakeCommand.of(SYNC)));
    content.takeSnapshot(List.of("disk0"), "a");
    assertThat(waiting.getFirst().sense()).isEqualTo("4/44/00");
  }

  @Test
  void aFlushThatFailsWhileASnapshotWaitsForItIsNotForgotten() throws Exception {
    store.atOnce = false;
    FakeCommand running = start(FakeCommand.of(SYNC));
    Thread taking = takeLater("a");
    while (store.waiting() < 2) {
      Thread.onSpinWait();
    }
    store.completeLast();
    while (bench.unit.attachment().state() != StoreAttachment.State.DRAINING) {
      Thread.onSpinWait();
    }
    store.flushFailure = new IOException("lost");
    store.completeOne();
    store.flushFailure = null;
    taking.join();
    assertThat(running.sense()).isEqualTo("4/44/00");
    assertThat(store.kept).containsKey("a");
    store.atOnce = true;
    assertThat(bench.run(SYNC).sense()).isEqualTo("4/44/00");
  }

  private Thread takeLater(String snapshot) {
    return Thread.ofPlatform()
        .start(() -> {
          try {
            content.takeSnapshot(List.of("store0"), snapshot);
          } catch (IOException failure) {
            throw new AssertionError(failure);
          }
        });
  }

  @Test
  void rollingBackTellsInitiatorsAndCarriesNothingOutThatWaited() throws Exception {
    bench.write10(0, Bench.pattern(1, 1));
    content.takeSnapshot(List.of("disk0"), "a");
    bench.write10(0, Bench.pattern(1, 2));
    List<FakeCommand> waiting = new ArrayList<>();
    store.whenAsked = () -> waiting.add(start(Bench.write10Command(0, Bench.pattern(1, 3))));
    content.rollBack("disk0", "a");
    assertThat(waiting.getFirst().sense()).isEqualTo("2/04/01");
    assertThat(store.content(0, 1)).isEqualTo(Bench.pattern(1, 1));
    assertThat(bench.run("00").sense()).isEqualTo("6/28/00");
    assertThat(bench.run("00").status()).isEqualTo(GOOD);
    assertThat(bench.read10(0, 1).data()).isEqualTo(Bench.pattern(1, 1));
  }

  @Test
  void severalAreTakenAllOrNone() throws Exception {
    Keeper other = new Keeper();
    bench.createUnit(Bench.settings("disk1", "store1"));
    bench.engine.addStore("store1", other);
    other.whenAsked =
        () -> assertThat(bench.unit.attachment().isAttached()).as("disk0 waits too").isFalse();
    content.takeSnapshot(List.of("disk0", "disk1"), "a");
    assertThat(store.kept).containsKey("a");
    assertThat(other.kept).containsKey("a");
    other.kept.put("b", new byte[0]);
    assertThatThrownBy(() -> content.takeSnapshot(List.of("disk0", "disk1"), "b"))
        .hasMessage("disk1 has a snapshot b already");
    other.whenAsked =
        () -> {
          throw new UncheckedIOException(new IOException("broken"));
        };
    assertThatThrownBy(() -> content.takeSnapshot(List.of("disk0", "disk1"), "c"))
        .hasMessageContaining("broken");
    assertThat(store.kept).containsOnlyKeys("a");
    assertThat(bench.unit.attachment().isAttached()).isTrue();
    assertThat(bench.run("00").status()).isEqualTo(GOOD);
  }

  @Test
  void aStoreOfAnotherNameIsTakenAlsoWhenItComesLater() {
    MemoryStore overlay = new MemoryStore(1000 * 512);
    overlay.identity = "overlay";
    bench.engine.changeUnit(bench.unit, Bench.settings("disk0", "store0.cow"));
    FakeCommand held = start(FakeCommand.of("00"));
    bench.engine.addStore("store0.cow", overlay);
    assertThat(held.hasEnded()).isTrue();
    assertThat(bench.unit.store()).contains(overlay);
    assertThat(bench.unit.choice().needsAcceptance()).isFalse();
  }

  @Test
  void whatCannotBeDoneIsRefusedAndIoGoesOn() throws Exception {
    assertThatThrownBy(() -> content.takeSnapshot(List.of("disk0"), "refused"))
        .hasMessage("no space");
    assertThatThrownBy(() -> content.takeSnapshot(List.of("disk7"), "a"))
        .hasMessage("disk7 has no store now");
    assertThatThrownBy(() -> content.discard("disk0"))
        .hasMessage("the store of disk0 stands on no base");
    bench.engine.addStore("plain", new MemoryStore(512));
    assertThatThrownBy(() -> content.takeSnapshot(List.of("plain"), "a"))
        .hasMessage("the store of plain keeps no snapshots");
    assertThat(content.keepsSnapshots("plain")).isFalse();
    assertThat(content.keepsSnapshots("disk0")).isTrue();
    assertThat(bench.run("00").status()).isEqualTo(GOOD);
  }
}
