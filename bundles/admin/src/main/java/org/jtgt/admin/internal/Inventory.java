// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Dictionary;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.jtgt.admin.AdminException;
import org.jtgt.admin.AdminException.Problem;
import org.jtgt.admin.Attribute;
import org.jtgt.admin.ObjectType;
import org.jtgt.admin.Origin;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;

/**
 * What Configuration Admin has, as a model. It is read whole once; after that only what has changed
 * is read again, since a listing copies all that there is. It is read whole again when the
 * installed types change, when more than a few configurations have, and after a failure.
 *
 * <p>Safe for several threads.
 */
final class Inventory {
  /** Each is searched for among all: of more, reading all is faster. */
  private static final int FEW = 4;

  private final ConfigurationAdmin admin;
  private final Supplier<List<ObjectType>> catalog;
  private final Set<String> changed = ConcurrentHashMap.newKeySet();
  private volatile boolean told = true;
  private @Nullable Model known;

  /**
   * @param catalog the installed types, another list when they have changed
   */
  Inventory(ConfigurationAdmin admin, Supplier<List<ObjectType>> catalog) {
    this.admin = admin;
    this.catalog = catalog;
  }

  /** A configuration is another one now, or gone; Configuration Admin says so before it returns. */
  void changed(String pid) {
    changed.add(pid);
  }

  /** Nobody tells of changes any more: from now on all is read each time. */
  void toldNoMore() {
    told = false;
  }

  /** The installed types. */
  List<ObjectType> types() {
    return catalog.get();
  }

  /**
   * All configurations as they are; the caller's own to change.
   *
   * @throws AdminException when they cannot be read
   */
  synchronized Model model() {
    List<ObjectType> types = types();
    Model model = known;
    // Until it is known again: whatever goes wrong, nothing stays as it was.
    known = null;
    if (model == null || !told || model.types() != types || changed.size() > FEW) {
      changed.clear();
      model = new Model(types, List.of());
      read(model, null).forEach(model::put);
    } else {
      for (String pid : List.copyOf(changed)) {
        again(model, pid);
      }
    }
    known = model;
    return model.copy();
  }

  private void again(Model model, String pid) {
    // First: what changes while it is read is read once more.
    changed.remove(pid);
    List<Entry> found = read(model, only(pid));
    if (found.isEmpty()) {
      model.remove(pid);
    }
    found.forEach(model::put);
  }

  private List<Entry> read(Model model, @Nullable String filter) {
    var entries = new ArrayList<Entry>();
    for (Configuration configuration : list(filter)) {
      try {
        Dictionary<String, Object> properties = configuration.getProperties();
        if (properties != null) {
          entry(configuration, properties, model).ifPresent(entries::add);
        }
      } catch (IllegalStateException deletedMeanwhile) {
        // Another caller has removed it since it was listed.
        continue;
      }
    }
    return entries;
  }

  /**
   * Configurations as they are stored.
   *
   * @param filter which; null for all
   * @throws AdminException when they cannot be read
   */
  List<Configuration> list(@Nullable String filter) {
    try {
      Configuration[] found = admin.listConfigurations(filter);
      return found == null ? List.of() : List.of(found);
    } catch (IOException e) {
      throw new AdminException(
          Problem.STORAGE, "", "", "", "the configurations cannot be read: " + e.getMessage());
    } catch (InvalidSyntaxException neverOfOurs) {
      throw new IllegalStateException(neverOfOurs);
    }
  }

  /** The filter that finds one configuration (OSGi Core 3.2.7). */
  static String only(String pid) {
    return "(service.pid=" + pid.replaceAll("[\\\\*()]", "\\\\$0") + ")";
  }

  private static Optional<Entry> entry(
      Configuration configuration, Dictionary<String, Object> properties, Model model) {
    String pid = configuration.getPid();
    String factoryPid = configuration.getFactoryPid();
    String typePid = factoryPid == null ? pid : factoryPid;
    Optional<ObjectType> type = model.installed(typePid);
    // Made through here, though the bundle that brings its type is missing now.
    boolean administered = properties.get(Origin.KEY) != null;
    if (type.isEmpty() && !administered && !Categories.ours(typePid)) {
      return Optional.empty();
    }
    var keys = new LinkedHashSet<String>();
    type.ifPresent(t -> t.attributes().stream().map(Attribute::key).forEach(keys::add));
    keys.addAll(new TreeSet<>(Collections.list(properties.keys())));
    var values = new LinkedHashMap<String, Object>();
    for (String key : keys) {
      Object value = properties.get(key);
      if (value != null && !reserved(key)) {
        values.put(key, value);
      }
    }
    Object origin = properties.get(Origin.KEY);
    String name =
        factoryPid == null
            ? Categories.lastSegment(pid)
            : pid.startsWith(factoryPid) && pid.length() > factoryPid.length() + 1
                ? pid.substring(factoryPid.length() + 1)
                : pid;
    return Optional.of(
        new Entry(
            pid,
            typePid,
            type.map(ObjectType::category)
                .orElseGet(() -> Categories.of(typePid, factoryPid != null)),
            name,
            Collections.unmodifiableMap(values),
            origin == null ? Origin.OTHER : Origin.parse(origin.toString())));
  }

  private static boolean reserved(String key) {
    return key.equals(Origin.KEY)
        || key.startsWith(".")
        || key.startsWith("service.")
        || key.startsWith("felix.fileinstall.");
  }
}
