// SPDX-License-Identifier: Apache-2.0
package org.jtgt.shell;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jtgt.admin.Admin;
import org.jtgt.admin.Category;
import org.jtgt.admin.Change;
import org.jtgt.admin.ContentChange;
import org.jtgt.admin.ManagedObject;
import org.jtgt.state.StateRow;

/** Snapshots of disks in use, and what can be made of them. A snapshot is called DISK@SNAPSHOT. */
final class SnapshotCommands {
  static final char AT = '@';

  /** What an overlay is called that a disk gets for its first snapshot. */
  private static final String COVER = ".cow";

  private final Admin admin;
  private final Disks disks;

  SnapshotCommands(Admin admin, Disks disks) {
    this.admin = admin;
    this.disks = disks;
  }

  /**
   * A snapshot by its name.
   *
   * @param of the disk, or the store
   */
  record Name(String of, String snapshot) {
    static Name parse(String word) {
      int at = word.indexOf(AT);
      if (at <= 0 || at == word.length() - 1) {
        throw new Refusal(Refusal.USAGE, "'" + word + "' is no snapshot; allowed: DISK@SNAPSHOT");
      }
      return new Name(word.substring(0, at), word.substring(at + 1));
    }
  }

  /** Takes snapshots of disks at one moment; a disk whose store keeps none gets an overlay. */
  String take(List<String> words, Map<String, String> values) {
    List<Name> names = words.stream().map(Name::parse).toList();
    String snapshot = names.getFirst().snapshot();
    if (names.stream().anyMatch(name -> !name.snapshot().equals(snapshot))) {
      throw new Refusal(
          Refusal.USAGE, "snapshots that are taken together have one name: '" + snapshot + "'");
    }
    if (!snapshot.matches("[A-Za-z0-9][A-Za-z0-9._:+-]{0,63}")) {
      throw new Refusal(
          Refusal.USAGE,
          "the name '%s' is not allowed; allowed: 1 to 64 of A-Z a-z 0-9 . _ : + -"
              .formatted(snapshot));
    }
    var text = new StringBuilder();
    for (Name name : names) {
      text.append(covered(name.of(), values));
    }
    Duration waited =
        admin.carryOut(
            new ContentChange.TakeSnapshot(names.stream().map(Name::of).toList(), snapshot));
    words.forEach(word -> text.append(word).append(": taken"));
    return text + waited(waited);
  }

  private String covered(String disk, Map<String, String> values) {
    if (admin.keepsSnapshots(disk) || admin.object("lu", disk).isEmpty()) {
      if (!values.isEmpty()) {
        throw new Refusal(
            Refusal.USAGE,
            "'%s=' is for the overlay of a first snapshot; %s has one, or is no disk"
                .formatted(values.keySet().iterator().next(), disk));
      }
      return "";
    }
    String overlay = disk + COVER;
    Map<String, String> all = withPath(overlay, values);
    admin.carryOut(new ContentChange.Cover(disk, overlay, all));
    return "%s: stands on the overlay %s now; what is written lies in %s%n"
        .formatted(disk, overlay, all.get("path"));
  }

  private Map<String, String> withPath(String overlay, Map<String, String> values) {
    var all = new LinkedHashMap<>(values);
    if (!all.containsKey("path")) {
      all.put("path", disks.folder("overlays").resolve(overlay).toString());
    }
    return all;
  }

  private static String waited(Duration time) {
    return "; I/O waited %d ms%n".formatted(time.toMillis());
  }

  String rollBack(String word, boolean force) {
    Name name = Name.parse(word);
    Duration waited = admin.carryOut(new ContentChange.RollBack(name.of(), name.snapshot(), force));
    return name.of() + ": is as it was at " + name.snapshot() + waited(waited);
  }

  String discard(String disk, boolean force) {
    return disk
        + ": is as its base"
        + waited(admin.carryOut(new ContentChange.Discard(disk, force)));
  }

  String commit(String disk, boolean detach) {
    admin.carryOut(new ContentChange.Commit(disk, detach));
    return disk + (detach ? ": stands on its base, which holds all\n" : ": its base holds all\n");
  }

