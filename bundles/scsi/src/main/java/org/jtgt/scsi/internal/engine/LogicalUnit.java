// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.Backstore;
import org.jtgt.scsi.ScsiPort;
import org.jtgt.scsi.device.AccessState;
import org.jtgt.scsi.device.CommandTable;
import org.jtgt.scsi.device.DeviceServer;
import org.jtgt.scsi.device.DeviceType;
import org.jtgt.scsi.device.ModeValues;
import org.jtgt.scsi.device.ReservationImage;
import org.jtgt.scsi.device.ReservationState;
import org.jtgt.scsi.device.Reservations;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Step;
import org.jtgt.scsi.device.TargetPortGroup;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.Unit;
import org.jtgt.scsi.device.UnitAttention;
import org.jtgt.scsi.device.UnitMemory;

/**
 * A logical unit (SAM-5 4.5.19): exists by configuration, with its task set, mode parameters and
 * unit attentions, whether its store is there or not.
 */
public final class LogicalUnit implements Unit {
  /** MAXIMUM TRANSFER LENGTH in bytes, where the byte budget allows it. */
  private static final int MAXIMUM_TRANSFER_BYTES = 8 << 20;

  private static final String SAVED_MODE = "mode";
  private static final String KEPT_RESERVATIONS = "reservations";

