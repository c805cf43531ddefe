// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jtgt.backstore.Backstore;
import org.jtgt.scsi.device.CommandTable;
import org.jtgt.scsi.device.Reservations;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.Unit;

/**
 * A logical unit (SAM-5 4.5.19): exists by configuration, with its task set, mode parameters and
 * unit attentions, whether its store is there or not.
 */
public final class LogicalUnit implements Unit {
  /** MAXIMUM TRANSFER LENGTH in bytes, where the byte budget allows it. */
  private static final int MAXIMUM_TRANSFER_BYTES = 8 << 20;

  private final CommandTable thickTable;
  private final CommandTable thinTable;
  private final Admission admission;
  private final TransferBudget budget;
  private final TransferBudget.Account account;
  private final BlockingWorkers.Share workers;
  private final StoreAttachment attachment;
  private final StoreChoice choice;
  private final Reporter reporter;
  private final Reservations reservations = new Reservations();
  private final Counters counters = new Counters();
  private final TaskSet tasks = new TaskSet();
  private final UnitPaths paths = new UnitPaths();
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
    this.admission = new Admission(this, unknownCommand);
    this.budget = budget;
    this.account = budget.account();
    this.workers = workers.share();
    this.attachment = new StoreAttachment(clock, settings.holdTime());
    this.reporter = new Reporter(clock);
    this.choice = new StoreChoice(this, attachment);
    this.mode = new ModeParameters(settings.writeCache(), false, false);
  }

  // --- commands ---

  /** Its judge of commands. */
  Admission admission() {
    return admission;
  }

  /** Aborts without an answer to anyone but the commands' transports. */
  void abortAll(Predicate<EngineTask> which) {
    tasks.abort(which, new AbortGroup(() -> {})).forEach(EngineTask::endAborted);
  }

  boolean isStopped() {
    return stopped;
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

  /** The nexuses that reach it. */
  UnitPaths paths() {
    return paths;
  }

  /** A nexus has gone. */
  void forget(Nexus nexus) {
    reservations.releaseUnit(nexus.registrant());
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
      paths.establish(UnitAttention.MODE_PARAMETERS_CHANGED, ((EngineTask) by).path());
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
    paths.establish(outcome);
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
