// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.DrainNotice;
import org.jtgt.backstore.SizeChange;
import org.jtgt.scsi.device.Unit.Medium;
import org.jtgt.scsi.device.UnitAttention;

/**
 * Which store a logical unit uses: those offered under its name, in the order in which they came,
 * the one attached, and what the unit knows of its medium. Changes are made one at a time and may
 * wait for a drain; I/O never comes here.
 */
final class StoreChoice {
  /** So long a store that leaves may take to flush while commands go on. */
  private static final Duration EARLY_FLUSH = Duration.ofSeconds(5);

  /** So long after a store could not be attached for a failure it is tried again. */
  static final Duration RETRY_PAUSE = Duration.ofSeconds(10);

  private final LogicalUnit unit;
  private final StoreAttachment attachment;
  private final AcceptedStore accepted;
  private final List<StoreOffer> offers = new ArrayList<>();
  private volatile @Nullable Backstore attached;
  private SizeChange.@Nullable Registration sizeChanges;
  private volatile Optional<Medium> medium = Optional.empty();
  private volatile String problem = "";
  private volatile boolean needsAcceptance;
  private String version = "";
  private boolean newVersion;
  private boolean retrying;

  StoreChoice(LogicalUnit unit, StoreAttachment attachment) {
    this.unit = unit;
    this.attachment = attachment;
    this.accepted = new AcceptedStore(unit);
    attachment.onBlockage(this::tellBlockage);
  }

  private void tellBlockage() {
    String blockage = attachment.blockage();
    unit.reporter()
        .warn(
            "logical unit {}: store {} {}",
            unit.name(),
            unit.settings().store(),
            blockage.isEmpty() ? "answers again" : "is blocked: " + blockage);
  }

  private String blockage() {
    return Stream.of(attachment.blockage(), unit.deadline().describe())
        .filter(part -> !part.isEmpty())
        .collect(Collectors.joining("; "));
  }

  /** The medium as last seen. */
  @Nullable Medium medium() {
    return medium.orElse(null);
  }

  /** The same, kept so: each command asks, and leaves no garbage by that. */
  Optional<Medium> lastMedium() {
    return medium;
  }

  /** Why no store is attached, in words; empty when one is. */
  String problem() {
    String blockage = blockage();
    if (!blockage.isEmpty()) {
      return "store " + unit.settings().store() + " is blocked: " + blockage;
    }
    return attachment.isAttached() ? "" : problem;
  }

  /** Whether a store is attached here, whatever name the unit asks for. */
  boolean uses(Backstore store) {
    return attached == store;
  }

  /** Whether the store offered holds other data than the one before. */
  boolean needsAcceptance() {
    return needsAcceptance;
  }

  /** A store has come; it is the unit's if that still asks for the name. */
  synchronized void offer(String name, StoreOffer offer) {
    if (name.equals(unit.settings().store())
        && offers.stream().noneMatch(known -> known.store() == offer.store())) {
      offers.add(offer);
      choose(false, false);
    }
  }

  /** A store is going away: returns when it is not used any more, or {@code limit} is over. */
  synchronized void withdraw(Backstore store, Duration limit) {
    offers.removeIf(offer -> offer.store() == store);
    if (attached == store) {
      release(limit, false);
    }
    choose(false, false);
  }

  /**
   * The unit uses another store name from now on, or accepts what is there.
   *
   * @param onOffer what is there: asked when no store can be withdrawn from here any more
   */
  synchronized void replace(Supplier<List<StoreOffer>> onOffer, Duration limit) {
    List<StoreOffer> stores = onOffer.get();
    boolean sameData = false;
    if (attached != null
        && (stores.stream().noneMatch(offer -> offer.store() == attached) || !fits())) {
      sameData = showSameData(stores);
      release(limit, sameData);
    }
    offers.clear();
    offers.addAll(stores);
    choose(true, sameData);
  }

