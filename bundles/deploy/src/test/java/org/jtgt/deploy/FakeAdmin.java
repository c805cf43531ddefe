// SPDX-License-Identifier: Apache-2.0
package org.jtgt.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import org.jtgt.admin.Admin;
import org.jtgt.admin.AdminException;
import org.jtgt.admin.AdminException.Problem;
import org.jtgt.admin.Category;
import org.jtgt.admin.Change;
import org.jtgt.admin.ContentChange;
import org.jtgt.admin.ManagedObject;
import org.jtgt.admin.ObjectType;
import org.jtgt.admin.Origin;
import org.jtgt.admin.Result;
import org.jtgt.state.StateRow;

/** An administration in memory that refuses the key {@code wrong} and types it does not know. */
final class FakeAdmin implements Admin {
  final Map<String, ManagedObject> objects = new TreeMap<>();
  final Map<String, ObjectType> types = new HashMap<>();
  final List<String> made = new ArrayList<>();
  int applies;

  FakeAdmin() {
    type("org.jtgt.backstore.file", Category.STORE);
    type("org.jtgt.scsi.lu", Category.LU);
    type("org.jtgt.scsi.target", Category.TARGET);
    type("org.jtgt.iscsi.portal", Category.PORTAL);
  }

  void type(String pid, Category category) {
    types.put(
        pid, new ObjectType(pid, category.word(), category, true, "", "", List.of(), "bundle"));
  }

  void put(String type, String name, Origin origin, Map<String, String> values) {
    String pid = type + "~" + name;
    objects.put(
        pid,
        new ManagedObject(
            pid, type, type, Category.OTHER, name, values, origin, "active", "", List.of()));
  }

  /** The values of an object that is there. */
  Map<String, String> values(String pid) {
    return Objects.requireNonNull(objects.get(pid), pid).values();
  }

  @Override
  public List<ObjectType> types() {
    return List.copyOf(types.values());
  }

  @Override
  public ObjectType type(String word) {
    return Objects.requireNonNull(types.get(word));
  }

  @Override
  public List<ManagedObject> objects() {
    return List.copyOf(objects.values());
  }

  @Override
  public Optional<ManagedObject> object(String type, String name) {
    return Optional.ofNullable(objects.get(type + "~" + name));
  }

  @Override
  public Result apply(List<Change> changes, Origin origin) {
    applies++;
    Change change = changes.getFirst();
    String pid = change.type() + "~" + change.name();
    switch (change) {
      case Change.Declare declare -> {
        if (!types.containsKey(declare.type())) {
          throw new AdminException(Problem.UNKNOWN_TYPE, "", "", "", "no bundle offers it");
        }
        if (declare.values().containsKey("wrong")) {
          throw new AdminException(Problem.UNKNOWN_KEY, pid, "wrong", "", "is unknown");
        }
        if (objects.containsKey(pid) && objects.get(pid).values().equals(declare.values())) {
          return new Result(List.of(), Set.of(), List.of());
        }
        boolean existed = objects.containsKey(pid);
        put(declare.type(), declare.name(), origin, declare.values());
        made.add(pid);
        return new Result(List.of(pid), existed ? Set.of() : Set.of(pid), List.of());
      }
      case Change.Remove remove -> objects.remove(pid);
      default -> throw new UnsupportedOperationException(change.toString());
    }
    return new Result(List.of(pid), Set.of(), List.of());
  }

  @Override
  public Map<String, String> read(Path file) {
    var properties = new Properties();
    try (var in = Files.newBufferedReader(file)) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    var values = new TreeMap<String, String>();
    properties.forEach((key, value) -> values.put((String) key, (String) value));
    return values;
  }

  @Override
  public Duration carryOut(ContentChange change) {
    throw new UnsupportedOperationException(change.toString());
  }

  @Override
  public boolean keepsSnapshots(String name) {
    return false;
  }

  @Override
  public List<StateRow> live(String kind) {
    return List.of();
  }
}
