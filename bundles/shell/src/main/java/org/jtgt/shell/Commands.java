// SPDX-License-Identifier: Apache-2.0
package org.jtgt.shell;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jtgt.admin.Admin;
import org.jtgt.admin.AdminException;
import org.jtgt.admin.Bundles;
import org.jtgt.admin.Change;
import org.jtgt.admin.ManagedObject;
import org.jtgt.admin.Origin;
import org.jtgt.admin.Result;

/** The commands as plain Java: words in, text and an exit status out. */
final class Commands {
  /** What a command answers. */
  record Answer(String output, String errors, int status) {}

  private final Admin admin;
  private final Views views;
  private final Disks disks;
  private final SnapshotCommands snapshots;
  private final Settling settling;
  private final Supplier<Optional<Bundles>> bundles;
  private final Consumer<String> notices;

  /**
   * @param notices told at once of what a command waits for
   */
  Commands(
      Admin admin,
      Disks disks,
      Settling settling,
      Supplier<Optional<Bundles>> bundles,
      Consumer<String> notices) {
    this.admin = admin;
    this.notices = notices;
    this.bundles = bundles;
    this.views = new Views(admin);
    this.disks = disks;
    this.snapshots = new SnapshotCommands(admin, disks);
    this.settling = settling;
  }

  /** Runs one command; a refusal is an answer, never an exception. */
  Answer run(String command, List<String> words) {
    Usage.Page page = Usage.PAGES.get(command);
    if (page != null && (words.contains("--help") || words.contains("-h"))) {
      return output(Usage.page(command, page));
    }
    try {
      return switch (command) {
        case "create" -> create(words);
        case "list" -> {
          Words w = Words.parse(command, words, 9).require(command, 0, 1);
          String list = views.list(w.positions().isEmpty() ? "" : w.position(0));
          yield new Answer(
              list,
              admin.underWay().map(change -> "note: under way: " + change + "\n").orElse(""),
              0);
        }
        case "show" -> show(Words.parse(command, words, 9).require(command, 2, 2));
        case "set" -> set(Words.parse(command, words, 2).require(command, 2, 2));
        case "rm" -> remove(Words.parse(command, words, 9));
        case "types" -> {
          Words w = Words.parse(command, words, 9).require(command, 0, 1);
          yield output(
              w.positions().isEmpty() ? views.types() : views.type(admin.type(w.position(0))));
        }
        case "map" -> map(Words.parse(command, words, 9).require(command, 2, 3));
        case "unmap" -> {
          Words w = Words.parse(command, words, 9).require(command, 2, 2);
          yield apply(
              List.of(new Change.UnmapLun(w.position(0), w.position(1), w.force())), "unmapped");
        }
        case "snapshot" -> {
          Words w = Words.parse(command, words, 1).require(command, 1, Integer.MAX_VALUE);
          yield output(snapshots.take(w.positions(), w.values()));
        }
        case "snapshots" -> {
          Words w = Words.parse(command, words, 9).require(command, 0, 1);
          yield output(snapshots.list(w.positions().isEmpty() ? "" : w.position(0)));
        }
        case "clone" -> {
          Words w = Words.parse(command, words, 2).require(command, 2, 2);
          yield apply(snapshots.clone(w.position(0), w.position(1), w.values()), "made");
        }
        case "rollback" -> {
          Words w = Words.parse(command, words, 9).require(command, 1, 1);
          yield output(snapshots.rollBack(w.position(0), w.force()));
        }
        case "discard" -> {
          Words w = Words.parse(command, words, 9).require(command, 1, 1);
          yield output(snapshots.discard(w.position(0), w.force()));
        }
        case "commit" -> {
          Words w = Words.parse(command, words, 9).require(command, 1, 1);
          yield output(snapshots.commit(w.position(0), w.detach()));
        }
        case "sessions" -> {
          Words.parse(command, words, 9).require(command, 0, 0);
          yield output(views.live("session"));
        }
        case "stats" -> {
          Words w = Words.parse(command, words, 9).require(command, 0, 1);
          yield output(views.live(w.positions().isEmpty() ? "lu" : w.position(0)));
        }
        case "install" -> {
          Words w = Words.parse(command, words, 9).require(command, 1, 1);
          yield output(bundles().install(Path.of(w.position(0))) + "\n");
        }
        case "update" -> {
          Words w = Words.parse(command, words, 9).require(command, 1, 1);
          yield output(bundles().update(Path.of(w.position(0)), w.force()) + "\n");
        }
        case "uninstall" -> {
          Words w = Words.parse(command, words, 9).require(command, 1, 1);
          yield output(bundles().uninstall(w.position(0), w.force()) + "\n");
        }
        case "help" -> help(words);
        default ->
            throw new Refusal(
                Refusal.USAGE,
                "there is no such command; allowed: " + String.join(", ", Usage.PAGES.keySet()));
      };
    } catch (Refusal refusal) {
      return new Answer("", command + ": " + refusal.getMessage() + "\n", refusal.status());
    } catch (AdminException refusal) {
      return new Answer("", command + ": " + refusal.getMessage() + "\n", Refusal.FAILED);
    }
  }

