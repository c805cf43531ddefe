// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.jtgt.scsi.NexusView;
import org.jtgt.scsi.ScsiCommand;
import org.jtgt.scsi.ScsiPort;
import org.jtgt.scsi.ScsiTarget.NexusListener;
import org.jtgt.scsi.TaskManagementFunction;
import org.jtgt.scsi.TaskManagementResponse;
import org.jtgt.scsi.device.Reservations;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Step;
import org.jtgt.scsi.device.Unit;
import org.jtgt.scsi.device.UnitAttention;
import org.jtgt.scsi.internal.spc.PrimaryCommands;

/** One I_T nexus: finds the logical unit of each command and counts the commands under way. */
final class Nexus implements org.jtgt.scsi.Nexus {
  private final @Nullable TargetDevice device;
  private final ScsiPort initiator;
  private final ScsiPort target;
  private final int relativePort;
  private final Reservations.Registrant registrant;
  private final NexusListener listener;
  private volatile PortGroup portGroup = new PortGroup(PortGroup.DEFAULT);

  // Indexed by LUN number; replaced as a whole when the LUN map changes.
  private volatile @Nullable Path[] paths = new Path[0];
  private final Path unmapped;
  private final Path wellKnown;
  private final TransferBudget.Unsent unsent;
  private volatile NexusView view = NexusView.WHOLE;

  // Commands under way, and one more until the nexus is closed.
  private final AtomicInteger alive = new AtomicInteger(1);
  private volatile @Nullable Runnable ended;
  private final AtomicBoolean endTold = new AtomicBoolean();
  private volatile boolean givenUp;

  Nexus(
      @Nullable TargetDevice device,
      ScsiPort initiator,
      ScsiPort target,
      int relativePort,
      NexusListener listener,
      LogicalUnit unmappedUnit,
      LogicalUnit wellKnownUnit) {
    this.device = device;
    this.initiator = initiator;
    this.target = target;
    this.relativePort = relativePort;
    this.listener = listener;
    this.registrant = Reservations.Registrant.of(initiator, relativePort);
    this.unsent = new TransferBudget.Unsent();
    this.unmapped = new Path(this, unmappedUnit);
    this.wellKnown = new Path(this, wellKnownUnit);
  }

  @Override
  public void execute(ScsiCommand command) {
    if (!enter()) {
      command.aborted();
      return;
    }
    EngineTask task;
    if (command.attachment() instanceof EngineTask known) {
      task = known;
    } else {
      task = new EngineTask(command);
      command.attach(task);
    }
    Path path = path(command.lun());
    Path at = path == null ? unmapped : path;
    task.begin(at);
    at.unit().admission().accept(task);
  }

  private boolean enter() {
    for (; ; ) {
      int seen = alive.get();
      if (seen == 0 || ended != null) {
        return false;
      }
      if (alive.compareAndSet(seen, seen + 1)) {
        return true;
      }
    }
  }

  /** A nexus for what a unit does by itself. */
  static Nexus ofUnit(LogicalUnit unit) {
    ScsiPort port = new ScsiPort("jtgt", "jtgt", 5, "");
    return new Nexus(null, port, port, 0, () -> {}, unit, unit);
  }

  /** Whether it is that of a unit, and not of an initiator. */
  boolean isOfUnit() {
    return device == null;
  }

  /** Runs steps on a unit, outside its task set and without an initiator. */
  void runInBackground(LogicalUnit unit, Step first, Unit.BackgroundEnd end) {
    if (!enter()) {
      throw new IllegalStateException("a unit's own nexus does not close");
    }
    EngineTask task = new EngineTask(new InternalCommand(end, () -> {}));
    task.begin(new Path(this, unit));
    task.then(first);
    RunQueue.run(task);
  }

  /** Runs an action when every command has ended that holds or wants a range of a unit. */
  void quiesce(LogicalUnit unit, Step lockAll, Runnable then) {
    if (!enter()) {
      throw new IllegalStateException("a unit's own nexus does not close");
    }
    // A reset aborts it like any other task: then it asks again.
    EngineTask task =
        new EngineTask(
            new InternalCommand(sense -> then.run(), () -> quiesce(unit, lockAll, then)));
    task.begin(new Path(this, unit));
    unit.admission().accept(task, lockAll);
  }

  /** Runs a command of the engine's own on a unit, as this nexus. */
  boolean deliver(LogicalUnit unit, ScsiCommand command) {
    if (!enter()) {
      return false;
    }
    EngineTask task;
    if (command.attachment() instanceof EngineTask known) {
      task = known;
    } else {
      task = new EngineTask(command);
      command.attach(task);
    }
    // A path of its own: no unit attention lies there.
    task.begin(new Path(this, unit));
    unit.admission().accept(task);
    return true;
  }

  /** The units, by 8-byte LUN. */
  Map<Long, Unit> reachable() {
    @Nullable Path[] now = paths;
    Map<Long, Unit> units = new LinkedHashMap<>();
    for (int number = 0; number < now.length; number++) {
      Path path = now[number];
      if (path != null) {
        units.put(Luns.encode(number), path.unit());
      }
    }
    return units;
  }

  /** Said by each task after its end. */
  void left() {
    if (alive.decrementAndGet() == 0) {
      tellEnd();
    }
  }

