// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.Backstore;
import org.jtgt.scsi.ScsiStatus;
import org.jtgt.scsi.TaskAttribute;
import org.jtgt.scsi.device.Command;
import org.jtgt.scsi.device.Command.Trait;
import org.jtgt.scsi.device.CommandTable;
import org.jtgt.scsi.device.Reservations;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Step;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.Unit;

/**
 * A logical unit (SAM-5 4.5.19): exists by configuration, with its task set, mode parameters and
 * unit attentions, whether its store is there or not. Judges each command before its first step.
 */
public final class LogicalUnit implements Unit {
  /** MAXIMUM TRANSFER LENGTH in bytes, where the byte budget allows it. */
  private static final int MAXIMUM_TRANSFER_BYTES = 8 << 20;

  private static final Step START =
      task -> ((EngineTask) task).logicalUnit().start((EngineTask) task);

  private final CommandTable thickTable;
  private final CommandTable thinTable;
  private final Sense unknownCommand;
  private final TransferBudget budget;
  private final TransferBudget.Account account;
  private final BlockingWorkers.Share workers;
  private final StoreAttachment attachment;
  private final StoreChoice choice;
  private final Reporter reporter;
  private final Reservations reservations = new Reservations();
  private final Counters counters = new Counters();
  private final TaskSet tasks = new TaskSet();
  private final List<Path> paths = new CopyOnWriteArrayList<>();
  private volatile LuSettings settings;
  private volatile ModeParameters mode;
  private volatile boolean stopped;
  private volatile boolean removed;

  /** The mode parameters that MODE SELECT can change. */
  private record ModeParameters(
      boolean writeCache, boolean descriptorSense, boolean softwareWriteProtect) {}

  /**
   * @param thickTable its commands while it does not unmap
   * @param thinTable its commands while it does
   * @param unknownCommand what is said of an opcode that the table does not know
   */
  LogicalUnit(
      LuSettings settings,
      CommandTable thickTable,
      CommandTable thinTable,
      Sense unknownCommand,
      TransferBudget budget,
      BlockingWorkers workers,
      EngineClock clock) {
    this.settings = settings;
    this.thickTable = thickTable;
    this.thinTable = thinTable;
    this.unknownCommand = unknownCommand;
    this.budget = budget;
    this.account = budget.account();
    this.workers = workers.share();
    this.attachment = new StoreAttachment(clock, settings.holdTime());
    this.reporter = new Reporter(clock);
    this.choice = new StoreChoice(this, attachment);
    this.mode = new ModeParameters(settings.writeCache(), false, false);
  }

  // --- commands ---

  /** Takes a command that a nexus delivered. */
  void accept(EngineTask task) {
    task.then(START);
    switch (tasks.enter(task)) {
      case ENABLED -> RunQueue.run(task);
      case DORMANT -> {}
      case FULL -> task.end(ScsiStatus.TASK_SET_FULL, 0, 0);
    }
  }

  /** Aborts without an answer to anyone but the commands' transports. */
  void abortAll(Predicate<EngineTask> which) {
    tasks.abort(which, new AbortGroup(() -> {})).forEach(EngineTask::endAborted);
  }

  private void start(EngineTask task) {
    Path path = task.path();
    if (path.nexus().isClosed()) {
      // It came while the nexus was being closed, and was not in the set yet.
      abortAll(other -> other.path().nexus() == path.nexus());
      task.run();
      return;
    }
    int opcode = task.cdb(0);
    CommandTable table = commands();
    Command row = table.find(opcode, task.cdb(1));
    if (path.hasAttention() && (row == null || !row.is(Trait.IGNORES_UNIT_ATTENTION))) {
      Sense attention = path.takeAttention();
      if (attention != null) {
        task.check(attention);
        return;
      }
    }
    if (row == null) {
      task.check(table.hasOpcode(opcode) ? Sense.invalidFieldInCdb(1, 4) : unknownCommand);
      return;
    }
    task.command(row);
    if (reservations.conflicts(path.nexus().registrant(), row)) {
      task.end(ScsiStatus.RESERVATION_CONFLICT, 0, 0);
      return;
    }
    Sense refusal = refusal(task, row);
    if (refusal != null) {
      task.check(refusal);
    } else if (!row.is(Trait.WITHOUT_STORE) && !attachment.isAttached()) {
      task.then(START);
      task.awaitStore(false);
    } else {
      row.first().run(task);
    }
  }

