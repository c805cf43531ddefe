// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jtgt.admin.AdminException;
import org.jtgt.admin.AdminException.Problem;
import org.jtgt.admin.Origin;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Stores the difference between two models. */
final class Configurations {
  private static final Logger LOG = LoggerFactory.getLogger("org.jtgt.admin");

  /** Visible to every bundle: whoever offers the type gets it, also after an upgrade. */
  private static final String ANY_LOCATION = "?";

  private final ConfigurationAdmin admin;
  private final ChangeRecord record;

  Configurations(ConfigurationAdmin admin, ChangeRecord record) {
    this.admin = admin;
    this.record = record;
  }

  /** The parts of the change from one model to another; nothing is changed yet. */
  private static List<Part<?>> parts(Model before, Model after, Origin asker) {
    boolean withFiles = asker.kind() == Origin.Kind.COMMAND;
    List<Part<?>> parts = new ArrayList<>();
    for (Entry old : before.entries()) {
      if (after.get(old.pid()).isEmpty()) {
        if (withFiles) {
          MadeByFile.deleted(old).ifPresent(parts::add);
        }
        parts.add(new Part.OfConfiguration(Optional.of(old), Optional.empty()));
      }
    }
    for (Entry fresh : after.entries()) {
      Optional<Entry> old = before.get(fresh.pid());
      if (old.isPresent() && old.get().sameAs(fresh)) {
        continue;
      }
      if (withFiles && old.isPresent()) {
        MadeByFile.rewritten(before, old.get(), fresh).ifPresent(parts::add);
      }
      parts.add(new Part.OfConfiguration(old, Optional.of(fresh)));
    }
    return parts;
  }

  /**
   * Stores what differs: all of it, also over a crash in the middle, or, when a part fails,
   * nothing.
   *
   * @param asker a command also changes or deletes the file that made an object
   */
  Stored store(Model before, Model after, Origin asker) {
    List<Part<?>> parts = parts(before, after, asker);
    boolean together = begin(parts);
    Deque<Part<?>> begun = new ArrayDeque<>();
    try {
      for (Part<?> part : parts) {
        begun.push(part);
        put(part, true);
      }
    } catch (IOException | RuntimeException e) {
      takeBack(begun, together);
      throw e instanceof AdminException refused ? refused : stopped(what(begun.element()), e);
    }
    if (together) {
      end();
    }
    return new Stored(
        parts.stream()
            .filter(Part.OfConfiguration.class::isInstance)
            .map(Configurations::what)
            .toList(),
        () -> undo(parts, begun));
  }

  /**
   * What was done.
   *
   * @param pids that were changed
   * @param undo puts everything back
   */
  record Stored(List<String> pids, Runnable undo) {}

  private void undo(List<Part<?>> parts, Deque<Part<?>> begun) {
    takeBack(begun, begin(parts));
  }

  /**
   * Keeps a record of several parts; one alone is stored whole or not at all.
   *
   * @return whether there is a record
   */
  private boolean begin(List<Part<?>> parts) {
    boolean together = parts.size() > 1;
    try {
      if (together) {
        record.begin(parts);
      }
    } catch (IOException e) {
      throw stopped("", e);
    }
    return together;
  }

  private static AdminException stopped(String pid, Exception why) {
    return new AdminException(
        Problem.STORAGE, pid, "", "", "cannot be stored: " + why.getMessage());
  }

  private static String what(Part<?> part) {
    return switch (part) {
      case Part.OfConfiguration of -> of.any().pid();
      case Part.OfFile of -> of.file().toString();
    };
  }

  private void takeBack(Deque<Part<?>> begun, boolean together) {
    boolean all = true;
    try {
      if (together) {
        record.turnBack();
      }
    } catch (IOException e) {
      LOG.error("A crash now would leave a part of a change that failed", e);
    }
    for (Part<?> part : begun) {
      try {
        put(part, false);
      } catch (IOException | RuntimeException e) {
        all = false;
        LOG.error("A change of {} that failed could not be taken back", what(part), e);
      }
    }
    if (together && all) {
      end();
    }
  }

  private void end() {
    try {
      record.end();
    } catch (IOException e) {
      LOG.warn("A change that has ended is done once more before the next: {}", e.getMessage());
    }
  }

  /**
   * Ends what a crash, or a disk that failed, left in the middle.
   *
   * <p>It is carried out, not taken back, if none of its parts had failed: components have taken
   * what was stored, and initiators may have written to the disk that it makes of it.
   *
   * @throws AdminException when it cannot be; then nothing else may be changed
   */
  void finish() {
    try {
      Optional<ChangeRecord.Unfinished> found = record.unfinished();
      if (found.isEmpty()) {
        return;
      }
      boolean forward = found.get().forward();
      List<Part<?>> parts = found.get().parts();
      for (Part<?> part : forward ? parts : parts.reversed()) {
        put(part, forward);
      }
      record.end();
      LOG.warn(
          "Changes that were interrupted are {} now: {}",
          forward ? "carried out" : "taken back",
          parts.stream().map(Configurations::what).collect(Collectors.joining(", ")));
    } catch (IOException | RuntimeException e) {
      throw new AdminException(
          Problem.STORAGE,
          "",
          "",
          "",
          "changes that were interrupted cannot be ended: "
              + e.getMessage()
              + "; it is tried again with each change");
    }
  }

  private void put(Part<?> part, boolean forward) throws IOException {
    switch (part) {
      case Part.OfFile of -> MadeByFile.put(of.file(), forward ? of.after() : of.before());
      case Part.OfConfiguration of -> {
        Optional<Entry> wanted = forward ? of.after() : of.before();
        if (wanted.isPresent()) {
          write(wanted.get());
        } else {
          find(of.any()).delete();
        }
      }
    }
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
}