  /**
   * Whether stores that may take the place of the one attached show its very data, as a filter on
   * it does, or it itself below a filter: what it has not made stable yet can still be made stable
   * through them.
   */
  private boolean showSameData(List<StoreOffer> stores) {
    Medium known = medium();
    return known != null
        && !stores.isEmpty()
        && stores.stream()
            .allMatch(offer -> offer.store().identity().equals(known.storeIdentity()));
  }

  /** Lets the store go for good. */
  synchronized void close(Duration limit) {
    offers.clear();
    if (attached != null) {
      release(limit, false);
    }
  }

  private boolean fits() {
    Medium known = medium();
    return known != null && known.blockBytes() == unit.settings().blockBytes();
  }

  /**
   * Attaches the first store on offer that may be, if none is.
   *
   * @param accept whether it may be another one than before
   * @param sameData whether it shows the data of the one before, which was not opened again
   */
  private void choose(boolean accept, boolean sameData) {
    if (attached != null) {
      return;
    }
    problem = "store " + unit.settings().store() + " is not there";
    needsAcceptance = false;
    newVersion = false;
    for (StoreOffer offer : offers) {
      if (attachUnlessItFails(offer, accept, sameData)) {
        return;
      }
    }
    if (needsAcceptance && newVersion) {
      // The version before may be put back: until then what waits may go on waiting.
      attachment.expect();
      attachment.refuseLater();
    } else if (needsAcceptance) {
      attachment.refuse();
    } else {
      attachment.expect();
    }
  }

  private boolean attachUnlessItFails(StoreOffer offer, boolean accept, boolean sameData) {
    Optional<Medium> before = medium;
    try {
      return attach(offer, accept, sameData);
    } catch (RuntimeException failure) {
      // The unit's memory could not be read, perhaps: the store stays on offer.
      medium = before;
      stopWatchingSize();
      problem = "store %s: %s".formatted(unit.settings().store(), failure);
      unit.reporter().warn("logical unit {}: {}", unit.name(), problem);
      retryLater();
      return false;
    }
  }

  private void retryLater() {
    if (!retrying) {
      retrying = true;
      unit.after(RETRY_PAUSE, () -> unit.stateWorkers().run(this::retry));
    }
  }

  private synchronized void retry() {
    retrying = false;
    choose(false, false);
  }

  private boolean attach(StoreOffer offer, boolean accept, boolean sameData) {
    Backstore store = offer.store();
    int blockBytes = unit.settings().blockBytes();
    if (store.blockBytes() > blockBytes) {
      problem =
          "store %s has blocks of %d bytes, blockSize=%d is smaller"
              .formatted(unit.settings().store(), store.blockBytes(), blockBytes);
      return false;
    }
    if (store.sizeBytes() < blockBytes) {
      problem =
          "store %s holds no block of %d bytes".formatted(unit.settings().store(), blockBytes);
      return false;
    }
    Medium before = medium();
    Medium now = StoreMedium.of(store, blockBytes);
    boolean anyMedium = unit.deviceServer().acceptsAnyMedium();
    if (!accept && !anyMedium) {
      boolean upgrade = before != null && !version.equals(offer.version());
      String other = accepted.difference(before, now, upgrade);
      if (!other.isEmpty()) {
        needsAcceptance = true;
        newVersion = upgrade;
        problem = other + ": write the logical unit's configuration again to accept it";
        unit.reporter().warn("logical unit {}: {}", unit.name(), problem);
        return false;
      }
    }
    if (!anyMedium) {
      accepted.accept(store);
    }
    version = offer.version();
    if (before != null && StoreMedium.isAnother(before, now)) {
      // What waits was meant for the medium before.
      attachment.refuse();
      unit.establish(UnitAttention.MEDIUM_CHANGED);
    }
    learn(now);
    sizeChanges =
        store
            .adapt(SizeChange.class)
            .map(capability -> capability.onSizeChange(size -> resized(store)))
            .orElse(null);
    needsAcceptance = false;
    unit.deviceServer().storeAttached(before, now);
    attached = store;
    attachment.attach(store, sameData);
    return true;
  }

