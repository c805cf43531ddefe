// SPDX-License-Identifier: Apache-2.0
package org.jtgt.shell;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jtgt.admin.Admin;
import org.jtgt.admin.AdminException;
import org.jtgt.admin.AdminException.Problem;
import org.jtgt.admin.Attribute;
import org.jtgt.admin.Category;
import org.jtgt.admin.Change;
import org.jtgt.admin.ContentChange;
import org.jtgt.admin.ManagedObject;
import org.jtgt.admin.ObjectType;
import org.jtgt.admin.Origin;
import org.jtgt.admin.Result;
import org.jtgt.admin.ValueType;
import org.jtgt.state.StateRow;

/** An administration that remembers what it was asked for and shows what a test gave it. */
final class MemoryAdmin implements Admin {
  Optional<String> underWay = Optional.empty();
  final List<Change> changes = new ArrayList<>();
  final List<ManagedObject> objects = new ArrayList<>();
  final List<StateRow> rows = new ArrayList<>();
  final List<StateRow> snapshots = new ArrayList<>();
  final List<ContentChange> contentChanges = new ArrayList<>();
  final List<String> keepers = new ArrayList<>();
  Optional<AdminException> refusal = Optional.empty();

  private static Attribute key(String key, boolean required, ValueType type, String... options) {
    return new Attribute(
        key,
        key,
        "",
        type,
        false,
        required,
        List.of(),
        Optional.empty(),
        Optional.empty(),
        List.of(options));
  }

  @Override
  public List<ObjectType> types() {
    return List.of(
        new ObjectType(
            "org.jtgt.backstore.file",
            "file",
            Category.STORE,
            true,
            "File store",
            "",
            List.of(
                key("path", true, ValueType.STRING),
                key("size", false, ValueType.STRING),
                key("readOnly", false, ValueType.BOOLEAN)),
            "b"),
        new ObjectType(
            "org.jtgt.scsi.lu",
            "lu",
            Category.LU,
            true,
            "Logical unit",
            "",
            List.of(
                key("store", true, ValueType.STRING),
                key("blockSize", false, ValueType.INTEGER, "512", "4096")),
            "b"),
        new ObjectType(
            "org.jtgt.scsi.target",
            "target",
            Category.TARGET,
            true,
            "Target",
            "",
            List.of(key("luns", false, ValueType.STRING)),
            "b"));
  }

  void add(String type, Category category, String name, String state, Map<String, String> values) {
    objects.add(
        new ManagedObject(
            "org.jtgt." + type + "~" + name,
            "org.jtgt." + type,
            type,
            category,
            name,
            values,
            Origin.COMMAND,
            state,
            state.equals("failed") ? "path: gone" : "",
            List.of()));
  }

  @Override
  public ObjectType type(String word) {
    return types().stream()
        .filter(t -> t.word().equals(word))
        .findFirst()
        .orElseThrow(
            () -> new AdminException(Problem.UNKNOWN_TYPE, "", "", word, "no type " + word));
  }

  @Override
  public List<ManagedObject> objects() {
    return List.copyOf(objects);
  }

  @Override
  public Optional<ManagedObject> object(String type, String name) {
    return objects.stream()
        .filter(o -> o.type().equals(type) || o.category().word().equals(type))
        .filter(o -> o.name().equals(name))
        .findFirst();
  }

  @Override
  public Optional<String> underWay() {
    return underWay;
  }

  @Override
  public Result apply(List<Change> asked, Origin origin) {
    refusal.ifPresent(r -> {
      throw r;
    });
    changes.addAll(asked);
    return new Result(objects.stream().map(ManagedObject::pid).toList(), Set.of(), List.of());
  }

  @Override
  public Map<String, String> read(Path file) {
    return Map.of();
  }

  @Override
  public Duration carryOut(ContentChange change) {
    refusal.ifPresent(r -> {
      throw r;
    });
    contentChanges.add(change);
    if (change instanceof ContentChange.Cover cover) {
      keepers.add(cover.unit());
    }
    return Duration.ofMillis(3);
  }

  @Override
  public boolean keepsSnapshots(String name) {
    return keepers.contains(name);
  }

  @Override
  public List<StateRow> live(String kind) {
    return switch (kind) {
      case "session" -> List.copyOf(rows);
      case "snapshot" -> List.copyOf(snapshots);
      default -> List.of();
    };
  }
}