  /**
   * Ends the nexus for its transport, also though commands of it have not ended.
   *
   * @return false when it had ended before
   */
  boolean tellEnd() {
    boolean first = endTold.compareAndSet(false, true);
    if (first) {
      Objects.requireNonNull(ended).run();
    }
    return first;
  }

  /** Commands of it do not end: asks the transport to close it without them. */
  void giveUp(String why) {
    givenUp = true;
    listener.commandsStuck(why);
  }

  /** Whether {@link #close} was called. */
  boolean isClosed() {
    return ended != null;
  }

  @Override
  public void manage(
      TaskManagementFunction function,
      long lun,
      long tag,
      Consumer<TaskManagementResponse> answer) {
    TaskManagement.manage(this, function, path(lun), tag, answer);
  }

  @Override
  public int asynchronousEvent(long lun) {
    Path path = path(lun);
    return path == null ? 0 : path.asynchronousEvent();
  }

  /** Tells the transport of something that happened on a path of this nexus. */
  void tell(Path path, Sense sense) {
    @Nullable Path[] now = paths;
    for (int number = 0; number < now.length; number++) {
      if (now[number] == path) {
        listener.asynchronousEvent(Luns.encode(number), sense.encode(false));
      }
    }
  }

  @Override
  public void view(NexusView changed) {
    device().remap(this, changed);
  }

  /** What the initiator sees. */
  NexusView view() {
    return view;
  }

  /** Sets what the initiator sees; {@link #map} follows. */
  void show(NexusView changed) {
    view = changed;
  }

  @Override
  public void commandsCleared(long lun) {
    Path path = path(lun);
    if (path != null) {
      path.establish(UnitAttention.CLEARED_BY_PROTOCOL);
    }
  }

  @Override
  public void close(Runnable whenEnded) {
    synchronized (this) {
      if (ended != null) {
        throw new IllegalStateException("the nexus of " + initiator.portName() + " is closed");
      }
      ended = whenEnded;
    }
    TargetDevice device = device();
    device.forget(this);
    // A unit that is no longer mapped may still hold commands of this nexus.
    for (LogicalUnit unit : device.everyUnit()) {
      unit.abortAll(this);
      unit.forget(this);
    }
    left();
    if (givenUp) {
      tellEnd();
    } else if (!endTold.get()) {
      device.stuckAborts().watchEnd(this, device.everyUnit());
    }
  }

  /** The path to a LUN; null when nothing is mapped there. */
  @Nullable Path path(long lun) {
    if (lun == PrimaryCommands.WELL_KNOWN_LUN) {
      return wellKnown;
    }
    int number = Luns.number(lun);
    @Nullable Path[] now = paths;
    return number >= 0 && number < now.length ? now[number] : null;
  }

  /** The paths to mapped units. */
  List<Path> paths() {
    List<Path> list = new ArrayList<>();
    for (Path path : paths) {
      if (path != null) {
        list.add(path);
      }
    }
    return list;
  }

  /**
   * Takes a LUN map over: what stays keeps its attentions, what is new begins with POWER ON.
   *
   * @param units units that exist, by LUN number
   * @param announce whether the others learn of a change by REPORTED LUNS DATA HAS CHANGED
   */
  synchronized void map(SortedMap<Integer, LogicalUnit> units, boolean announce) {
    if (isClosed()) {
      // The units have been told that it is gone, and keep nothing of it.
      return;
    }
    @Nullable Path[] before = paths;
    @Nullable Path[] after = new Path[units.isEmpty() ? 0 : units.lastKey() + 1];
    List<Path> kept = new ArrayList<>();
    boolean changed = false;
    for (int number = 0; number < Math.max(before.length, after.length); number++) {
      Path old = number < before.length ? before[number] : null;
      LogicalUnit unit = units.get(number);
      if (unit == null) {
        changed |= old != null;
        continue;
      }
      if (old != null && old.unit() == unit) {
        after[number] = old;
        kept.add(old);
        continue;
      }
      changed = true;
      Path added = new Path(this, unit);
      added.establish(UnitAttention.POWER_ON);
      after[number] = added;
      unit.paths().learn(added);
    }
    paths = after;
    for (Path old : before) {
      if (old != null && !kept.contains(old)) {
        old.unit().paths().forget(old);
      }
    }
    if (changed && announce) {
      kept.forEach(path -> path.establish(UnitAttention.REPORTED_LUNS_CHANGED));
    }
  }

  /** LUNs in use, ascending, as 8-byte LUNs. */
  List<Long> luns() {
    @Nullable Path[] now = paths;
    List<Long> luns = new ArrayList<>();
    for (int number = 0; number < now.length; number++) {
      if (now[number] != null) {
        luns.add(Luns.encode(number));
      }
    }
    return luns;
  }

  TargetDevice device() {
    return Objects.requireNonNull(device);
  }

  ScsiPort initiator() {
    return initiator;
  }

  ScsiPort target() {
    return target;
  }

  /** The target port group through which it comes. */
  PortGroup portGroup() {
    return portGroup;
  }

  void portGroup(PortGroup group) {
    portGroup = group;
  }

  int relativePort() {
    return relativePort;
  }

  Reservations.Registrant registrant() {
    return registrant;
  }

  /** What waits to be sent to its initiator. */
  TransferBudget.Unsent unsent() {
    return unsent;
  }

  NexusListener listener() {
    return listener;
  }
}
