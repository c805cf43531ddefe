// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.Dictionary;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jtgt.admin.AdminException;
import org.jtgt.admin.AdminException.Problem;
import org.jtgt.admin.Attribute;
import org.jtgt.admin.ObjectType;
import org.jtgt.admin.Origin;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads all configurations into a model and stores the difference to another one. */
final class Configurations {
  private static final Logger LOG = LoggerFactory.getLogger("org.jtgt.admin");

  /** Visible to every bundle: whoever offers the type gets it, also after an upgrade. */
  private static final String ANY_LOCATION = "?";

  private final ConfigurationAdmin admin;

  Configurations(ConfigurationAdmin admin) {
    this.admin = admin;
  }

  Model load(List<ObjectType> types) {
    var model = new Model(types, List.of());
    for (Configuration configuration : all()) {
      try {
        Dictionary<String, Object> properties = configuration.getProperties();
        if (properties != null) {
          entry(configuration, properties, types).ifPresent(model::put);
        }
      } catch (IllegalStateException deletedMeanwhile) {
        // Another caller has removed it since it was listed.
        continue;
      }
    }
    return model;
  }

  private List<Configuration> all() {
    try {
      Configuration[] found = admin.listConfigurations(null);
      return found == null ? List.of() : List.of(found);
    } catch (IOException e) {
      throw new AdminException(
          Problem.STORAGE, "", "", "", "the configurations cannot be read: " + e.getMessage());
    } catch (InvalidSyntaxException neverWithoutFilter) {
      throw new IllegalStateException(neverWithoutFilter);
    }
  }

  private static Optional<Entry> entry(
      Configuration configuration, Dictionary<String, Object> properties, List<ObjectType> types) {
    String pid = configuration.getPid();
    String factoryPid = configuration.getFactoryPid();
    String typePid = factoryPid == null ? pid : factoryPid;
    Optional<ObjectType> type = types.stream().filter(t -> t.pid().equals(typePid)).findFirst();
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
            values,
            origin == null ? Origin.OTHER : Origin.parse(origin.toString())));
  }

  private static boolean reserved(String key) {
    return key.equals(Origin.KEY)
        || key.startsWith(".")
        || key.startsWith("service.")
        || key.startsWith("felix.fileinstall.");
  }

  /**
   * Stores what differs; what was stored before a failure is undone.
   *
   * @param asker a command also changes or deletes the file that made an object
   * @return PIDs that were changed
   */
  List<String> store(Model before, Model after, Origin asker) {
    boolean withFiles = asker.kind() == Origin.Kind.COMMAND;
    var changed = new ArrayList<String>();
    Deque<Undo> undo = new ArrayDeque<>();
    String pid = "";
    try {
      var gone = new HashSet<String>();
      for (Entry old : before.entries()) {
        if (after.get(old.pid()).isEmpty()) {
          pid = old.pid();
          gone.add(pid);
          if (withFiles) {
            deleteFile(old, undo);
          }
          undo.push(() -> write(old));
          find(old).delete();
          changed.add(pid);
        }
      }
      for (Entry fresh : after.entries()) {
        Optional<Entry> old = before.get(fresh.pid());
        if (old.isPresent() && old.get().sameAs(fresh)) {
          continue;
        }
        pid = fresh.pid();
        if (withFiles && old.isPresent()) {
          rewriteFile(before, old.get(), fresh, undo);
        }
        undo.push(old.isPresent() ? () -> write(old.get()) : () -> find(fresh).delete());
        write(fresh);
        changed.add(pid);
      }
    } catch (IOException | RuntimeException e) {
      undo(undo);
      if (e instanceof AdminException refused) {
        throw refused;
      }
      throw new AdminException(Problem.STORAGE, pid, "", "", "cannot be stored: " + e.getMessage());
    }
    return changed;
  }

  private static void undo(Deque<Undo> undo) {
    for (Undo step : undo) {
      try {
        step.run();
      } catch (IOException | RuntimeException e) {
        LOG.error("A change that failed could not be undone", e);
      }
    }
  }

  private interface Undo {
    void run() throws IOException;
  }

  private void write(Entry entry) throws IOException {
    Dictionary<String, Object> properties = new Hashtable<>();
    entry.values().forEach(properties::put);
    properties.put(Origin.KEY, entry.origin().text());
    Configuration configuration = find(entry);
    if (!ANY_LOCATION.equals(configuration.getBundleLocation())) {
      configuration.setBundleLocation(ANY_LOCATION);
    }
    configuration.update(properties);
  }

  private Configuration find(Entry entry) throws IOException {
    if (entry.pid().equals(entry.typePid() + "~" + entry.name())) {
      return admin.getFactoryConfiguration(entry.typePid(), entry.name(), ANY_LOCATION);
    }
    return admin.getConfiguration(entry.pid(), ANY_LOCATION);
  }

  private static void deleteFile(Entry entry, Deque<Undo> undo) throws IOException {
    if (entry.origin().kind() != Origin.Kind.FILE) {
      return;
    }
    Path file = Path.of(entry.origin().source());
    try {
      String text = Files.readString(file);
      Files.delete(file);
      undo.push(() -> CfgFile.write(file, text));
    } catch (NoSuchFileException alreadyGone) {
      return;
    } catch (IOException e) {
      throw new AdminException(
          Problem.STORAGE, entry.pid(), "", "", "its file cannot be deleted: " + e);
    }
  }

  private static void rewriteFile(Model model, Entry old, Entry fresh, Deque<Undo> undo)
      throws IOException {
    if (old.origin().kind() != Origin.Kind.FILE) {
      return;
    }
    Path file = Path.of(old.origin().source());
    Map<String, String> given;
    try {
      given = Entry.normalised(model.type(old.typePid()), old.pid(), CfgFile.read(file));
    } catch (AdminException wrong) {
      throw new AdminException(
          Problem.OTHER_ORIGIN,
          old.pid(),
          "",
          "",
          "its file is wrong, correct it first: " + wrong.getMessage());
    }
    if (!given.equals(old.texts())) {
      throw new AdminException(
          Problem.OTHER_ORIGIN,
          old.pid(),
          "",
          "",
          "the file " + file + " has changes that are not applied yet");
    }
    String text = Files.readString(file);
    try {
      CfgFile.write(file, CfgFile.edit(text, fresh.texts()));
    } catch (IOException e) {
      throw new AdminException(
          Problem.STORAGE, old.pid(), "", "", "its file " + file + " cannot be written: " + e);
    }
    undo.push(() -> CfgFile.write(file, text));
  }
}