  String delete(List<String> words) {
    var text = new StringBuilder();
    for (String word : words) {
      Name name = Name.parse(word);
      admin.carryOut(new ContentChange.DeleteSnapshot(name.of(), name.snapshot()));
      text.append(word).append(": removed\n");
    }
    return text.toString();
  }

  /**
   * The changes that make a disk of a snapshot: one to be read with {@code readOnly=true}, else a
   * writable one that keeps what is written in an overlay.
   */
  List<Change> clone(String word, String disk, Map<String, String> given) {
    Name name = Name.parse(word);
    requireSnapshot(word);
    var values = new LinkedHashMap<>(given);
    String target = Disks.taken(values, "target").orElse(disk);
    OptionalInt lun = Disks.taken(values, "lun").map(Disks::lun).orElse(OptionalInt.empty());
    String readOnly = Disks.taken(values, "readOnly").orElse("false");
    boolean reads = readOnly.equals("true");
    String shown = reads ? disk : disk + ".base";
    var changes = new ArrayList<Change>();
    changes.add(
        new Change.Create(
            "snapshot",
            shown,
            Map.of("of", keeper(admin.objects(), name.of()), "snapshot", name.snapshot())));
    if (reads && !values.isEmpty()) {
      throw new Refusal(
          Refusal.USAGE, "'" + values.keySet().iterator().next() + "=' is for a writable clone");
    }
    if (!reads) {
      Map<String, String> overlay = withPath(disk, values);
      overlay.put("base", shown);
      changes.add(new Change.Create("overlay", disk, overlay));
    }
    changes.add(new Change.Create("lu", disk, Map.of("store", disk, "readOnly", readOnly)));
    disks.map(changes, target, lun, disk);
    return changes;
  }

  private void requireSnapshot(String word) {
    List<String> there = names();
    if (!there.contains(word)) {
      throw new Refusal(
          Refusal.FAILED,
          "there is no snapshot '%s'%s"
              .formatted(word, there.isEmpty() ? "" : "; there is " + String.join(", ", there)));
    }
  }

  /** The names of all snapshots, as commands take them. */
  List<String> names() {
    return admin.live("snapshot").stream().map(StateRow::name).toList();
  }

  /** The store that holds a disk's data: filters above it come and go. */
  private static String keeper(List<ManagedObject> objects, String disk) {
    String store = store(objects, Category.LU, disk).orElse(disk);
    Optional<String> below = store(objects, Category.STORE, store);
    while (below.isPresent()) {
      store = below.get();
      below = store(objects, Category.STORE, store);
    }
    return store;
  }

  /** The store that an object names. */
  private static Optional<String> store(
      List<ManagedObject> objects, Category category, String name) {
    return objects.stream()
        .filter(o -> o.category() == category && o.name().equals(name))
        .findFirst()
        .map(o -> o.values().get("store"));
  }

  /**
   * All snapshots, with the stores that show them.
   *
   * @param of of this disk or store only; empty: of all
   */
  String list(String of) {
    List<ManagedObject> objects = admin.objects();
    var table = new Table("SNAPSHOT", "STORE", "CREATED", "USED BY");
    for (StateRow row : admin.live("snapshot")) {
      String store = Views.text(row, "store");
      if (of.isEmpty() || of.equals(store) || row.name().startsWith(of + AT)) {
        String disk = row.name().substring(0, row.name().indexOf(AT));
        table.row(
            row.name(),
            store,
            Views.text(row, "created"),
            users(objects, keeper(objects, disk), row));
      }
    }
    return table.isEmpty() ? "There is none.\n" : table.text();
  }

  private static String users(List<ManagedObject> objects, String keeper, StateRow row) {
    return String.join(
        ", ",
        objects.stream()
            .filter(o -> o.values().getOrDefault("of", "").equals(keeper))
            .filter(
                o -> o.values().getOrDefault("snapshot", "").equals(Views.text(row, "snapshot")))
            .map(ManagedObject::name)
            .toList());
  }
}