  private Bundles bundles() {
    return bundles
        .get()
        .orElseThrow(() -> new Refusal(Refusal.FAILED, "no bundle that deploys jars is running"));
  }

  private static Answer output(String text) {
    return new Answer(text, "", 0);
  }

  private Answer help(List<String> words) {
    if (words.isEmpty()) {
      return output(Usage.overview());
    }
    String command = words.getFirst().replaceFirst("^tgt:", "");
    Usage.Page page = Usage.PAGES.get(command);
    if (page == null) {
      throw new Refusal(
          Refusal.USAGE,
          "there is no command '"
              + command
              + "'; allowed: "
              + String.join(", ", Usage.PAGES.keySet()));
    }
    return output(Usage.page(command, page));
  }

  private Answer create(List<String> words) {
    Words w = Words.parse("create", words, 2).require("create", 2, 2);
    List<Change> changes =
        w.position(0).equals(Disks.WORD)
            ? disks.create(w.position(1), w.values())
            : List.of(new Change.Create(w.position(0), w.position(1), w.values()));
    return apply(changes, "made");
  }

  private Answer set(Words w) {
    if (w.values().isEmpty()) {
      throw new Refusal(Refusal.USAGE, "no key is given; write KEY=VALUE");
    }
    return apply(List.of(new Change.Update(w.position(0), w.position(1), w.values())), "changed");
  }

  private Answer show(Words w) {
    Optional<ManagedObject> object = admin.object(w.position(0), w.position(1));
    if (object.isPresent()) {
      return output(views.show(object.get()));
    }
    views.requireKind(w.position(0));
    List<String> names =
        admin.objects().stream()
            .filter(
                o -> o.type().equals(w.position(0)) || o.category().word().equals(w.position(0)))
            .map(ManagedObject::name)
            .toList();
    throw new Refusal(
        Refusal.FAILED,
        "there is no "
            + w.position(0)
            + " '"
            + w.position(1)
            + "'"
            + (names.isEmpty() ? "" : "; there is " + String.join(", ", names)));
  }

  private Answer remove(Words w) {
    w.noValues().require("rm", 2, Integer.MAX_VALUE);
    List<String> names = w.positions().subList(1, w.positions().size());
    // The name of an object has no @ in it.
    if (w.position(0).equals("snapshot")
        && names.stream().allMatch(name -> name.indexOf(SnapshotCommands.AT) >= 0)) {
      return output(snapshots.delete(names));
    }
    var changes = new ArrayList<Change>();
    for (String name : names) {
      if (w.position(0).equals(Disks.WORD)) {
        changes.addAll(disks.remove(name, w.force()));
      } else {
        changes.add(new Change.Remove(w.position(0), name, w.force()));
      }
    }
    // What is still there has only lost what named it.
    return apply(changes, "changed");
  }

  private Answer map(Words w) {
    OptionalInt lun = OptionalInt.empty();
    if (w.positions().size() == 3) {
      lun = Disks.lun("LUN", w.position(2));
    }
    return apply(List.of(new Change.MapLun(w.position(0), lun, w.position(1))), "mapped");
  }

  private Answer apply(List<Change> changes, String done) {
    admin.underWay().ifPresent(change -> notices.accept("note: waits for: " + change + "\n"));
    Result result = admin.apply(changes, Origin.COMMAND);
    var output = new StringBuilder();
    var errors = new StringBuilder();
    result.warnings().forEach(warning -> errors.append("note: ").append(warning).append('\n'));
    int status = 0;
    for (String pid : result.pids()) {
      Optional<ManagedObject> object = settling.settled(pid);
      output.append(pid).append(": ").append(object.isEmpty() ? "removed" : done);
      if (object.isPresent()) {
        String state = object.get().state();
        output.append(", ").append(state);
        if (state.equals("failed")) {
          status = Refusal.FAILED;
          errors
              .append(pid)
              .append(" does not run: ")
              .append(object.get().reason())
              .append(" (it is tried again; see `list`)\n");
        } else if (!object.get().reason().isEmpty()) {
          errors.append("note: %s: %s%n".formatted(pid, object.get().reason()));
        }
      }
      output.append('\n');
    }
    if (result.pids().isEmpty()) {
      output.append("nothing to change\n");
    }
    return new Answer(output.toString(), errors.toString(), status);
  }
}
