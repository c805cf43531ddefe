// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.engine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jtgt.scsi.device.Unit;
import org.jtgt.state.StateRow;
import org.jtgt.state.StateSource;

/** The live state of units, targets and the byte budget, for whoever administers the container. */
public final class StateRows {
  private StateRows() {}

  /** The sources of one engine. */
  public static List<StateSource> of(Engine engine) {
    return List.of(
        source("lu", () -> units(engine)),
        source("target", () -> targets(engine)),
        source("portgroup", () -> portGroups(engine)),
        source("buffers", () -> buffers(engine)),
        source("snapshot", new StoreContent(engine)::rows));
  }

  private static StateSource source(String kind, Supplier<List<StateRow>> rows) {
    return new StateSource() {
      @Override
      public String kind() {
        return kind;
      }

      @Override
      public List<StateRow> rows() {
        return rows.get();
      }
    };
  }

  private static List<StateRow> units(Engine engine) {
    List<StateRow> rows = new ArrayList<>();
    engine.units().stream()
        .sorted(Comparator.comparing(LogicalUnit::name))
        .forEach(unit -> rows.add(new StateRow(unit.name(), unit.settings().pid(), unit(unit))));
    return rows;
  }

  private static Map<String, Object> unit(LogicalUnit unit) {
    Map<String, Object> values = new LinkedHashMap<>();
    String problem = unit.choice().problem();
    values.put(
        "state",
        switch (unit.attachment().state()) {
          case ATTACHED ->
              unit.attachment().flushFailed()
                  ? "failed"
                  : unit.tasks().contains(EngineTask::isOverdue) ? "blocked" : "ready";
          case BLOCKED -> "blocked";
          case DRAINING -> "draining";
          case ABSENT -> unit.choice().needsAcceptance() ? "refused" : "absent";
        });
    if (!problem.isEmpty()) {
      values.put("reason", problem);
    } else if (unit.attachment().flushFailed()) {
      values.put("reason", "a flush failed; the store has to be opened again");
    }
    if (!unit.unsaved().isEmpty()) {
      values.put(StateSource.UNSAVED, unit.unsaved());
    }
    values.put("store", unit.settings().store());
    unit.medium()
        .ifPresent(medium -> {
          values.put("sizeBytes", medium.blocks() * medium.blockBytes());
          values.put("blockBytes", (long) medium.blockBytes());
        });
    Unit.Identity identity = unit.identity();
    values.put("readOnly", unit.readOnly());
    values.put("writeCache", unit.writeCache());
    values.put("serial", identity.serial());
    values.put("naa", HexFormat.of().toHexDigits(identity.naa()));
    values.put("heldCommands", (long) unit.attachment().heldCommands());
    values.put("commands", (long) unit.tasks().size());
    Counters counters = unit.counters();
    values.put("readCommands", counters.readCommands());
    values.put("readBytes", counters.readBytes());
    values.put("writeCommands", counters.writeCommands());
    values.put("writeBytes", counters.writeBytes());
    values.put("otherCommands", counters.otherCommands());
    values.put("unitAttentions", counters.unitAttentions());
    values.put("errors", counters.errors());
    return values;
  }

  private static List<StateRow> targets(Engine engine) {
    List<StateRow> rows = new ArrayList<>();
    for (TargetDevice target : engine.targets()) {
      TargetDevice.TargetSettings settings = target.settings();
      Map<String, Object> values = new LinkedHashMap<>();
      List<String> luns = new ArrayList<>();
      List<String> missing = new ArrayList<>();
      settings
          .luns()
          .forEach((lun, unit) -> {
            luns.add(lun + ":" + unit);
            if (engine.unit(unit).isEmpty()) {
              missing.add(lun + ":" + unit);
            }
          });
      values.put("state", missing.isEmpty() ? "ready" : "incomplete");
      if (!missing.isEmpty()) {
        values.put("reason", "no such logical unit: " + String.join(", ", missing));
      }
      values.put("name", settings.name());
      if (!settings.alias().isEmpty()) {
        values.put("alias", settings.alias());
      }
      values.put("luns", luns);
      values.put("portals", settings.portals().stream().sorted().toList());
      values.put("sessions", (long) target.nexusCount());
      rows.add(new StateRow(settings.label(), target.pid(), values));
    }
    return rows;
  }

  private static List<StateRow> portGroups(Engine engine) {
    List<StateRow> rows = new ArrayList<>();
    for (PortGroup group : engine.portGroups()) {
      PortGroup.Settings settings = group.settings();
      Map<String, Object> values = new LinkedHashMap<>();
      values.put("state", group.state().text());
      if (group.state() != settings.state()) {
        values.put("reason", "an initiator set it; configured is " + settings.state().text());
      }
      values.put("id", (long) settings.id());
      values.put("ports", engine.portNames(group));
      String pid = settings.pid();
      rows.add(new StateRow(pid.substring(pid.indexOf('~') + 1), pid, values));
    }
    return rows;
  }

  private static List<StateRow> buffers(Engine engine) {
    TransferBudget budget = engine.budget();
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("state", "ready");
    values.put("totalBytes", budget.totalBytes());
    values.put("usedBytes", budget.usedBytes());
    values.put("waitingCommands", (long) budget.waitingCommands());
    return List.of(new StateRow("transfer", "org.jtgt.scsi", values));
  }
}
