// SPDX-License-Identifier: Apache-2.0
package org.jtgt.shell;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jtgt.admin.Admin;
import org.jtgt.admin.AdminException;
import org.jtgt.admin.Attribute;
import org.jtgt.admin.Category;
import org.jtgt.admin.ManagedObject;
import org.jtgt.admin.ObjectType;
import org.jtgt.admin.Origin;
import org.jtgt.state.StateRow;

/** What the commands show, as text. */
final class Views {
  private static final Set<String> COUNTERS =
      Set.of("lu", "session", "connection", "portal", "target", "buffers");

  private final Admin admin;

  Views(Admin admin) {
    this.admin = admin;
  }

  /** Refuses what is neither a category nor a type, and names both. */
  void requireKind(String word) {
    List<String> categories = Stream.of(Category.values()).map(Category::word).toList();
    if (!categories.contains(word)) {
      try {
        admin.type(word);
      } catch (AdminException unknown) {
        throw new Refusal(
            Refusal.FAILED,
            unknown.getMessage() + "; or a category: " + String.join(", ", categories));
      }
    }
  }

  String list(String filter) {
    List<ManagedObject> objects =
        admin.objects().stream()
            .filter(o ->
                filter.isEmpty()
                    || o.category().word().equals(filter)
                    || o.type().equals(filter)
                    || o.typePid().equals(filter))
            .toList();
    if (!filter.isEmpty() && objects.isEmpty()) {
      requireKind(filter);
    }
    var table = new Table("CATEGORY", "TYPE", "NAME", "STATE", "DETAILS", "REASON");
    for (ManagedObject o : objects) {
      table.row(o.category().word(), o.type(), o.name(), o.state(), values(o.values()), o.reason());
    }
    var text = new StringBuilder(table.isEmpty() ? "There is none.\n" : table.text());
    if (filter.isEmpty()) {
      admin.live("file").stream()
          .filter(row -> !text(row, "reason").isEmpty())
          .forEach(row ->
              text.append(
                  "%s: %s: %s%n".formatted(row.name(), text(row, "file"), text(row, "reason"))));
    }
    return text.toString();
  }

  String types() {
    var table = new Table("CATEGORY", "TYPE", "TITLE", "BUNDLE");
    for (ObjectType type : admin.types()) {
      if (ours(type)) {
        table.row(type.category().word(), type.word(), type.title(), type.bundle());
      }
    }
    return table.text();
  }

  /** False for what bundles of others let an operator set, which is none of our business. */
  static boolean ours(ObjectType type) {
    return type.category() != Category.OTHER || type.pid().startsWith("org.jtgt.");
  }

  String type(ObjectType type) {
    var table = new Table("KEY", "NEEDED", "DEFAULT", "ALLOWED", "MEANING");
    for (Attribute a : type.attributes()) {
      table.row(
          a.key(),
          a.required() ? "yes" : "",
          String.join(",", a.defaults()),
          a.allowed(),
          a.description().isEmpty() ? a.title() : a.description());
    }
    return "%s: %s (%s)%n%s%n%s"
        .formatted(type.word(), type.title(), type.pid(), line(type.description()), table.text());
  }

  String show(ManagedObject object) {
    var table = new Table("KEY", "VALUE", "DEFAULT");
    table.row("pid", object.pid(), "");
    table.row("state", object.state(), "");
    if (!object.reason().isEmpty()) {
      table.row("reason", object.reason(), "");
    }
    table.row("madeBy", origin(object.origin()), "");
    object.usedBy().forEach(user -> table.row("usedBy", user, ""));
    admin.types().stream()
        .filter(type -> type.pid().equals(object.typePid()))
        .flatMap(type -> type.attributes().stream())
        .forEach(a ->
            table.row(
                a.key(),
                object.values().getOrDefault(a.key(), ""),
                String.join(",", a.defaults())));
    var live = new Table("LIVE", "VALUE");
    COUNTERS.stream()
        .sorted()
        .flatMap(kind -> admin.live(kind).stream())
        .filter(row -> row.pid().equals(object.pid()))
        .forEach(row -> row.values().forEach((key, value) -> live.row(key, shown(value))));
    return table.text() + (live.isEmpty() ? "" : "\n" + live.text());
  }

  String live(String kind) {
    if (!COUNTERS.contains(kind)) {
      throw new Refusal(
          Refusal.USAGE,
          "'"
              + kind
              + "' is not known; allowed: "
              + COUNTERS.stream().sorted().collect(Collectors.joining(", ")));
    }
    List<StateRow> rows = admin.live(kind);
    if (rows.isEmpty()) {
      return "There is no " + kind + ".\n";
    }
    var keys = new LinkedHashSet<String>();
    rows.forEach(row -> keys.addAll(row.values().keySet()));
    var head = new java.util.ArrayList<String>(List.of(kind.toUpperCase(java.util.Locale.ROOT)));
    head.addAll(keys);
    var table = new Table(head);
    for (StateRow row : rows) {
      var cells = new java.util.ArrayList<String>(List.of(row.name()));
      keys.forEach(key -> cells.add(text(row, key)));
      table.row(cells);
    }
    return table.text();
  }

  private static String line(String text) {
    return text.isEmpty() ? "" : text + "\n";
  }

  private static String origin(Origin origin) {
    return origin.words();
  }

  private static String values(Map<String, String> values) {
    return values.entrySet().stream()
        .map(e -> e.getKey() + "=" + e.getValue())
        .collect(Collectors.joining(" "));
  }

  static String text(StateRow row, String key) {
    Object value = row.values().get(key);
    return value == null ? "" : shown(value);
  }

  private static String shown(Object value) {
    return switch (value) {
      case Instant time -> time.truncatedTo(ChronoUnit.SECONDS).toString();
      case Duration time -> time.toString().substring(2).toLowerCase(java.util.Locale.ROOT);
      case Iterable<?> items -> {
        var texts = new java.util.ArrayList<String>();
        items.forEach(item -> texts.add(String.valueOf(item)));
        yield String.join(",", texts);
      }
      default -> value.toString();
    };
  }
}