  private @Nullable Sense refusal(EngineTask task, Command row) {
    if (task.attribute() == TaskAttribute.ACA) {
      // SAM-5 8.6.5: there is no ACA condition that it could belong to.
      return Sense.INVALID_MESSAGE_ERROR;
    }
    int reserved = row.reservedBit(task.cdbWord0(), task.cdbWord1());
    if (reserved >= 0) {
      return Sense.invalidFieldInCdb(reserved / 8, reserved % 8);
    }
    if (stopped && row.is(Trait.MEDIUM_ACCESS)) {
      return Sense.INITIALIZING_COMMAND_REQUIRED;
    }
    if (row.is(Trait.WRITES) && attachment.isAttached()) {
      if (readOnly()) {
        return Sense.WRITE_PROTECTED;
      }
      if (mode.softwareWriteProtect) {
        return Sense.SOFTWARE_WRITE_PROTECTED;
      }
    }
    return null;
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
  }

  // --- settings ---

  LuSettings settings() {
    return settings;
  }

  /** Takes changed settings over. The operator has looked at it: a changed store is accepted. */
  void change(LuSettings changed) {
    LuSettings before = settings;
    settings = changed;
    attachment.holdTime(changed.holdTime());
    if (before.writeCache() != changed.writeCache()) {
      ModeParameters now = mode;
      mode =
          new ModeParameters(changed.writeCache(), now.descriptorSense, now.softwareWriteProtect);
      establish(UnitAttention.MODE_PARAMETERS_CHANGED);
    }
    if (!before.identity().equals(changed.identity())
        || before.thinProvisioning() != changed.thinProvisioning()) {
      establish(UnitAttention.INQUIRY_DATA_CHANGED);
    }
  }

  /** LOGICAL UNIT RESET (SAM-5 6.3.3); its commands are aborted by who calls. */
  void reset() {
    mode = new ModeParameters(settings.writeCache(), false, false);
    stopped = false;
    reservations.endUnitReservation();
    establish(UnitAttention.RESET);
  }

  // --- nexuses ---

  void learn(Path path) {
    paths.add(path);
  }

  void forget(Path path) {
    paths.remove(path);
  }

  void forget(Nexus nexus) {
    reservations.releaseUnit(nexus.registrant());
    paths.removeIf(path -> path.nexus() == nexus);
  }

  /** Establishes a unit attention for every nexus. */
  void establish(UnitAttention attention) {
    paths.forEach(path -> path.establish(attention));
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
    return mode.writeCache;
  }

  @Override
  public boolean writeCacheDefault() {
    return settings.writeCache();
  }

  @Override
  public boolean descriptorSense() {
    return mode.descriptorSense;
  }

  @Override
  public boolean softwareWriteProtect() {
    return mode.softwareWriteProtect;
  }

  @Override
  public void modeParameters(
      Task by, boolean writeCache, boolean descriptorSense, boolean softwareWriteProtect) {
    ModeParameters changed = new ModeParameters(writeCache, descriptorSense, softwareWriteProtect);
    if (!changed.equals(mode)) {
      mode = changed;
      Path own = ((EngineTask) by).path();
      for (Path path : paths) {
        if (path != own) {
          path.establish(UnitAttention.MODE_PARAMETERS_CHANGED);
        }
      }
    }
  }

  @Override
  public void started(boolean started) {
    stopped = !started;
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
  public void reservationChanged(Reservations.Outcome outcome) {
    for (Path path : paths) {
      Reservations.Registrant who = path.nexus().registrant();
      if (outcome.released().contains(who)) {
        path.establish(UnitAttention.RESERVATIONS_RELEASED);
      }
      if (outcome.reservationsPreempted().contains(who)) {
        path.establish(UnitAttention.RESERVATIONS_PREEMPTED);
      }
      if (outcome.registrationsPreempted().contains(who)) {
        path.establish(UnitAttention.REGISTRATIONS_PREEMPTED);
      }
    }
  }

  @Override
  public CommandTable commands() {
    return unmaps() ? thinTable : thickTable;
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