  private void resized(Backstore store) {
    // Not under the lock: the drain of this very store may be waiting with it.
    learn(StoreMedium.of(store, unit.settings().blockBytes()));
  }

  private void learn(Medium now) {
    Medium before = medium();
    medium = Optional.of(now);
    if (before != null
        && (before.blocks() != now.blocks() || before.blockBytes() != now.blockBytes())) {
      unit.establish(UnitAttention.CAPACITY_CHANGED);
    }
  }

  /**
   * Lets the store go: what runs ends, what was written becomes stable, and nothing runs any more
   * when this returns. What comes meanwhile waits.
   *
   * @param sameData whether its data stay within reach, so that nothing has to be flushed now
   */
  private void release(Duration limit, boolean sameData) {
    stopWatchingSize();
    Backstore leaving = Objects.requireNonNull(attached);
    if (!sameData) {
      // Most of what has to be flushed is, before anybody waits for it.
      flush(leaving, EARLY_FLUSH, unit.workers()::run);
    }
    attachment.drain();
    try (DrainNotice.Notice notice = hurry(leaving)) {
      if (!attachment.awaitDrained(limit)) {
        unit.reporter()
            .warn(
                "logical unit {}: store {} goes away though I/O still runs after {} s",
                unit.name(),
                unit.settings().store(),
                limit.toSeconds());
      } else if (!sameData && !attachment.flushFailed() && !flush(leaving, limit, Runnable::run)) {
        complain("has not flushed within " + limit.toSeconds() + " s");
      }
    }
    if (!sameData) {
      unit.giveUpUnstable();
    }
    attached = null;
    attachment.detach();
  }

  /** Something that is done while no I/O runs. */
  @FunctionalInterface
  interface Action {
    void run() throws IOException;
  }

  /**
   * Does something between commands: those that run end first, those that come wait until it is
   * done, whatever the outage policy says. Without a store it is done at once.
   *
   * @param limit how long the running ones may take
   * @param newContent whether the store holds something else afterwards: initiators are told, and
   *     what waited is not carried out
   * @throws IOException when they did not end in time, and nothing was done; or what the action
   *     throws
   */
  synchronized void whilePaused(Duration limit, boolean newContent, Action action)
      throws IOException {
    Backstore paused = attached;
    if (paused == null) {
      action.run();
      return;
    }
    attachment.drain();
    boolean done = false;
    try (DrainNotice.Notice notice = hurry(paused)) {
      if (!attachment.awaitDrained(limit)) {
        throw new IOException(
            "logical unit %s: I/O still runs after %d s".formatted(unit.name(), limit.toSeconds()));
      }
      action.run();
      done = true;
    } finally {
      if (done && newContent) {
        unit.establish(UnitAttention.MEDIUM_CHANGED);
        attachment.refuse();
      }
      attachment.attach(paused, true);
    }
  }

  /** The notice is for those who hold I/O back on purpose: they are to hurry now. */
  private static DrainNotice.Notice hurry(Backstore store) {
    return store.adapt(DrainNotice.class).map(DrainNotice::draining).orElse(() -> {});
  }

  private void stopWatchingSize() {
    SizeChange.Registration registration = sizeChanges;
    if (registration != null) {
      registration.close();
      sizeChanges = null;
    }
  }

  /** False when it has not ended in time. */
  private boolean flush(Backstore leaving, Duration limit, Executor by) {
    boolean flushesWrites = unit.unstableWrites().take();
    boolean flushed = false;
    try {
      flushed = LastFlush.of(leaving, limit, by);
      return flushed;
    } catch (IOException failure) {
      unit.flushHasFailed();
      complain(failure.toString());
      return true;
    } finally {
      if (flushesWrites && !flushed) {
        unit.unstableWrites().written();
      }
    }
  }

  private void complain(String what) {
    unit.reporter()
        .warn(
            "logical unit {}: store {} goes away, and what was written last may be lost: {}",
            unit.name(),
            unit.settings().store(),
            what);
  }
}
