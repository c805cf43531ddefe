// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jtgt.admin.Category;
import org.jtgt.state.StateRow;
import org.jtgt.state.StateSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the bundles publish of their live objects. */
final class LiveState {
  private static final Logger LOG = LoggerFactory.getLogger("org.jtgt.admin");
  private static final String SESSION = "session";

  private final Supplier<? extends Collection<StateSource>> sources;

  LiveState(Supplier<? extends Collection<StateSource>> sources) {
    this.sources = sources;
  }

  /** Rows of that kind, by name. */
  List<StateRow> rows(String kind) {
    var rows = new ArrayList<StateRow>();
    for (StateSource source : sources.get()) {
      if (source.kind().equals(kind)) {
        rows.addAll(rows(source));
      }
    }
    rows.sort(Comparator.comparing(StateRow::name));
    return rows;
  }

  /** Conditions that rows tell, by PID; a row without a state or PID tells none. */
  Map<String, Condition> conditions() {
    var conditions = new HashMap<String, Condition>();
    for (StateSource source : sources.get()) {
      for (StateRow row : rows(source)) {
        String state = text(row, "state");
        if (!row.pid().isEmpty() && !state.isEmpty()) {
          conditions.merge(
              row.pid(),
              new Condition(state, text(row, "reason")),
              (a, b) -> a.reason().isEmpty() ? b : a);
        }
      }
    }
    return conditions;
  }

  /** Reasons of rows that tell no state: what is wrong about an object that runs all the same. */
  Map<String, String> notes() {
    var notes = new HashMap<String, String>();
    for (StateSource source : sources.get()) {
      for (StateRow row : rows(source)) {
        String reason = text(row, "reason");
        if (!row.pid().isEmpty() && text(row, "state").isEmpty() && !reason.isEmpty()) {
          notes.put(row.pid(), reason);
        }
      }
    }
    return notes;
  }

  /** The sessions that use a target or portal, in words. */
  List<String> sessions(Entry entry) {
    String name =
        switch (entry.category()) {
          case TARGET -> Model.targetName(entry);
          case PORTAL -> entry.name();
          case STORE, LU, LOGIN, PORTGROUP, SETTINGS, OTHER -> "";
        };
    if (name.isEmpty()) {
      return List.of();
    }
    String key = entry.category().word();
    return rows(SESSION).stream()
        .filter(row -> {
          String used = text(row, key);
          return used.equals(name)
              || (entry.category() == Category.TARGET && used.equals(entry.name()));
        })
        .map(row -> "session " + row.name() + initiator(row))
        .toList();
  }

  private static String initiator(StateRow row) {
    String initiator = text(row, "initiator");
    return initiator.isEmpty() ? "" : " of " + initiator;
  }

  static String text(StateRow row, String key) {
    Object value = row.values().get(key);
    return value == null ? "" : value.toString();
  }

  private static List<StateRow> rows(StateSource source) {
    try {
      return source.rows();
    } catch (RuntimeException e) {
      // A source that is going away must not keep the operator from seeing the others.
      LOG.warn("The live state of kind {} cannot be read: {}", source.kind(), e.toString());
      return List.of();
    }
  }
}
