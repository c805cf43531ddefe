// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.StoreIo.Operation;
import org.jtgt.scsi.device.DeviceServer;
import org.jtgt.scsi.device.DeviceType;
import org.jtgt.scsi.device.ModeValues;
import org.jtgt.scsi.device.ReservationState;
import org.jtgt.scsi.device.Reservations;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Step;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.UnitAttention;
import org.jtgt.scsi.device.UnitMemory;

/**
 * A logical unit (SAM-5 4.5.19): exists by configuration, with its task set, mode parameters and
 * unit attentions, whether its store is there or not.
 */
public final class LogicalUnit extends UnitView {
  private final Admission admission;
  private final Shared shared;
  private final TransferBudget.Account account;
  private final BlockingWorkers.Share workers;
  private final BlockingWorkers.Share stateWorkers;
  private final StoreAttachment attachment;
  private final StoreChoice choice;
  private final Deadline deadline;
  private final Reporter reporter;
  private final KeptReservations kept;
  private final Reservations reservations;
  private final Counters counters = new Counters();
  private final TaskSet tasks = new TaskSet();
  private final UnstableWrites unstableWrites = new UnstableWrites();
  private final UnitPaths paths = new UnitPaths();
  private volatile LuSettings settings;
  private final UnitMemory memory;
  private final Map<Class<?>, Object> states = new ConcurrentHashMap<>();
  private final Nexus own;
  private final DeviceServer server;
  private final UnitMode mode;
  private volatile boolean removed;

  /**
   * @param type makes its device server
   * @param memory what it keeps over restarts
   * @param unknownCommand what is said of an opcode that the table does not know
   */
  LogicalUnit(
      LuSettings settings,
      DeviceType type,
      UnitMemory memory,
      Sense unknownCommand,
      Shared shared) {
    this.settings = settings;
    this.memory = memory;
    this.shared = shared;
    this.kept = new KeptReservations(settings.name(), memory, shared.ports(), shared.run());
    this.reservations = new Reservations(kept.load(), kept);
    this.admission = new Admission(this, unknownCommand);
    this.account = shared.budget().account();
    this.workers = shared.workers().share();
    this.stateWorkers = shared.workers().share();
    this.attachment = new StoreAttachment(shared.clock(), settings.holdTime(), settings.outage());
    this.reporter = new Reporter(shared.clock());
    this.choice = new StoreChoice(this, attachment);
    this.deadline = new Deadline(this, shared.clock());
    deadline.limit(settings.commandDeadline());
    this.own = Nexus.ofUnit(this);
    this.server = type.server(this);
    this.mode = new UnitMode(memory, server);
  }

  // --- commands ---

  /** Its judge of commands. */
  Admission admission() {
    return admission;
  }

  /** Aborts the commands of a nexus that is gone. */
  void abortAll(Nexus gone) {
    clearAca(nexus -> nexus == gone);
    tasks
        .abort(task -> task.path().nexus() == gone, null, false, new AbortGroup(() -> {}))
        .carryOut();
  }

  /**
   * Aborts commands, with TAS as it stands (SPC-4 7.5.8).
   *
   * @param by who aborts them
   * @param group waits for their end, and for answers being given right now
   */
  Aborts abort(Predicate<EngineTask> which, Nexus by, AbortGroup group) {
    Aborts aborts = tasks.abort(which, by, mode.current().taskAbortedStatus(), group);
    tasks.answers().await(group);
    aborts.carryOut();
    return aborts;
  }

  /**
   * What QERR asks for after a CHECK CONDITION (SPC-4 7.5.8); null for nothing.
   *
   * @param faulted the nexus whose command ended with it
   */
  @Nullable Aborts afterCheckCondition(Nexus faulted) {
    int queueErrors = mode.current().queueErrorManagement();
    if (queueErrors == ModeValues.QERR_NONE) {
      return null;
    }
    return tasks.abort(
        task -> queueErrors == ModeValues.QERR_ALL || task.path().nexus() == faulted,
        faulted,
        mode.current().taskAbortedStatus(),
        new AbortGroup(() -> {}));
  }

  /** Clears the ACA condition of the nexuses that are meant (SAM-5 5.9.5). */
  void clearAca(Predicate<Nexus> faulted) {
    tasks.clearAca(faulted).forEach(RunQueue::run);
  }

  // --- store ---

  @Override
  StoreChoice choice() {
    return choice;
  }

  @Override
  StoreAttachment attachment() {
    return attachment;
  }

  /** How long its commands may wait. */
  Deadline deadline() {
    return deadline;
  }

  /** What a command gets that waited for a store in vain. */
  Sense notReadySense() {
    if (removed) {
      return Sense.LOGICAL_UNIT_NOT_SUPPORTED;
    }
    return choice.needsAcceptance()
        ? Sense.MANUAL_INTERVENTION_REQUIRED
        : Sense.LOGICAL_UNIT_BECOMING_READY;
  }

  long storeBytes() {
    Medium medium = choice.medium();
    return medium == null ? 0 : medium.blocks() * medium.blockBytes();
  }

