// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import org.jtgt.backstore.Backstore;
import org.jtgt.scsi.ScsiPort;
import org.jtgt.scsi.device.AccessState;
import org.jtgt.scsi.device.CommandTable;
import org.jtgt.scsi.device.ModeValues;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.TargetPortGroup;
import org.jtgt.scsi.device.Task;
import org.jtgt.scsi.device.Unit;
import org.jtgt.scsi.device.UnitAttention;

/** What commands read of a logical unit and of the nexuses and ports that reach it. */
abstract class UnitView implements Unit {
  /** MAXIMUM TRANSFER LENGTH in bytes, where the byte budget allows it. */
  private static final int MAXIMUM_TRANSFER_BYTES = 8 << 20;

  /** What is configured. */
  abstract LuSettings settings();

  /** Which store is attached, and its medium. */
  abstract StoreChoice choice();

  /** Its store's place. */
  abstract StoreAttachment attachment();

  /** The nexuses that reach it. */
  abstract UnitPaths paths();

  /** Its mode pages. */
  abstract UnitMode modePages();

  /** What it has counted. */
  abstract Counters counters();

  /** Tells the operator. */
  abstract Reporter reporter();

  /** What all units share. */
  abstract Shared shared();

  @Override
  public String name() {
    return settings().name();
  }

  @Override
  public boolean mapped() {
    return !settings().name().isEmpty();
  }

  @Override
  public Identity identity() {
    return settings().identity();
  }

  @Override
  public Optional<Medium> medium() {
    return choice().lastMedium();
  }

  @Override
  public Medium attachedMedium() {
    Medium medium = choice().medium();
    if (medium == null) {
      throw new IllegalStateException("logical unit " + name() + " never had a store");
    }
    return medium;
  }

  @Override
  public Optional<Backstore> store() {
    return Optional.ofNullable(attachment().store());
  }

  @Override
  public boolean readOnly() {
    Medium medium = choice().medium();
    return settings().readOnly() || (medium != null && medium.readOnly());
  }

  @Override
  public boolean unmaps() {
    Medium medium = choice().medium();
    return settings().thinProvisioning() && medium != null && medium.unmapGranularityBytes() > 0;
  }

  @Override
  public boolean writeCache() {
    return modePages().writeCache();
  }

  @Override
  public Runnable writeThrough() {
    return modePages().writeThrough();
  }

  @Override
  public boolean writeCacheDefault() {
    return settings().writeCache();
  }

  @Override
  public boolean descriptorSense() {
    return modePages().current().descriptorSense();
  }

  @Override
  public boolean softwareWriteProtect() {
    return modePages().current().softwareWriteProtect();
  }

  @Override
  public ModeValues mode() {
    return modePages().complete();
  }

  @Override
  public ModeValues savedMode() {
    return modePages().saved();
  }

  @Override
  public void changeMode(Task by, Map<Integer, byte[]> wanted, boolean save) throws IOException {
    if (modePages().change(wanted, save)) {
      establish(UnitAttention.MODE_PARAMETERS_CHANGED, by);
    }
  }

  @Override
  public void establish(UnitAttention attention, @Nullable Task but) {
    paths().establish(attention, but == null ? null : ((EngineTask) but).path());
  }

  @Override
  public Statistics statistics() {
    return new Statistics(
        counters().readCommands(),
        counters().readBytes(),
        counters().writeCommands(),
        counters().writeBytes(),
        counters().commandWeight());
  }

  @Override
  public int maximumTransferBytes() {
    long quarter =
        shared().budget().totalBytes() / 4 / settings().blockBytes() * settings().blockBytes();
    return (int) Math.max(settings().blockBytes(), Math.min(MAXIMUM_TRANSFER_BYTES, quarter));
  }

  @Override
  public SortedMap<Integer, ScsiPort> targetPorts() {
    return shared().ports().ports(this);
  }

  @Override
  public List<TargetPortGroup> targetPortGroups() {
    return shared().ports().groups(this);
  }

  @Override
  public int targetPortGroup(ScsiPort targetPort) {
    return shared().ports().groupOf(targetPort.portName()).settings().id();
  }

  @Override
  public boolean explicitTargetPortGroups() {
    return shared().ports().anyExplicit();
  }

  @Override
  public boolean setTargetPortGroups(Task by, Map<Integer, AccessState> wanted) {
    try {
      shared().ports().set(wanted, ((EngineTask) by).path().nexus());
      return true;
    } catch (IOException e) {
      reporter().failed(name(), "states of target port groups cannot be kept", e);
      return false;
    }
  }

  @Override
  public Set<String> initiators() {
    return paths().initiators();
  }

  @Override
  public CommandTable commands() {
    return deviceServer().commands();
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
    EngineTask asks = (EngineTask) task;
    return Optional.ofNullable(asks.path().takeAttention(asks));
  }
}