  private final Admission admission;
  private final TransferBudget budget;
  private final TransferBudget.Account account;
  private final BlockingWorkers.Share workers;
  private final BlockingWorkers.Share stateWorkers;
  private final StoreAttachment attachment;
  private final StoreChoice choice;
  private final Reporter reporter;
  private final Reservations reservations;
  private final Counters counters = new Counters();
  private final TaskSet tasks = new TaskSet();
  private final UnitPaths paths = new UnitPaths();
  private volatile LuSettings settings;
  private final EngineClock clock;
  private final UnitMemory memory;
  private final PortView portView;
  private final Map<Class<?>, Object> states = new ConcurrentHashMap<>();
  private final Nexus own;
  private final DeviceServer server;
  private volatile ModeValues mode;
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
      TransferBudget budget,
      BlockingWorkers workers,
      EngineClock clock,
      PortView portView) {
    this.settings = settings;
    this.memory = memory;
    this.portView = portView;
    this.reservations = new Reservations(keptReservations(), this::keepReservations);
    this.clock = clock;
    this.admission = new Admission(this, unknownCommand);
    this.budget = budget;
    this.account = budget.account();
    this.workers = workers.share();
    this.stateWorkers = workers.share();
    this.attachment = new StoreAttachment(clock, settings.holdTime(), settings.outage());
    this.reporter = new Reporter(clock);
    this.choice = new StoreChoice(this, attachment);
    this.own = Nexus.ofUnit(this);
    this.server = type.server(this);
    this.mode = savedMode();
  }

  /**
   * The reservations with APTPL.
   *
   * @throws IllegalStateException when they cannot be read: a unit that had forgotten whom it shuts
   *     out must not appear
   */
  private ReservationState keptReservations() {
    try {
      return memory
          .load(KEPT_RESERVATIONS)
          .map(ReservationImage::read)
          .orElse(ReservationState.EMPTY);
    } catch (UncheckedIOException | IllegalArgumentException e) {
      throw new IllegalStateException(
          "logical unit %s is refused: its persistent reservations (lu/%s/%s in the state folder) cannot be used: %s; put the file right, or delete it to give them up"
              .formatted(name(), name(), KEPT_RESERVATIONS, e.getMessage()),
          e);
    }
  }

  private void keepReservations(Optional<byte[]> image) throws IOException {
    if (image.isPresent()) {
      memory.keep(KEPT_RESERVATIONS, image.get());
    } else {
      memory.forget(KEPT_RESERVATIONS);
    }
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
    Aborts aborts = tasks.abort(which, by, mode.taskAbortedStatus(), group);
    tasks.awaitAnswers(group);
    aborts.carryOut();
    return aborts;
  }

  /**
   * What QERR asks for after a CHECK CONDITION (SPC-4 7.5.8); null for nothing.
   *
   * @param faulted the nexus whose command ended with it
   */
  @Nullable Aborts afterCheckCondition(Nexus faulted) {
    int queueErrors = mode.queueErrorManagement();
    if (queueErrors == ModeValues.QERR_NONE) {
      return null;
    }
    return tasks.abort(
        task -> queueErrors == ModeValues.QERR_ALL || task.path().nexus() == faulted,
        faulted,
        mode.taskAbortedStatus(),
        new AbortGroup(() -> {}));
  }

  /** Clears the ACA condition of the nexuses that are meant (SAM-5 5.9.5). */
  void clearAca(Predicate<Nexus> faulted) {
    tasks.clearAca(faulted).forEach(RunQueue::run);
  }

  // --- store ---

  /** Its store's place, and which of the stores of its name is in it. */
  StoreChoice choice() {
    return choice;
  }

  StoreAttachment attachment() {
    return attachment;
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
    attachment.refuse();
    choice.close(limit);
    attachment.refuse();
    server.close();
  }

  // --- settings ---

  LuSettings settings() {
    return settings;
  }

  /** Takes changed settings over. The operator has looked at it: a changed store is accepted. */
  void change(LuSettings changed) {
    LuSettings before = settings;
    settings = changed;
    attachment.policy(changed.outage(), changed.holdTime());
    if (before.writeCache() != changed.writeCache()) {
      // The operator's last word counts: also against what an initiator saved.
      mode = mode.with(ModeValues.CACHING, 2, ModeValues.WCE, changed.writeCache());
      try {
        if (memory.load(SAVED_MODE).isPresent()) {
          saveMode(savedMode().with(ModeValues.CACHING, 2, ModeValues.WCE, changed.writeCache()));
        }
      } catch (IOException unkept) {
        reporter.warn("logical unit {}: mode pages are not saved: {}", name(), unkept.toString());
      }
      establish(UnitAttention.MODE_PARAMETERS_CHANGED);
    }
    if (!before.identity().equals(changed.identity())
        || before.thinProvisioning() != changed.thinProvisioning()) {
      establish(UnitAttention.INQUIRY_DATA_CHANGED);
    }
  }

  /** LOGICAL UNIT RESET (SAM-5 6.3.3); its commands are aborted by who calls. */
  void reset() {
    clearAca(nexus -> true);
    mode = savedMode();
    server.reset();
    reservations.endUnitReservation();
    establish(UnitAttention.RESET);
  }

  // --- nexuses ---

  /** The nexuses that reach it. */
  UnitPaths paths() {
    return paths;
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
    return budget;
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

  Reporter reporter() {
    return reporter;
  }

  Counters counters() {
    return counters;
  }

  // --- what commands see ---

  @Override
  public String name() {
    return settings.name();
  }

  @Override
  public boolean mapped() {
    return !settings.name().isEmpty();
  }

  @Override
  public Identity identity() {
    return settings.identity();
  }

  @Override
  public Optional<Medium> medium() {
    return Optional.ofNullable(choice.medium());
  }

  @Override
  public Medium attachedMedium() {
    Medium medium = choice.medium();
    if (medium == null) {
      throw new IllegalStateException("logical unit " + name() + " never had a store");
    }
    return medium;
  }

  @Override
  public Optional<Backstore> store() {
    return Optional.ofNullable(attachment.store());
  }

  @Override
  public boolean readOnly() {
    Medium medium = choice.medium();
    return settings.readOnly() || (medium != null && medium.readOnly());
  }

  @Override
  public boolean unmaps() {
    Medium medium = choice.medium();
    return settings.thinProvisioning() && medium != null && medium.unmapGranularityBytes() > 0;
  }

  @Override
  public boolean writeCache() {
    return mode.writeCache();
  }

  @Override
  public boolean writeCacheDefault() {
    return settings.writeCache();
  }

  @Override
  public boolean descriptorSense() {
    return mode.descriptorSense();
  }

  @Override
  public boolean softwareWriteProtect() {
    return mode.softwareWriteProtect();
  }

  @Override
  public ModeValues mode() {
    return mode;
  }

  @Override
  public ModeValues savedMode() {
    return memory
        .load(SAVED_MODE)
        .map(kept -> ModeValues.decode(server.modePages(), kept))
        .orElseGet(() -> ModeValues.defaults(server.modePages()));
  }

  @Override
  public void mode(Task by, ModeValues values) {
    if (!values.sameAs(mode)) {
      mode = values;
      establish(UnitAttention.MODE_PARAMETERS_CHANGED, by);
    }
  }

  @Override
  public void saveMode(ModeValues values) throws IOException {
    memory.keep(SAVED_MODE, values.encode());
  }

  @Override
  public DeviceServer deviceServer() {
    return server;
  }

  @Override
  public UnitMemory memory() {
    return memory;
  }

  @Override
  public void establish(UnitAttention attention, @Nullable Task but) {
    paths.establish(attention, but == null ? null : ((EngineTask) but).path());
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
  public void after(Duration delay, Runnable action) {
    clock.after(delay, action);
  }

  @Override
  public <S> S state(Class<S> type, Supplier<S> make) {
    return type.cast(states.computeIfAbsent(type, key -> make.get()));
  }

  @Override
  public Statistics statistics() {
    return new Statistics(
        counters.readCommands(),
        counters.readBytes(),
        counters.writeCommands(),
        counters.writeBytes());
  }

  @Override
  public int maximumTransferBytes() {
    long quarter = budget.totalBytes() / 4 / settings.blockBytes() * settings.blockBytes();
    return (int) Math.max(settings.blockBytes(), Math.min(MAXIMUM_TRANSFER_BYTES, quarter));
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
      reporter.warn("logical unit {}: its reservations cannot be kept: {}", name(), e.toString());
      return Optional.empty();
    }
  }

  @Override
  public SortedMap<Integer, ScsiPort> targetPorts() {
    return portView.ports(this);
  }

  @Override
  public List<TargetPortGroup> targetPortGroups() {
    return portView.groups(this);
  }

  @Override
  public int targetPortGroup(ScsiPort targetPort) {
    return portView.groupOf(targetPort.portName()).settings().id();
  }

  @Override
  public boolean explicitTargetPortGroups() {
    return portView.anyExplicit();
  }

  @Override
  public boolean setTargetPortGroups(Task by, Map<Integer, AccessState> wanted) {
    try {
      portView.set(wanted, ((EngineTask) by).path().nexus());
      return true;
    } catch (IOException e) {
      reporter.warn("states of target port groups cannot be kept: {}", e.toString());
      return false;
    }
  }

  @Override
  public CommandTable commands() {
    return server.commands();
  }

  @Override
  public List<Long> luns(Task task) {
    return ((EngineTask) task).path().nexus().luns();
  }

  @Override
  public void lunsReported(Task task) {
    ((EngineTask) task)
        .path()
        .nexus()
        .paths()
        .forEach(path -> path.clear(UnitAttention.REPORTED_LUNS_CHANGED));
  }

  @Override
  public Optional<Sense> takeUnitAttention(Task task) {
    return Optional.ofNullable(((EngineTask) task).path().takeAttention());
  }
}