  /** Ends the unit: what waits is refused, what runs may end, the store is let go. */
  void remove(Duration limit) {
    removed = true;
    deadline.limit(Duration.ZERO);
    attachment.refuse();
    choice.close(limit);
    attachment.refuse();
    server.close();
    try {
      // For the unit of an engine that is put in place of this one.
      kept.handOver(reservations.state());
    } catch (IOException e) {
      reporter.warn("logical unit {}: its reservations are lost: {}", name(), e.toString());
    }
  }

  /** What would be lost if the engine ended now, in words; empty when nothing would. */
  String unsaved() {
    Reservations.Registrant user = reservations.state().reservedBy();
    return user != null
        ? "the reservation that %s holds by RESERVE".formatted(paths.initiator(user))
        : server.unsaved();
  }

  // --- settings ---

  @Override
  LuSettings settings() {
    return settings;
  }

  /** Takes changed settings over. The operator has looked at it: a changed store is accepted. */
  void change(LuSettings changed) {
    LuSettings before = settings;
    settings = changed;
    attachment.policy(changed.outage(), changed.holdTime());
    deadline.limit(changed.commandDeadline());
    if (before.writeCache() != changed.writeCache()) {
      boolean cached = mode.writeCache();
      try {
        mode.writeCache(changed.writeCache());
      } catch (IOException unkept) {
        reporter.warn("logical unit {}: mode pages are not saved: {}", name(), unkept.toString());
      }
      establish(UnitAttention.MODE_PARAMETERS_CHANGED);
      flushIfCacheIsOff(cached);
    }
    if (!before.identity().equals(changed.identity())
        || before.thinProvisioning() != changed.thinProvisioning()) {
      establish(UnitAttention.INQUIRY_DATA_CHANGED);
    }
  }

  /** LOGICAL UNIT RESET (SAM-5 6.3.3); its commands are aborted by who calls. */
  void reset() {
    clearAca(nexus -> true);
    boolean cached = mode.writeCache();
    mode.reset();
    flushIfCacheIsOff(cached);
    server.reset();
    reservations.endUnitReservation();
    establish(UnitAttention.RESET);
  }

  /** What was acknowledged while there was a cache becomes stable (SBC-3 6.5.5). */
  private void flushIfCacheIsOff(boolean wasOn) {
    if (wasOn && !mode.current().writeCache()) {
      quiesce(() -> background(LogicalUnit::flush, sense -> {}));
    }
  }

  private static void flush(Task task) {
    task.io(Operation.FLUSH, 0, 0, false, false, Task::good);
  }

  // --- nexuses ---

  @Override
  UnitPaths paths() {
    return paths;
  }

  UnstableWrites unstableWrites() {
    return unstableWrites;
  }

  /** Nothing can be promised stable until the store is opened again. */
  void flushHasFailed() {
    attachment.flushHasFailed();
    giveUpUnstable();
  }

  /** What was acknowledged and is not stable may be lost: each initiator is told at its flush. */
  void giveUpUnstable() {
    if (unstableWrites.take()) {
      paths.mayHaveLost();
    }
  }

  /** A nexus has gone. */
  void forget(Nexus nexus) {
    reservations.releaseUnit(nexus.registrant());
    server.nexusLost(nexus.registrant());
    paths.forget(nexus);
  }

  /** Establishes a unit attention for every nexus. */
  void establish(UnitAttention attention) {
    paths.establish(attention);
  }

  // --- the engine's own ---

  TaskSet tasks() {
    return tasks;
  }

  TransferBudget budget() {
    return shared.budget();
  }

  TransferBudget.Account account() {
    return account;
  }

  /** Threads for what waits for a file of the engine's own, however slow the store is. */
  BlockingWorkers.Share stateWorkers() {
    return stateWorkers;
  }

  BlockingWorkers.Share workers() {
    return workers;
  }

  @Override
  Reporter reporter() {
    return reporter;
  }

  @Override
  UnitMode modePages() {
    return mode;
  }

  @Override
  Shared shared() {
    return shared;
  }

  @Override
  Counters counters() {
    return counters;
  }

  // --- what is its own ---

  @Override
  public DeviceServer deviceServer() {
    return server;
  }

  @Override
  public UnitMemory memory() {
    return memory;
  }

  @Override
  public void background(Step first, BackgroundEnd ended) {
    own.runInBackground(this, first, ended);
  }

  @Override
  public void quiesce(Runnable then) {
    own.quiesce(this, LogicalUnit::lockAll, then);
  }

  private static void lockAll(Task task) {
    task.range(0, Long.MAX_VALUE);
    task.lock(Task.Access.EXCLUSIVE, Task::good);
  }

  @Override
  public long nanoTime() {
    return shared.clock().nanoTime();
  }

  @Override
  public void after(Duration delay, Runnable action) {
    shared.clock().after(delay, action);
  }

  @Override
  public <S> S state(Class<S> type, Supplier<S> make) {
    return type.cast(states.computeIfAbsent(type, key -> make.get()));
  }

  @Override
  public Reservations reservations() {
    return reservations;
  }

  @Override
  public Optional<Reservations.Outcome> changeReservations(
      Function<ReservationState, ReservationState.Change> action) {
    try {
      Reservations.Outcome outcome = reservations.change(action);
      paths.establish(outcome);
      return Optional.of(outcome);
    } catch (IOException e) {
      reporter.failed(name(), "its reservations cannot be kept", e);
      return Optional.empty();
    }
  }
}
